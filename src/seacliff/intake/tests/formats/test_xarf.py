"""XARF of both versions, valid and broken, and agreement with the official library."""

import json
from datetime import UTC, datetime

import pytest
import xarf

from seacliff.intake.formats import read_xarf

from . import written


def only(raw):
    message = read_xarf(raw)
    assert message.needs_human == ""
    return message.readings[0]


def changed(**changes) -> dict:
    return written.XARF4_DOCUMENT | changes


def test_a_valid_v4_report_is_read_without_warnings():
    reading = only(written.XARF4)
    assert read_xarf(written.XARF4).format == "xarf4"
    assert (reading.category, reading.target_kind, reading.target_ref) == ("network-attack", "ip", "203.0.113.9")
    assert reading.occurred_at == datetime(2026, 2, 1, 12, tzinfo=UTC)
    assert (reading.reporter_email, reading.reporter_org) == ("desk@pier.example", "Pier Watch")
    assert reading.external_ref == "6f0e2b1c-6d2b-4c3e-9b76-0d1a52c5f001"
    assert reading.evidence[0].content == b"Failed password for root from 203.0.113.9"
    assert (reading.extra["source_port"], reading.extra["xarf_type"]) == (51515, "login_attack")
    assert reading.warnings == ()


def test_bytes_and_an_object_read_alike():
    assert read_xarf(written.XARF4) == read_xarf(written.XARF4_DOCUMENT)


def test_content_is_about_its_link():
    reading = only(written.XARF4_CONTENT)
    assert (reading.category, reading.target_kind) == ("phishing", "url")
    assert reading.target_ref == reading.url == "https://login.tenant.example/verify"


@pytest.mark.parametrize(
    ("changes", "category"),
    [
        ({"category": "content", "type": "csam"}, "child-safety"),
        ({"category": "content", "type": "brand_infringement", "infringement_type": "counterfeit"}, "counterfeit"),
        ({"category": "content", "type": "brand_infringement"}, "trademark"),
        ({"category": "reputation", "type": "blocklist", "threat_type": "spam_source"}, "spam"),
        ({"category": "copyright", "type": "p2p"}, "copyright"),
        ({"category": "connection", "type": "infected_host"}, "compromised-host"),
        ({"category": "vulnerability", "type": "open_service"}, "vulnerable-service"),
        ({"category": "content", "type": "no_such_type"}, "unsorted"),
    ],
)
def test_each_type_has_its_category(changes, category):
    assert only(changed(**changes)).category == category


def test_a_hash_that_does_not_match_is_a_warning():
    evidence = [written.XARF4_DOCUMENT["evidence"][0] | {"hash": "sha256:" + "0" * 64}]
    reading = only(changed(evidence=evidence))
    assert any("doesn't match its hash" in warning for warning in reading.warnings)
    assert reading.evidence[0].content.startswith(b"Failed")


def test_payload_that_is_not_base64_is_kept_as_text():
    reading = only(changed(evidence=[{"content_type": "text/plain", "payload": "plain, not base64!"}]))
    assert reading.evidence[0].content == b"plain, not base64!"
    assert any("not valid base64" in warning for warning in reading.warnings)


def test_a_report_without_evidence_keeps_the_document():
    reading = only(changed(evidence=[]))
    assert reading.evidence[0].name == "report.json"
    assert json.loads(reading.evidence[0].content)["report_id"] == reading.external_ref


def test_the_flat_v3_shape_is_read():
    reading = only(written.XARF3_FLAT)
    assert read_xarf(written.XARF3_FLAT).format == "xarf3"
    assert (reading.category, reading.target_ref, reading.external_ref) == ("network-attack", "192.0.2.33", "M-17")
    assert [found.content for found in reading.evidence] == [b"SYN to 1-1024", b"\x00\x01\x02"]
    assert reading.evidence[1].name == "a.bin"
    assert reading.warnings == ()


def test_the_nested_v3_shape_is_read():
    reading = only(written.XARF3_NESTED)
    assert (reading.category, reading.target_kind, reading.target_ref) == (
        "phishing",
        "url",
        "https://fake.example/bank",
    )
    assert reading.evidence[0].content == b"\x89PNG\r\n\x1a\n"
    assert reading.reporter_email == "cert@mole.example"


def test_a_person_who_is_harassed_names_the_harasser():
    reading = only(written.XARF3_HARASSMENT)
    assert (reading.category, reading.target_kind, reading.target_ref) == ("hate", "user", "@loud_guest")
    assert reading.url == "https://meet.platform.example/r/77"
    assert reading.language == "en"
    assert reading.text.startswith("He shouted slurs")


@pytest.mark.parametrize(
    "changes",
    [
        {"source_identifier": None}, {"timestamp": "yesterday"}, {"reporter": "me"}, {"evidence": {"payload": "x"}},
        {"evidence": [1, None, {}]}, {"category": ["content"]}, {"type": 7}, {"source_port": "many"},
        {"report_id": "not-a-uuid"}, {"tags": [{"a": 1}, 2]}, {"evidence": [{"payload": {"a": 1}, "hash": 5}]},
    ],
)  # fmt: skip
def test_a_broken_field_is_a_warning_and_the_rest_is_read(changes):
    reading = only(changed(**changes))
    assert reading.warnings
    assert reading.evidence


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "not valid JSON"), (b"{", "not valid JSON"), (b"[]", "no XARF"), (b"42", "no XARF"),
        (b'{"hello": 1}', "no XARF"), (b"\xff\xfe\x00", "not valid JSON"), (b"[" * 100_000, "nested too deeply"),
        (b'{"xarf_version":"4",' + b'"a":{' * 100 + b"}" * 101, "nested too deeply"), (None, "neither bytes"),
    ],
)  # fmt: skip
def test_what_is_no_xarf_is_refused_in_a_sentence(raw, words):
    message = read_xarf(raw)
    assert message.readings == ()
    assert words in message.needs_human


def test_a_list_of_documents_gives_a_reading_each_and_says_what_was_missed():
    raw = json.dumps([written.XARF4_DOCUMENT, {"hello": 1}, json.loads(written.XARF3_FLAT)]).encode()
    message = read_xarf(raw)
    assert [reading.target_ref for reading in message.readings] == ["203.0.113.9", "192.0.2.33"]
    assert any("1 of the 3" in warning for warning in message.readings[0].warnings)


def test_a_huge_list_does_not_reach_the_schema_check():
    reading = only(changed(tags=[{"n": n} for n in range(50_000)]))
    assert any("was not checked" in warning for warning in reading.warnings)


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"report_id": "x"}, {"timestamp": "soon"}, {"reporter": {}}, {"category": "content", "type": "phishing"},
        {"category": "nothing", "type": "at_all"}, {"protocol": 5}, {"confidence": 7}, {"evidence": [{"payload": 1}]},
    ],
)  # fmt: skip
def test_our_verdict_on_the_schema_is_the_librarys(changes):
    document = changed(**changes)
    ours = [
        warning for warning in only(document).warnings if "Evidence" not in warning and "timestamp can't" not in warning
    ]
    assert bool(ours) == bool(xarf.parse(document).errors)
