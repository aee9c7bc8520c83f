"""Who works with whom: bridges, gaps, all through one; the same map gives the same drawing."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from seacliff.partners.models import Ask
from seacliff.relationships import drawing, people_map, periods

from .factories import MONDAY, answered, function, lead, partner, reviewer

pytestmark = pytest.mark.django_db
PERIOD = periods.Period(MONDAY - timedelta(days=1), MONDAY + timedelta(days=6))


def of(*functions):
    return people_map.of_period(functions, PERIOD)


def answered_by(name: str, *asks: Ask) -> None:
    Ask.objects.filter(id__in=[ask.id for ask in asks]).update(answered_by=name)


def test_a_function_that_nobody_has_worked_with_is_a_gap_with_somebody_to_meet(comms):
    legal = function("legal")
    found = of(comms, legal)
    assert [(each.kind, each.function) for each in found.findings] == [("gap", comms), ("gap", legal)]
    assert "Dana Press" in found.findings[0].suggestion
    assert "charter" in found.findings[1].suggestion


def test_all_through_one_is_told_from_enough_asks_on(comms):
    rita = reviewer("Rita")
    for _ in range(4):
        answered(comms, by=rita)
    assert of(comms).findings == []
    answered(comms, by=rita)
    here, there = of(comms).findings
    assert "all goes through Rita: 5 of 5" in here.sentence and "Dana Press" in here.suggestion
    assert "Dana Press answers alone" in there.sentence


def test_an_address_is_known_by_the_charter_s_name(comms):
    answered_by("dana@lantern.example", answered(comms, by=reviewer("Rita")))
    [known] = of(comms).known
    assert known.theirs == {"Dana Press": 1} and known.ours == {"Rita": 1}


def test_who_ties_others_together_is_a_bridge_and_who_stands_apart_is_told(comms):
    rita, ana, eve = reviewer("Rita"), reviewer("Ana"), reviewer("Eve")
    legal, security = function("legal"), function("security")
    answered(comms, by=rita)
    answered_by("Lee", answered(legal, by=rita), answered(legal, by=ana))
    answered_by("Sol", answered(security, by=eve))
    found = of(comms, legal, security)
    assert [name for name, _share in found.bridges] == ["Rita"]
    [island] = found.findings
    assert island.kind == "island" and "Eve" in island.sentence and island.function == security


def test_the_drawing_is_the_same_every_time_and_inside_its_frame(comms):
    legal = function("legal")
    for name in ("Rita", "Ana", "Eve"):
        answered(comms, by=reviewer(name))
    first, second = drawing.draw(of(comms, legal)), drawing.draw(of(comms, legal))
    assert first == second
    assert len(first.lines) == len(first.people) == 3
    assert all(0 <= spot.x <= first.width and 0 <= spot.y <= first.height for spot in first.functions + first.people)
    assert [spot.lonely for spot in first.functions] == [False, True]


def test_the_page_draws_it_and_says_it_in_words_to_t_and_s_alone(client, comms):
    answered(comms, by=reviewer("Rita <i>"))
    with time_machine.travel(MONDAY + timedelta(days=5)):
        client.force_login(lead())
        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse("relationships:people")).content.decode()
        assert "<svg" in page and "Rita &lt;i&gt;" in page and len(queries) <= 12
        client.force_login(partner(comms))
        assert client.get(reverse("relationships:people")).status_code == 403
