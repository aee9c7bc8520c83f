"""Mails of every kind Seacliff reads, and mails it must refuse in a sentence."""

import gzip
from datetime import UTC, datetime

import pytest

from seacliff.intake.formats import CATEGORIES, TARGET_KINDS, read_mail
from seacliff.intake.formats.reading import MAX_INPUT, MAX_ROWS, MAX_UNPACKED

from . import written


def only(raw: bytes):
    message = read_mail(raw)
    assert message.needs_human == ""
    assert len(message.readings) == 1
    return message.readings[0]


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_a_feedback_report_names_the_address_the_time_and_the_message():
    reading = only(written.ARF)
    assert read_mail(written.ARF).format == "arf"
    assert (reading.category, reading.target_kind, reading.target_ref) == ("spam", "ip", "198.51.100.7")
    assert reading.target_name == "Cheap Webinars"
    assert reading.occurred_at == at(2026, 3, 3, 7, 2, 11)
    assert (reading.reporter_email, reading.reporter_name) == ("fbl@harbour.example", "Harbour Mail Feedback")
    assert reading.external_ref == "<offending-1@tenant.example>"
    assert reading.extra["original_rcpt_to"] == ["a1@harbour.example", "a2@harbour.example"]
    assert reading.extra["message_subject"] == "Grüße from the webinar you never joined"
    assert "Grüße" in reading.text


def test_the_message_complained_about_is_kept_byte_for_byte():
    evidence = only(written.ARF).evidence
    assert [(found.name, found.media_type) for found in evidence] == [("message.eml", "message/rfc822")]
    assert evidence[0].content.startswith(b"Received: from out.platform.example")
    assert evidence[0].content.endswith(b"Join now.")
    assert evidence[0].content in written.ARF


def test_a_feedback_report_that_is_labelled_as_text_is_still_read():
    reading = only(written.ARF_BARE)
    assert (reading.category, reading.target_kind) == ("phishing", "url")
    assert reading.target_ref == "http://login.tenant.example/verify"
    assert reading.occurred_at == at(2026, 3, 5, 15, 0)
    assert any("no copy of the message" in warning for warning in reading.warnings)


def test_a_not_spam_report_says_so_and_claims_no_category():
    reading = only(written.NOT_SPAM)
    assert reading.category == "unsorted"
    assert reading.extra["not_abuse"] is True
    assert any("NOT abuse" in warning for warning in reading.warnings)


def test_an_unknown_feedback_type_is_read_with_a_warning():
    reading = only(written.ARF.replace(b"Feedback-Type: abuse", b"Feedback-Type: annoyance"))
    assert reading.category == "spam"
    assert any("'annoyance'" in warning for warning in reading.warnings)


def test_a_xarf_document_in_a_mail_is_read_as_xarf():
    message = read_mail(written.XARF_MAIL)
    assert message.format == "xarf4"
    reading = message.readings[0]
    assert (reading.category, reading.target_ref) == ("network-attack", "203.0.113.9")
    assert (reading.reporter_org, reading.reporter_email) == ("Pier Watch", "desk@pier.example")
    assert b"Failed password" in reading.evidence[0].content


def test_a_broken_xarf_attachment_is_kept_and_named():
    raw = written.with_attachment("xarf.json", "application/json", b'{"xarf_version": "4.2.0",')
    reading = only(raw)
    assert any("not valid JSON" in warning for warning in reading.warnings)
    assert reading.evidence[0].content == b'{"xarf_version": "4.2.0",'


def test_a_copyright_notice_inside_signed_text_is_read():
    message = read_mail(written.ACNS)
    reading = message.readings[0]
    assert (message.format, reading.category, reading.target_ref) == ("acns", "copyright", "192.0.2.77")
    assert reading.reporter_org == "Lighthouse Pictures & Co"
    assert reading.occurred_at == at(2026, 2, 10, 1, 2, 3)
    assert (reading.external_ref, reading.extra["work"], reading.extra["port"]) == ("C-2026-9", "The Tide", "6881")
    assert reading.evidence[0].media_type == "application/xml"


def test_a_notice_that_declares_entities_is_refused_but_not_lost():
    bomb = written.ACNS.replace(
        b"<Infringement xmlns", b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Infringement xmlns'
    ).replace(b"The Tide<", b"&b;<")
    message = read_mail(bomb)
    assert len(message.readings) == 1
    assert message.readings[0].extra.get("work") != "aaaaaaaa"


def test_every_row_of_a_zipped_table_becomes_a_reading():
    message = read_mail(written.TABLE_MAIL)
    assert (message.format, len(message.readings)) == ("table", 3)
    first, _, third = message.readings
    assert (first.category, first.target_ref, first.target_name) == ("vulnerable-service", "192.0.2.1", "one.example")
    assert first.occurred_at == at(2026, 3, 1, 0, 1, 2)
    assert third.target_ref == "2001:db8::3"
    assert first.evidence[0].content.splitlines()[0].startswith(b"timestamp,ip,port")
    assert first.evidence[1].name.endswith(".zip")


def test_a_table_is_read_up_to_a_limit_and_the_rest_stays_in_the_attachment():
    rows = b"timestamp,ip\n" + b"".join(b"2026-03-01,192.0.%d.%d\n" % (n // 250, n % 250 + 1) for n in range(1500))
    message = read_mail(written.with_attachment("scan_x.csv", "text/csv", rows))
    assert len(message.readings) == MAX_ROWS
    assert any("more than 1000 rows" in warning for warning in message.readings[0].warnings)
    assert message.readings[0].evidence[1].content == rows
    assert len(message.readings[1].evidence) == 1


def test_a_row_that_is_kept_as_a_table_runs_nothing_in_a_spreadsheet():
    rows = b"ip,timestamp,type\n192.0.2.7,2026-03-01T00:00:00Z,=cmd|' /C calc'!A0\n192.0.2.8,2026-03-01T00:00:00Z,@SUM(A1)\n"
    raw = written.with_attachment("feed.csv", "text/csv", rows)
    kept = [found.content for reading in read_mail(raw).readings for found in reading.evidence if "row" in found.name]
    assert len(kept) == 2 and b",'=cmd" in kept[0] and b",'@SUM" in kept[1]


def test_a_gzip_bomb_is_inflated_as_far_as_the_limit():
    bomb = gzip.compress(b"ip,timestamp\n" + b"0" * 60_000_000)
    reading = only(written.with_attachment("huge.csv.gz", "application/gzip", bomb))
    assert any("too large" in warning for warning in reading.warnings)
    assert max(len(found.content) for found in reading.evidence) <= MAX_UNPACKED


def test_a_zip_bomb_is_not_inflated():
    bomb = written.zipped("huge.csv", b"ip,timestamp\n" + b"0" * 60_000_000)
    reading = only(written.with_attachment("huge.zip", "application/zip", bomb))
    assert any("too large" in warning for warning in reading.warnings)


def test_a_damaged_zip_is_evidence_with_a_warning():
    reading = only(written.with_attachment("scan.csv.zip", "application/zip", b"PK\x03\x04" + b"\x00\xff" * 300))
    assert any("damaged zip" in warning for warning in reading.warnings)
    assert reading.evidence


def test_the_same_incidents_attached_twice_are_reported_once():
    second = b"event_date,event_time,src_ip,report_type\n2026-03-01,01:01:02,192.0.2.1,Open resolver\n"
    raw = written.with_attachment(
        "a.csv", "text/csv", b"timestamp,ip,tag\n2026-03-01 00:01:02,192.0.2.1,openresolver\n"
    )
    import base64

    extra = b"--edge\nContent-Type: text/csv; name=b.csv\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(
        second
    )
    message = read_mail(raw.replace(b"--edge--", extra + b"--edge--"))
    assert len(message.readings) == 1
    assert message.readings[0].occurred_at == at(2026, 3, 1, 0, 1, 2)


def test_an_x_arf_attachment_is_read_by_its_keys():
    message = read_mail(written.XARF02)
    reading = message.readings[0]
    assert (message.format, reading.category, reading.target_ref) == ("x-arf", "network-attack", "192.0.2.150")
    assert reading.occurred_at == at(2026, 3, 6, 6, 19, 2)
    assert (reading.external_ref, reading.reporter_email) == ("4711", "desk@mole.example")


def test_a_list_in_xml_becomes_one_reading_per_entry():
    message = read_mail(written.LISTING)
    assert [reading.target_ref for reading in message.readings] == ["http://one.example/login", "http://two.example/"]
    assert {reading.category for reading in message.readings} == {"phishing"}
    assert message.readings[0].occurred_at == at(2026, 2, 3)


def test_addresses_listed_under_headings_get_the_headings_category():
    message = read_mail(written.SECTIONS)
    found = [(reading.category, reading.target_ref) for reading in message.readings]
    assert found == [("spam", "192.0.2.10"), ("spam", "192.0.2.11"), ("network-attack", "198.51.100.4")]
    assert message.readings[0].occurred_at == at(2026, 9, 28, 18, 0)
    assert message.readings[1].extra["time_from"] == "date of the mail"


def test_a_block_of_keys_and_values_in_the_text_is_read():
    reading = only(written.BLOCK)
    assert (reading.category, reading.target_kind, reading.target_ref) == ("network-attack", "ip", "192.0.2.99")
    assert reading.occurred_at == at(2026, 3, 6, 7, 15)
    assert reading.extra["destination_port"] == "3389"


def test_a_person_who_names_a_meeting_is_understood():
    message = read_mail(written.MEETING)
    reading = only(written.MEETING)
    assert (message.format, message.language) == ("plain mail", "en")
    assert (reading.category, reading.target_kind, reading.target_ref) == ("disrupted-meeting", "event", "98765432101")
    assert reading.reporter_name == "Ann Teacher"
    assert reading.occurred_at == at(2026, 3, 9, 13, 20)
    assert "https://www.school.example/" in reading.text


def test_html_mail_in_german_is_read():
    reading = only(written.GERMAN)
    assert (reading.category, reading.target_kind, reading.target_ref) == ("harassment", "user", "stoerer99")
    assert reading.language == "de"
    assert "color" not in reading.text
    assert reading.subject == "Belästigung durch einen Nutzer"
    assert reading.reporter_name == "Jürgen Grün"


@pytest.mark.parametrize(
    ("subject", "text", "category", "target"),
    [
        (
            "Phishing page",
            "They steal passwords at hxxps://bank-login[.]example/a",
            "phishing",
            "https://bank-login.example/a",
        ),
        (
            "Copyright infringement",
            "DMCA notice: http://files.example/film.mkv",
            "copyright",
            "http://files.example/film.mkv",
        ),
        ("Suplantación", "Una cuenta falsa suplanta a nuestra directora: @fake_ana", "impersonation", "@fake_ana"),
        ("Brute force from 192.0.2.8", "failed logins all night", "network-attack", "192.0.2.8"),
        ("He wants to die", "The user: sad_tom wrote he will commit suicide tonight", "self-harm", "sad_tom"),
        ("help", "someone is grooming a child, account: nightowl", "child-safety", "nightowl"),
        ("Hello", "What are your opening hours?", "unsorted", ""),
    ],
)
def test_words_decide_the_category_and_names_the_target(subject, text, category, target):
    reading = only(f"From: a@b.example\nSubject: {subject}\nDate: Mon, 9 Mar 2026 14:00:00 +0000\n\n{text}\n".encode())
    assert (reading.category, reading.target_ref) == (category, target)
    assert reading.category in CATEGORIES
    assert reading.target_kind in TARGET_KINDS


def test_links_to_the_senders_own_site_are_not_the_target():
    raw = b"From: a@shop.example\nSubject: spam\n\nSpam from bad.guy@lure.example\nhttps://www.shop.example/about\n"
    reading = only(raw)
    assert (reading.target_kind, reading.target_ref) == ("email", "bad.guy@lure.example")


def test_quoted_lines_stay_in_the_text_but_do_not_name_the_target():
    raw = (
        b"From: a@b.example\nSubject: Re: report\n\nIt is about 192.0.2.1.\n\n"
        b"On Monday Bob wrote:\n> look at http://other.example/\n"
    )
    reading = only(raw)
    assert reading.target_ref == "192.0.2.1"
    assert "> look at http://other.example/" in reading.text


@pytest.mark.parametrize(
    ("raw", "kind", "words"),
    [
        (written.AUTO_REPLY, "auto-reply", "automatic reply"),
        (written.BOUNCE, "bounce", "could not be delivered"),
        (b"", "mail", "empty"),
        (b" \n\n ", "mail", "empty"),
        (b"\x00\x01\x02" * 100, "mail", "no mail"),
        (
            b"From: a@b.example\nContent-Type: multipart/encrypted; boundary=x\n\n--x\n\nabc\n--x--",
            "encrypted",
            "encrypted",
        ),
        (b"From: a@b.example\n\n", "mail", "Nothing"),
        (b"x" * (MAX_INPUT + 1), "mail", "larger than"),
    ],
)
def test_what_is_no_report_is_kept_for_a_person_with_the_reason(raw, kind, words):
    message = read_mail(raw)
    assert (message.format, message.readings) == (kind, ())
    assert words in message.needs_human


def test_a_forwarded_spam_mail_is_about_its_sender():
    reading = only(written.FORWARDED_SPAM)
    assert (reading.category, reading.target_kind, reading.target_ref) == ("spam", "email", "prize@lure.example")
    assert reading.reporter_email == "ben@example.org"
    assert reading.evidence[0].media_type == "message/rfc822"


def test_a_forwarded_machine_report_is_read_and_its_bearer_noted():
    message = read_mail(written.FORWARDED_REPORT)
    reading = message.readings[0]
    assert (message.format, reading.target_ref) == ("arf", "198.51.100.7")
    assert reading.extra["forwarded_by"] == "ben@example.org"
    assert "private address" in reading.extra["note"]


def test_every_reading_can_be_stored():
    raw = (
        b"From: a@b.example\nSubject: a\x00b\nContent-Type: application/json\n\n"
        + written.XARF4.replace(b"honeypot", b"\\ud800\\u0000x")[:-1]
        + b', "odd": NaN, "deep": [[[[[[[[[[[1]]]]]]]]]]]}'
    )
    for reading in read_mail(raw).readings:
        assert "\x00" not in reading.text + reading.subject + str(reading.extra)
        (reading.text + reading.subject + str(reading.extra)).encode()


@pytest.mark.parametrize("depth", [50, 2000])
def test_deep_nesting_ends(depth):
    raw = b"From: a@b.example\nSubject: deep\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth)
    )
    message = read_mail(raw + b"\nhello")
    assert message.readings or message.needs_human


def test_thousands_of_parts_are_read_up_to_the_limit():
    raw = (
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n"
        + b"--b\n\nabout 192.0.2.1\n" * 5000
        + b"--b--"
    )
    message = read_mail(raw)
    assert message.readings[0].target_ref == "192.0.2.1"


@pytest.mark.parametrize("line_end", [b"\r\n", b"\r"])
def test_other_line_ends_are_read_alike(line_end):
    reading = only(written.ARF.replace(b"\n", line_end))
    assert (reading.target_ref, reading.occurred_at) == ("198.51.100.7", at(2026, 3, 3, 7, 2, 11))


def test_a_mail_from_an_mbox_is_read():
    assert only(b"From fbl@harbour.example Tue Mar  3 09:15:00 2026\n" + written.ARF).target_ref == "198.51.100.7"
