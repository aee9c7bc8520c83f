"""The ways people write a moment."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from seacliff.intake.formats.times import find_time, read_time


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01T12:00:00Z", "2026-03-01 13:00:00 +0100", "Sun, 1 Mar 2026 07:00:00 EST", "2026-03-01T12:00:00.000Z",
        "1772366400", 1772366400, 1772366400000, "01.03.2026 12:00", "1 March 2026, 12:00",
        "01/Mar/2026:13:00:00 +0100",
        "2026/03/01 12:00:00 UTC", "Sun, 1 Mar 2026 04:00AM PST", "'2026-03-01 12:00:00'", "Sun, 1 Mar 2026 21:00 JST",
        datetime(2026, 3, 1, 13, tzinfo=timezone(timedelta(hours=1))),
    ],
)  # fmt: skip
def test_the_same_moment_in_many_spellings(written):
    assert read_time(written) == datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("written", ["", "soon", None, [], True, "2026-13-45", 10**30, "1970-01-01", "9" * 90])
def test_what_is_no_moment_is_none(written):
    assert read_time(written) is None


def test_the_first_moment_in_a_sentence_is_found():
    assert find_time("seen on 2026-03-01 12:00 and on 2026-04-01") == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert find_time("seen often") is None
