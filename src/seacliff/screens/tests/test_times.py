from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from seacliff.screens.times import read_clock, since, span

NOW = datetime(2026, 3, 5, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "1 min"),
        (119, "1 min"),
        (7199, "119 min"),
        (7200, "2 h"),
        (172_799, "47 h"),
        (172_800, "2 d"),
        (-90, "1 min"),
    ],
)
def test_a_span_has_one_unit_and_is_rounded_down(seconds, words):
    assert span(seconds) == words


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=30), "just now"),
        (timedelta(minutes=20), "20 min ago"),
        (timedelta(hours=-3), "in 3 h"),
        (timedelta(days=29), "29 d ago"),
        (timedelta(days=31), "Feb. 2, 2026"),
    ],
)
def test_a_moment_is_told_from_now_until_it_is_a_month_away(ago, words):
    assert since(NOW - ago, NOW) == words


@pytest.mark.parametrize(
    ("due", "stopped", "paused", "state", "text"),
    [
        (180, None, False, "ok", "due in 3 h"),
        (119, None, False, "soon", "due in 119 min"),
        (0, None, False, "breached", "breached 1 min ago"),
        (-20, None, False, "breached", "breached 20 min ago"),
        (60, 0, False, "met", "met, 60 min left"),
        (-60, 0, False, "late", "60 min late"),
        (-60, None, True, "paused", "paused"),
        (None, None, False, "none", "no deadline"),
    ],
)
def test_a_clock_tells_its_state_in_words(due, stopped, paused, state, text):
    due_at = None if due is None else NOW + timedelta(minutes=due)
    stopped_at = None if stopped is None else NOW + timedelta(minutes=stopped)
    reading = read_clock(due_at, stopped_at, paused, NOW)
    assert (reading.state, reading.text) == (state, text)


def test_an_older_moment_is_written_the_way_the_language_writes_dates():
    with translation.override("de"):
        assert since(NOW - timedelta(days=31), NOW) == "2. Februar 2026"
