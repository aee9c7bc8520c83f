"""Rows of a bulk import: columns recognised by name, refusals that name the column."""

from datetime import UTC, datetime

import pytest

from seacliff.intake.formats import read_row


def test_columns_are_recognised_by_their_usual_names():
    reading = read_row({
        "Report text": "This account sends scam links", "Reported user": "crook", "Category": "scam", "ID": "17",
        "Reporter e-mail": "", "reporter_email": "ann@example.org", "Occurred at": "2026-03-01 10:00", "Region": "EU",
    })  # fmt: skip
    assert (reading.text, reading.target_kind, reading.target_ref) == ("This account sends scam links", "user", "crook")
    assert (reading.category, reading.reporter_email, reading.external_ref) == ("fraud-scam", "ann@example.org", "17")
    assert reading.occurred_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert reading.extra == {"Region": "EU"}


def test_given_columns_override_the_names():
    reading = read_row({"a": "text here", "b": "203.0.113.4", "text": "other"}, {"text": "a", "target": "b"})
    assert (reading.text, reading.target_kind, reading.target_ref) == ("text here", "ip", "203.0.113.4")
    assert reading.extra == {"text": "other"}


def test_a_text_alone_is_a_report_on_content():
    reading = read_row({"tweet": "I will kill you, this is a death threat"})
    assert (reading.category, reading.target_kind, reading.target_ref) == ("threats-violence", "other", "")


def test_a_domain_list_with_several_reasons_takes_the_first_it_knows():
    reading = read_row({"domain": "Bad.example", "severity": "suspend", "public_comment": "nasty, racism"})
    assert (reading.target_kind, reading.target_ref) == ("domain", "bad.example")
    reading = read_row({"domain": "bad.example", "reason": "nasty, racism, spam"})
    assert (reading.category, reading.extra["category_given"]) == ("hate", "nasty, racism, spam")


def test_a_category_nobody_knows_is_kept_and_warned_about():
    reading = read_row({"text": "x", "category": "grumpiness"})
    assert reading.category == "unsorted"
    assert reading.extra["category_given"] == "grumpiness"
    assert "'grumpiness'" in reading.warnings[0]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"text": ""}, "neither a report text nor a target"),
        ({}, "neither a report text nor a target"),
        ({"text": "x", "Date": "last week"}, "Column 'Date' holds 'last week'"),
        ({"ip": "300.1.1.1"}, "Column 'ip' holds '300.1.1.1', which is not an IP address"),
        ({"text": "x", "reporter_email": "nobody"}, "which is not an e-mail address"),
        ({"text": "x", "target": "y", "target_kind": "planet"}, "'planet'"),
        ({"text": ["x"]}, "Column 'text' holds list, not text"),
        ({"text": "x" * 200_001}, "200,001 characters"),
    ],
)
def test_a_row_that_cannot_be_read_says_which_column_is_wrong(row, words):
    with pytest.raises(ValueError, match=r".") as refusal:
        read_row(row)
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("columns", "words"), [({"color": "text"}, "not a field"), ({"text": "nope"}, "no column 'nope'")]
)
def test_a_wrong_column_map_is_refused(columns, words):
    with pytest.raises(ValueError, match=words):
        read_row({"text": "x"}, columns)
