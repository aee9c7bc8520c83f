"""What reporters are known for, setting their open reports aside, trusted flaggers."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from seacliff.intake.models import Report, Reporter, Unrouted
from seacliff.people.permissions import Role
from seacliff.record.desks import clear
from seacliff.record.ids import uuid7
from seacliff.record.models import Clock, Event
from seacliff.review import actions
from seacliff.review.access import NotPermitted, NotValid, Refused
from seacliff.review.models import Case, CaseReport, SetAside, Trust, Work
from seacliff.review.reporters import actions as verbs
from seacliff.review.reporters import queries, trust
from seacliff.review.routing.context import EXAMPLE
from seacliff.review.routing.desk import TRUSTED_RANK
from seacliff.review.tests import factories

pytestmark = pytest.mark.django_db
ANN = "mail:ann@example.org"


def reporter(key=ANN, **fields):
    return Reporter.objects.update_or_create(key=key, defaults={"reports": 1} | fields)[0]


def arrives(key=ANN, *, category="spam", ref="b-1"):
    """A report from outside, routed."""
    now = timezone.now()
    report = Report.objects.create(
        id=uuid7(now), product_id=factories.product().id, channel="form", category=category, target_kind="user",
        target_ref=ref, reporter_key=key, received_at=now, language="en", text="Again.",
    )  # fmt: skip
    Unrouted.objects.create(report_id=report.id)
    clear("routing")
    return Case.objects.get(target__ref=ref, category=category)


@pytest.mark.parametrize(
    ("upheld", "rejected", "bad"),
    [
        (0, 7, False),
        (0, 8, True),
        (1, 7, False),
        (1, 20, True),
        (2, 8, False),
        (3, 30, True),
        (50, 8, False),
        (9, 36, False),
    ],
)
def test_bad_faith_needs_enough_decisions_and_the_list_agrees_with_the_badge(upheld, rejected, bad):
    one = reporter(upheld=upheld, rejected=rejected)
    assert queries.reputation(one).is_bad_faith is bad
    assert list(queries.reporters(doubtful=True)) == ([one] if bad else [])


def test_the_list_agrees_with_the_badge_for_every_record():
    Reporter.objects.bulk_create(Reporter(key=f"k{u}-{r}", upheld=u, rejected=r) for u in range(12) for r in range(40))
    listed = set(queries.reporters(doubtful=True).values_list("key", flat=True))
    assert listed == {row.key for row in Reporter.objects.all() if queries.reputation(row).is_bad_faith}


def test_seldom_right_lists_only_who_reported_lately(rules):
    lately, long_ago = reporter(rejected=9), reporter("mail:old@example.org", rejected=9)
    factories.report(factories.case(), reporter=lately.key)
    factories.report(factories.case(), reporter=long_ago.key, at=timezone.now() - timedelta(days=40))
    assert queries.seldom_right() == [lately]


def test_open_reports_are_set_aside_at_once_and_come_back_with_the_time_they_had(lead, rules):
    alone, shared = factories.case(), factories.case()
    for case in (alone, shared):
        factories.report(case)
    factories.report(shared, reporter="mail:bob@example.org")
    before = alone.due_at
    made = verbs.set_aside(lead, reporter(), "Forty false reports this week.")
    alone.refresh_from_db()
    shared.refresh_from_db()
    assert (made.reports, alone.state, shared.state) == (2, Case.State.HELD, Case.State.OPEN)
    assert (shared.reporter_count, Work.objects.filter(case=alone).exists()) == (1, False)
    assert Clock.objects.get(subject_id=alone.id).paused_at is not None
    verbs.take_back(lead, made)
    alone.refresh_from_db()
    shared.refresh_from_db()
    assert (alone.state, alone.reporter_count, shared.reporter_count) == (Case.State.OPEN, 1, 2)
    assert Work.objects.filter(case=alone).exists()
    assert timedelta() <= alone.due_at - before < timedelta(minutes=1)
    with pytest.raises(Refused, match="taken back already"):
        verbs.take_back(lead, made)


def test_what_somebody_else_reports_as_well_comes_back_by_itself(lead, rules):
    case = factories.case()
    factories.report(case)
    verbs.set_aside(lead, reporter(), "False reports.")
    clear("set-aside-comes-back")
    assert not Work.objects.filter(case=case).exists()
    factories.report(case, reporter="mail:bob@example.org")
    clear("set-aside-comes-back")
    case.refresh_from_db()
    assert case.state == Case.State.OPEN
    assert Work.objects.filter(case=case).exists()


def test_what_a_reviewer_holds_is_left_alone(lead, alice, rules):
    case = factories.case()
    factories.report(case)
    actions.claim(alice, case)
    with pytest.raises(Refused, match="nobody holds"):
        verbs.set_aside(lead, reporter(), "False reports.")
    assert not SetAside.objects.exists()


def test_set_aside_reports_tell_nothing_about_their_reporter(lead, alice, rules):
    factories.notice_texts()
    case = factories.case()
    factories.report(case)
    factories.report(case, reporter="mail:bob@example.org")
    verbs.set_aside(lead, reporter(), "False reports.")
    actions.claim(alice, case)
    actions.decide(alice, case, actions.Verdict("no-violation", "spam"))
    actions.deciding.Decision.objects.update(undo_until=timezone.now())
    clear("settle-decisions")
    assert Reporter.objects.get(key=ANN).rejected == 0
    assert Reporter.objects.get(key="mail:bob@example.org").rejected == 1


def test_a_reviewer_sets_nobody_aside_and_trusts_nobody(alice, rules):
    factories.report(factories.case())
    with pytest.raises(NotPermitted):
        verbs.set_aside(alice, reporter(), "I am tired of them.")
    with pytest.raises(NotPermitted):
        trust.trust(alice, reporter(), categories=[], until=None, reason="A friend.")


def test_a_trusted_flagger_comes_first_in_the_harms_they_are_expert_in(lead, rules):
    factories.policy("fraud-scam")
    trust.trust(lead, reporter(), categories=["spam"], until=None, reason="Named by the coordinator.")
    assert arrives(ref="b-1").work.rank == TRUSTED_RANK
    assert arrives(ref="b-2", category="fraud-scam").work.rank == 0, "no expert in this"
    assert arrives("mail:bob@example.org", ref="b-3").work.rank == 0


def test_trust_ends_with_its_last_day_even_before_the_desk_has_looked(lead, rules):
    row = trust.trust(lead, reporter(), categories=[], until=timezone.now().date(), reason="Pilot.")
    assert arrives(ref="b-1").work.rank == TRUSTED_RANK
    Trust.objects.filter(id=row.id).update(expires_on=timezone.now().date() - timedelta(days=1))
    assert arrives(ref="b-2").work.rank == 0
    clear("trust-expires")
    row.refresh_from_db()
    assert (row.ended_because, Reporter.objects.get().kind) == ("Its time was over.", Reporter.Kind.PERSON)


def test_other_terms_are_another_row_and_the_first_stays_in_the_record(lead, rules):
    trust.trust(lead, reporter(), categories=[], until=None, reason="Pilot.")
    trust.trust(lead, reporter(), categories=["spam"], until=None, reason="Named by the coordinator.")
    assert [row.categories for row in Trust.objects.all()] == [["spam"], []]
    assert Trust.objects.filter(ended_at=None).count() == 1
    trust.distrust(lead, reporter(), "Under investigation.")
    assert Event.objects.filter(verb="reporter.trust-ended").get().reason == "Under investigation."
    with pytest.raises(Refused, match="no trusted flagger"):
        trust.distrust(lead, reporter(), "Twice.")


def test_terms_that_make_no_sense_are_refused(lead, rules):
    yesterday = timezone.now().date() - timedelta(days=1)
    for terms in (
        {"categories": ["nothing"], "until": None, "reason": "x"},
        {"categories": [], "until": yesterday, "reason": "x"},
        {"categories": [], "until": None, "reason": " "},
    ):
        with pytest.raises(NotValid):
            trust.trust(lead, reporter(), **terms)


def test_the_kind_of_a_trusted_flagger_is_not_changed_beside_their_terms(lead, rules):
    trust.trust(lead, reporter(), categories=[], until=None, reason="Pilot.")
    with pytest.raises(Refused, match="end that first"):
        verbs.name_kind(lead, reporter(kind=Reporter.Kind.TRUSTED_FLAGGER), "person")
    with pytest.raises(NotValid):
        verbs.name_kind(lead, reporter("mail:bob@example.org"), "trusted-flagger")


def test_the_page_of_a_reporter_shows_and_does_everything(client, lead, rules):
    client.force_login(lead)
    factories.report(factories.case())
    who = reporter(rejected=9)
    page = client.get(reverse("review:reporter", args=[who.id])).content.decode()
    assert "Seldom right" in page
    sent = {"categories": ["spam"], "until": "2099-01-01", "reason": "Named."}
    client.post(reverse("review:reporter-trust", args=[who.id]), sent)
    page = client.get(reverse("review:reporter", args=[who.id])).content.decode()
    assert "Comes first" in page
    refused = client.post(reverse("review:reporter-trust", args=[who.id]), sent | {"until": "soon"})
    assert (refused.status_code, "2027-12-31" in refused.content.decode()) == (422, True)
    client.post(reverse("review:reporter-distrust", args=[who.id]), {"reason": "Enough."})
    client.post(reverse("review:reporter-set-aside", args=[who.id]), {"reason": "Enough."})
    assert CaseReport.objects.get().set_aside is not None
    client.post(reverse("review:set-aside-back", args=[SetAside.objects.get().id]))
    assert CaseReport.objects.get().set_aside is None
    client.post(reverse("review:reporter-kind", args=[who.id]), {"kind": "organisation"})
    assert reporter().kind == "organisation"


def test_a_case_page_links_its_reporters_and_says_what_they_are(client, lead, alice, rules):
    case = factories.case()
    factories.report(case)
    factories.report(case, reporter="mail:bob@example.org")
    trust.trust(lead, reporter(), categories=[], until=None, reason="Pilot.")
    bob = reporter("mail:bob@example.org", rejected=9)
    client.force_login(alice)
    page = client.get(reverse("review:case", args=[case.ref])).content.decode()
    assert "Trusted flagger" in page
    assert "Seldom right" in page
    assert reverse("review:reporter", args=[bob.id]) in page
    auditor = factories.person("Tom Auditor", roles=(Role.AUDITOR,))
    client.force_login(auditor)
    assert (
        reverse("review:reporter", args=[bob.id])
        not in client.get(reverse("review:case", args=[case.ref])).content.decode()
    )


def test_rules_may_ask_what_reporters_are_known_for(lead, rules):
    assert {"trusted", "seldom_right", "in_brigade"} <= EXAMPLE["reporter"].keys()


def test_the_api_does_what_the_pages_do(client, lead, rules):
    client.force_login(lead)
    factories.report(factories.case())
    who = reporter(rejected=9)
    listed = client.get("/api/v1/reporters?seldom_right=true").json()["items"]
    assert [(row["key"], row["seldom_right"]) for row in listed] == [(ANN, True)]
    at = f"/api/v1/reporters/{who.id}"
    sent = {"content_type": "application/json"}
    assert client.put(f"{at}/trust", {"categories": ["spam"], "reason": "Named."}, **sent).status_code == 204
    assert client.get(at).json()["kind"] == "trusted-flagger"
    assert client.put(f"{at}/trust", {"categories": ["nope"], "reason": "Named."}, **sent).status_code == 422
    assert client.delete(f"{at}/trust?reason=Enough").status_code == 204
    assert client.delete(f"{at}/trust?reason=Enough").status_code == 409
    made = client.post(f"{at}/set-aside", {"reason": "False."}, **sent).json()
    assert made["reports"] == 1
    assert client.post(f"/api/v1/set-asides/{made['id']}/take-back").status_code == 204
    assert client.post(f"/api/v1/set-asides/{made['id']}/take-back").status_code == 409


def test_lists_and_pages_cost_the_same_however_many_there_are(client, lead, rules, django_assert_max_num_queries):
    client.force_login(lead)

    def many(start):
        for number in range(start, start + 12):
            reporter(f"mail:n{number}@example.org", rejected=9)
            factories.report(factories.case(), reporter=f"mail:n{number}@example.org")

    for start in (0, 12):
        many(start)
        for name in ("review:reporters", "review:reporter-signs"):
            with django_assert_max_num_queries(9):
                assert client.get(reverse(name)).status_code == 200
