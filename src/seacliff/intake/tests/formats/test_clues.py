"""Links, addresses and names in free text."""

import pytest

from seacliff.intake.formats import clues


def test_links_lose_the_sentences_punctuation_and_keep_their_own():
    text = "See (https://a.example/x_(y)), hxxp://b[.]example/z. <https://c.example/?q=1&r=2> http://www.w3.org/1999"
    assert clues.urls(text) == ["https://a.example/x_(y)", "http://b.example/z", "https://c.example/?q=1&r=2"]


def test_addresses_are_canonical_and_networks_are_left_out():
    text = "From 192.0.2.1, [2001:DB8:0::1] and 10.0.0.0/8, at 12:30:45, version 1.2.3.4.5, 127.0.0.1, 999.1.1.1"
    assert clues.ips(text) == ["192.0.2.1", "2001:db8::1"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Meeting ID: 987 654 3210", ["9876543210"]), ("the webinar id is 123-456-7890", ["1234567890"]),
        ("Besprechungs-ID: 1234567890", ["1234567890"]),
        ("Konferenz-Nr. 12345678", ["12345678"]), ("our meeting id was lost", []),
        ("room code: AB12-cd", ["AB12-cd"]),
    ],
)  # fmt: skip
def test_meeting_ids_are_found_when_they_are_named(text, found):
    assert clues.meetings(text) == found


@pytest.mark.parametrize(
    ("value", "target"),
    [
        ("192.0.2.1", ("ip", "192.0.2.1")), ("192.0.2.1:8080", ("ip", "192.0.2.1")),
        ("[2001:db8::1]", ("ip", "2001:db8::1")),
        ("hxxps://x[.]example/", ("url", "https://x.example/")), ("x.example/path", ("url", "http://x.example/path")),
        ("X.example", ("domain", "x.example")), ("mailto:a@b.example", ("email", "a@b.example")),
        ("@ann", ("user", "@ann")),
        ("+49 170 1234567", ("phone", "+491701234567")), ("report.pdf", ("other", "report.pdf")), ("", ("other", "")),
    ],
)  # fmt: skip
def test_a_target_is_known_by_its_shape(value, target):
    assert clues.target_of(value) == target


@pytest.mark.parametrize(
    "text",
    ["a" * 60_000, "a." * 30_000, "a@" * 30_000, ":" * 60_000, "1." * 30_000, "http://" * 9_000, "user: " * 10_000,
     "meeting id " * 6_000, "<a " * 20_000, "[.]" * 20_000, "+1 " * 20_000, "- key: " * 9_000],
)  # fmt: skip
def test_hostile_text_is_searched_in_linear_time(text):
    import time

    from seacliff.intake.formats.mail import read_mail

    began = time.process_time()
    for kind in (b"plain", b"html"):
        read_mail(b"From: a@b.example\nSubject: x\nContent-Type: text/" + kind + b"\n\n" + text.encode())
    assert time.process_time() - began < 3
