"""Brigades: found without knowing whom to look for, judged, set aside together, marked on their cases."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from seacliff.record.desks import clear
from seacliff.record.models import Event
from seacliff.review import actions
from seacliff.review.access import NotPermitted, NotValid, Refused
from seacliff.review.models import Brigade, Case, CaseReport
from seacliff.review.reporters import brigades, queries, trust
from seacliff.review.reporters.brigades import find_brigades, hang_together
from seacliff.review.routing.context import look_up_reporters
from seacliff.review.tests import factories
from seacliff.review.tests.test_reporters import reporter

pytestmark = pytest.mark.django_db
THREE = ["mail:r1@example.org", "mail:r2@example.org", "mail:r3@example.org"]


def raid(keys=THREE, *, cases=3, apart=timedelta(minutes=5), ago=timedelta(days=1)):
    """Everybody of `keys` reports the same `cases`, one after the other."""
    made = []
    for number in range(cases):
        case = factories.case()
        start = timezone.now() - ago - timedelta(hours=3 * number)
        for place, key in enumerate(keys):
            factories.report(case, reporter=key, at=start + place * apart)
        made.append(case)
    return made


def test_three_who_report_three_cases_together_are_suspected_and_their_cases_marked(rules):
    cases = raid()
    factories.report(cases[0], reporter="mail:bystander@example.org")
    assert find_brigades() == 1
    found = Brigade.objects.get()
    assert (found.members, found.cases, found.targets, found.state) == (THREE, 3, 3, "suspected")
    assert Case.objects.filter(brigade=found).count() == 3
    assert Event.objects.get(verb="brigade.suspected").data == {"reporters": 3, "cases": 3}
    assert find_brigades() == 0, "the same group is not found twice"
    assert Brigade.objects.count() == 1


@pytest.mark.parametrize(
    "terms",
    [
        {"cases": 2},
        {"keys": THREE[:2]},
        {"apart": timedelta(minutes=61)},
        {"ago": timedelta(days=20)},
    ],
    ids=["too few cases", "two people", "hours apart", "long ago"],
)
def test_what_is_no_brigade(rules, terms):
    raid(**terms)
    assert find_brigades() == 0
    assert not Brigade.objects.exists()


def test_somebody_who_reports_much_else_is_not_of_it(rules):
    raid([*THREE, "mail:busy@example.org"])
    for _ in range(10):
        factories.report(factories.case(), reporter="mail:busy@example.org", at=timezone.now() - timedelta(days=2))
    find_brigades()
    assert Brigade.objects.get().size == 4, "half of what the less busy of two reported counts"
    Brigade.objects.all().delete()
    for key in THREE:
        for _ in range(10):
            factories.report(factories.case(), reporter=key, at=timezone.now() - timedelta(days=2))
    assert find_brigades() == 0, "three cases of thirteen are no pattern"


def test_trusted_flaggers_and_people_without_a_name_are_never_of_it(lead, rules):
    trust.trust(lead, reporter(THREE[0]), categories=[], until=None, reason="Named.")
    raid([*THREE, ""])
    assert find_brigades() == 0


def test_a_group_grows_and_keeps_its_row(rules):
    raid()
    find_brigades()
    raid([*THREE, "mail:r4@example.org"], ago=timedelta(hours=12))
    assert find_brigades() == 0
    assert (Brigade.objects.get().size, Brigade.objects.get().cases) == (4, 6)


def test_two_groups_are_two_rows(rules):
    raid()
    raid(["mail:x1@example.org", "mail:x2@example.org", "mail:x3@example.org"])
    assert find_brigades() == 2
    assert sorted(len(group) for group in hang_together([("a", "b"), ("b", "c"), ("d", "e")])) == [2, 3]


def test_decisions_count_for_or_against_it(alice, rules):
    cases = raid()
    for case, finding in zip(cases, ("no-violation", "no-violation", "violation"), strict=True):
        actions.claim(alice, case)
        actions.decide(alice, case, actions.Verdict(finding, "spam", rules, "So.", []))
    find_brigades()
    found = Brigade.objects.get()
    assert (found.decided, found.rejected) == (3, 2)


def test_what_a_lead_dismissed_stays_dismissed_and_marks_no_case(lead, rules):
    raid()
    find_brigades()
    brigades.judge(lead, Brigade.objects.get(), "dismissed", "A class and its teacher.")
    raid(ago=timedelta(hours=12))
    find_brigades()
    assert Brigade.objects.get().state == "dismissed"
    assert not Case.objects.exclude(brigade=None).exists()
    assert queries.brigades() == []
    assert len(queries.brigades(dismissed=True)) == 1


def test_a_judgement_needs_a_reason_a_word_and_a_lead(lead, alice, rules):
    raid()
    find_brigades()
    found = Brigade.objects.get()
    with pytest.raises(NotValid):
        brigades.judge(lead, found, "confirmed", " ")
    with pytest.raises(NotValid):
        brigades.judge(lead, found, "suspected", "Hm.")
    with pytest.raises(NotPermitted):
        brigades.judge(alice, found, "confirmed", "I know them.")


def test_all_open_reports_of_a_group_are_set_aside_and_taken_back(lead, rules):
    cases = raid()
    factories.report(cases[0], reporter="mail:bystander@example.org")
    find_brigades()
    found = Brigade.objects.get()
    assert brigades.set_all_aside(lead, found, "A call to report.") == 9
    states = [Case.objects.get(id=case.id).state for case in cases]
    assert states == ["open", "held", "held"], "what a bystander reported as well stays open"
    assert Case.objects.get(id=cases[0].id).reporter_count == 1
    with pytest.raises(Refused, match="no open report"):
        brigades.set_all_aside(lead, found, "Again.")
    assert brigades.take_all_back(lead, found) == 9
    clear("set-aside-comes-back")
    assert {Case.objects.get(id=case.id).state for case in cases} == {"open"}
    assert not CaseReport.objects.exclude(set_aside=None).exists()
    assert [Case.objects.get(id=case.id).reporter_count for case in cases] == [4, 3, 3]
    with pytest.raises(Refused, match="Nothing of theirs"):
        brigades.take_all_back(lead, found)


def test_routing_knows_who_is_of_a_group(lead, rules):
    from seacliff.review.routing.context import Known

    raid()
    find_brigades()
    known = Known(targets={}, reporters={})
    look_up_reporters(known, {THREE[0], "mail:bystander@example.org"}, {"reporter.in_brigade"})
    assert known.brigades == {THREE[0]}
    brigades.judge(lead, Brigade.objects.get(), "dismissed", "A class.")
    assert queries.in_brigades(set(THREE)) == set()


def test_the_pages_show_it_to_whom_it_concerns(client, lead, alice, rules):
    cases = raid()
    find_brigades()
    found = Brigade.objects.get()
    client.force_login(alice)
    assert "3 people who report together" in client.get(reverse("review:case", args=[cases[0].ref])).content.decode()
    assert "Brigade?" in client.get(reverse("review:queue", args=["general"])).content.decode()
    signs = client.get(reverse("review:reporter-signs")).content.decode()
    assert reverse("review:brigade", args=[found.id]) in signs
    assert "Set all aside" not in client.get(reverse("review:brigade", args=[found.id])).content.decode()
    client.force_login(lead)
    assert "Set all aside" in client.get(reverse("review:brigade", args=[found.id])).content.decode()
    refused = client.post(reverse("review:brigade-judge", args=[found.id]), {"state": "confirmed", "reason": ""})
    assert (refused.status_code, "what you saw" in refused.content.decode()) == (422, True)
    client.post(reverse("review:brigade-judge", args=[found.id]), {"state": "confirmed", "reason": "Same text."})
    client.post(reverse("review:brigade-set-aside", args=[found.id]), {"reason": "A call."})
    assert CaseReport.objects.exclude(set_aside=None).count() == 9
    client.post(reverse("review:brigade-take-back", args=[found.id]))
    assert not CaseReport.objects.exclude(set_aside=None).exists()


def test_the_api_lists_judges_and_sets_aside(client, lead, rules):
    cases = raid()
    find_brigades()
    client.force_login(lead)
    (row,) = client.get("/api/v1/brigades").json()
    assert (row["members"], row["cases"]) == (THREE, 3)
    at, sent = f"/api/v1/brigades/{row['id']}", {"content_type": "application/json"}
    assert (
        client.post(f"{at}/judge", {"state": "confirmed", "reason": "Same text."}, **sent).json()["state"]
        == "confirmed"
    )
    assert client.post(f"{at}/set-aside", {"reason": "A call."}, **sent).json() == {"reports": 9}
    assert client.post(f"{at}/set-aside", {"reason": "A call."}, **sent).status_code == 409
    assert client.post(f"{at}/take-back").json() == {"reports": 9}
    assert client.get(f"/api/v1/cases/{cases[0].ref}").json()["case"]["brigade_id"] == row["id"]


def test_waves_say_how_many_had_never_reported_before(rules):
    case = factories.case(mass_reported=True)
    for number in range(4):
        factories.report(case, reporter=f"mail:w{number}@example.org")
    reporter("mail:w0@example.org", reports=7)
    (wave,) = queries.waves()
    assert (wave.case, wave.reporters, wave.newcomers) == (case, 4, 3)
