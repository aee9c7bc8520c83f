"""Whatever text a tag is given comes out escaped, and says what the docs say it says."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
NOW = datetime(2026, 3, 5, 14, 0, tzinfo=UTC)


def render(source: str, **context) -> str:
    return Template("{% load screens %}" + source).render(Context(context))


@pytest.mark.parametrize(
    "source",
    [
        "{% badge text %}",
        "{% badge 'x' text %}",
        "{% state text %}",
        "{% state 'open' text %}",
        "{% tier text %}",
        "{% kbd text %}",
        "{% icon 'clock' label=text %}",
        "{% sparkline numbers label=text %}",
        "{% diff text 'new' text text %}",
        "{% diff 'old' text %}",
        "{{ text|markdown }}",
        "{{ text|json_pretty }}",
        "{{ text|inert }}",
        "{{ text|initials }}",
        "{{ text|tone }}",
        "{% include 'screens/parts/event.html' with actor=text text=text why=text at=now url=text %}",
        "{% include 'screens/parts/empty.html' with title=text text=text url=text action=text key=text %}",
        "{% include 'screens/parts/pager.html' with newer_url=text older_url=text shown=text %}",
        "{% include 'screens/parts/viewer.html' with id='v' name=text facts=text headers=headers text=text %}",
        "{% include 'screens/parts/evidence.html' with url=text name=text description=text warning=text facts=text %}",
        "{% include 'screens/parts/restricted.html' with name=text reason=text %}",
        "{% include 'screens/parts/navigation.html' %}",
    ],
)
def test_hostile_text_never_becomes_markup(source):
    item = {"label": HOSTILE, "url": HOSTILE, "key": HOSTILE, "count": HOSTILE, "active": True}
    menu = [{"heading": HOSTILE, "items": [item]}]
    html = render(source, text=HOSTILE, numbers=[1, 2], now=NOW, headers=[(HOSTILE, HOSTILE)], navigation=menu)
    assert "<script" not in html
    assert "<img src=x" not in html
    assert '"><' + "img" not in html.replace('"><img src="&quot;', "")


def test_an_icon_that_does_not_exist_is_an_error_where_it_is_written():
    with pytest.raises(KeyError):
        render("{% icon 'no-such-icon' %}")


def test_severity_says_its_number_and_word_and_shows_a_shape():
    html = render("{% severity 2 %}")
    assert "2 Continuing" in html
    assert 'data-level="2"' in html
    assert "<svg" in html
    assert "not rated" in render("{% severity none %}", none=None)


def test_each_severity_has_another_shape():
    shapes = {
        render("{% severity level 'short' %}", level=level).split("<svg")[1].split("</svg>")[0]
        for level in (1, 2, 3, 4)
    }
    assert len(shapes) == 4


def test_a_tier_is_written_in_roman_numerals_unless_it_has_a_name():
    assert ">II<" in render("{% tier 2 %}")
    assert ">Panel<" in render("{% tier 'Panel' %}")


def test_a_state_takes_its_tone_from_its_name_in_either_spelling():
    assert 'data-tone="amber"' in render("{% state 'needs-human' %}")
    assert ">needs human<" in render("{% state 'needs_human' %}").replace("</span>", "<")
    assert 'data-tone="slate"' in render("{% state 'something-new' %}")


def test_a_running_clock_carries_its_time_for_the_browser_and_a_stopped_one_does_not():
    soon = datetime.now(UTC) + timedelta(minutes=40, seconds=5)
    running, stopped = render("{% clock due %}", due=soon), render("{% clock due at %}", due=soon, at=NOW)
    assert "due in 40 min" in running
    assert 'data-state="soon"' in running
    assert f'data-clock="{soon.isoformat()}"' in running
    assert "data-clock" not in stopped
    assert 'data-state="met"' in stopped
    assert "no deadline" in render("{% clock due %}", due=None)


def test_a_time_tells_its_utc_moment_in_the_title():
    html = render("{% relative_time at %}", at=NOW.astimezone(UTC))
    assert 'title="2026-03-05 14:00 UTC"' in html
    assert 'datetime="2026-03-05T14:00:00+00:00"' in html


def test_a_sparkline_is_said_aloud_and_survives_no_one_and_equal_values():
    html = render("{% sparkline values label='Reports a day' %}", values=[1, 5, 3])
    assert 'aria-label="Reports a day: last 3, lowest 1, highest 5"' in html
    assert render("{% sparkline values %}", values=[]) == ""
    assert "nan" not in render("{% sparkline values %}", values=[0, 0, 0])
    assert "<polyline" in render("{% sparkline values %}", values=[4])


def test_a_diff_of_equal_texts_says_so():
    assert "No difference" in render("{% diff 'same' 'same' %}")


def test_an_avatar_shows_at_most_two_letters():
    assert [render("{{ name|initials }}", name=name) for name in ("Rosa Okafor", "rosa@example.org", "", "…")] == [
        "RO",
        "RE",
        "?",
        "?",
    ]
