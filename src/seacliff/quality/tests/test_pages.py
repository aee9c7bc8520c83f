"""Pages and API of second looks: blind while one judges, two verdicts beside each other afterwards."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from seacliff.enforcement.models import Strike
from seacliff.people.access import forget_tokens
from seacliff.people.actions import issue_token
from seacliff.people.permissions import GRANTS, Role
from seacliff.quality import actions as verbs
from seacliff.quality import dossier
from seacliff.quality.actions import Found
from seacliff.quality.models import Check, QualityPlan
from seacliff.quality.plan import Settling, written
from seacliff.quality.tests.worlds import RATIONALE, decided, drawn, everything, plan_with
from seacliff.record import evidence
from seacliff.record.actions import SYSTEM, Subject
from seacliff.record.models import Event
from seacliff.review import actions as review
from seacliff.review.actions import Verdict
from seacliff.review.models import CaseReport, Decision
from seacliff.review.tests import factories

pytestmark = pytest.mark.django_db
OTHER = Found("no-violation", "spam", "They had asked for it.")


@pytest.fixture
def check(alice, rules):
    everything()
    return drawn(decided(alice, rules, "strike", "suspend-account"))


def page_of(check: Check) -> str:
    return reverse("quality:check", args=[check.ref])


def do(check: Check, verb: str) -> str:
    return reverse("quality:do", args=[check.ref, verb])


def test_a_second_look_from_the_queue_to_the_verdict(client, check, bob):
    client.force_login(bob)
    assert b">1<" in client.get(reverse("quality:overview")).content
    answer = client.post(reverse("quality:claim-next"))
    assert answer.headers["Location"] == page_of(check)
    shown = client.get(page_of(check)).content.decode()
    assert "They send us the same invitation" in shown
    assert client.get(reverse("review:queues")).headers["Location"] == page_of(check)
    verdict = {"finding": "no-violation", "category": "spam", "rationale": "They had asked for it."}
    answer = client.post(do(check, "answer"), verdict)
    assert answer.headers["Location"] == reverse("quality:overview")
    assert client.get(reverse("review:queues")).status_code == 200
    check.refresh_from_db()
    assert (check.state, check.second) == ("differs", bob)


def test_the_blind_page_shows_the_account_as_it_was_and_nobody(client, check, alice, bob):
    assert Strike.objects.exists()
    check.case.target.parent.parent.refresh_from_db()
    client.force_login(bob)
    client.post(reverse("quality:claim-next"))
    shown = client.get(page_of(check)).content.decode()
    for secret in (
        RATIONALE,
        "Alice",
        check.case.ref,
        "uspended",
        "Ann Reporter",
        "ann@example.org",
        "× 1",
        str(check.case_id),
    ):
        assert secret not in shown
    assert "Northfield" in shown


def test_the_matter_is_as_it_stood_when_it_was_decided(alice, rules):
    tree = factories.tree()
    about = {kind: factories.case(tree[kind], category="spam") for kind in ("account", "user", "event")}
    made = {}
    for kind, finding in (("account", "no-violation"), ("event", "violation"), ("user", "violation")):
        factories.report(about[kind])
        review.claim(alice, about[kind])
        made[kind] = review.decide(alice, about[kind], Verdict(finding, "spam", rules, "So it is."))
    late = factories.report(about["event"], reporter="mail:late@example.org", at=timezone.now() + timedelta(minutes=1))
    matter = dossier.of_case(about["event"], made["event"].decided_at)
    assert [one["finding"] for one in matter.earlier] == ["no-violation"]  # the user's was decided afterwards
    assert matter.reports == 1
    assert late.text not in [said["text"] for said in matter.said[1:]]


def test_a_verdict_that_does_not_fit_keeps_what_was_typed(client, check, bob):
    client.force_login(bob)
    client.post(reverse("quality:claim-next"))
    answer = client.post(do(check, "answer"), {"finding": "violation", "category": "spam", "rationale": ""})
    assert answer.status_code == 422
    assert b"Give your reasons" in answer.content


def test_giving_back_lets_one_out(client, check, bob):
    client.force_login(bob)
    client.post(reverse("quality:claim-next"))
    client.post(do(check, "give-back"))
    assert client.get(reverse("review:queues")).status_code == 200
    assert client.get(page_of(check)).status_code == 404


def test_nobody_sees_which_cases_wait(client, check, lead, bob):
    for person in (lead, bob):
        client.force_login(person)
        assert client.get(page_of(check)).status_code == 404
        for address in ("overview", "differences"):
            shown = client.get(reverse(f"quality:{address}")).content.decode()
            assert check.case.ref not in shown


def test_the_page_of_a_lease_that_ran_out_says_so(client, check, bob):
    client.force_login(bob)
    client.post(reverse("quality:claim-next"))
    live = reverse("quality:live", args=[check.ref])
    first = client.get(live)
    assert b"Yours" in first.content
    assert client.get(live, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    Check.objects.filter(id=check.id).update(holder=None, lease_until=None)
    assert b"ran out" in client.get(live).content


@pytest.fixture
def differing(check, bob):
    verbs.claim_next(bob)
    return verbs.answer(bob, check, OTHER)


def test_a_second_reviewer_is_told_no_more_until_it_is_settled(client, differing, bob, lead):
    client.force_login(bob)
    assert RATIONALE not in client.get(page_of(differing)).content.decode()
    verbs.settle(lead, differing, "first", "The consents were forged.")
    shown = client.get(page_of(differing)).content.decode()
    assert RATIONALE in shown
    assert "The consents were forged." in shown
    assert "Alice" not in shown


def test_the_first_reviewer_sees_a_difference_when_it_is_settled_and_not_by_whom(client, differing, alice, bob, lead):
    client.force_login(alice)
    assert client.get(page_of(differing)).status_code == 404
    verbs.settle(lead, differing, "second", "The consents were real.")
    shown = client.get(page_of(differing)).content.decode()
    assert "The consents were real." in shown
    assert "Bob" not in shown
    assert differing.case.ref in client.get(reverse("quality:overview")).content.decode()


def test_a_lead_settles_and_corrects_on_one_page(client, differing, lead):
    client.force_login(lead)
    shown = client.get(page_of(differing)).content.decode()
    assert "Alice" in shown
    assert "Bob" in shown
    typed = {"right": "second", "reason": "The consents were real.", "finding": "no-violation", "category": "spam"}
    assert client.post(do(differing, "settle"), typed).status_code == 302
    decision = Decision.objects.get(corrects=differing.decision)
    assert (decision.finding, decision.rationale) == ("no-violation", "The consents were real.")
    assert b"was corrected" in client.get(page_of(differing)).content


def test_a_settlement_that_makes_no_sense_is_refused_on_the_page(client, differing, lead):
    client.force_login(lead)
    typed = {"right": "first", "reason": "Yes.", "finding": "no-violation", "category": "spam"}
    answer = client.post(do(differing, "settle"), typed)
    assert answer.status_code == 422
    assert b"nothing to correct" in answer.content


def test_those_who_settle_together_see_the_difference_and_not_each_other(client, alice, bob, carol, rules):
    everything(settle=Settling(by="consensus", voters=2, tier=3))
    check = drawn(decided(alice, rules))
    verbs.claim_next(bob)
    verbs.answer(bob, check, OTHER)
    verbs.opine(factories.person("Dora", tier=3), check, "first", "Doras view")
    client.force_login(carol)
    assert check.ref in client.get(reverse("quality:differences")).content.decode()
    shown = client.get(page_of(check)).content.decode()
    assert "Doras view" not in shown
    client.post(do(check, "opine"), {"right": "first", "reason": "Mine too."})
    check.refresh_from_db()
    assert (check.state, check.right) == ("settled", "first")


def test_the_number_of_queries_does_not_grow(client, differing, lead, alice, bob, rules, django_assert_max_num_queries):
    client.force_login(lead)
    for address in (page_of(differing), reverse("quality:differences"), reverse("quality:overview")):
        client.get(address)
    for _more in range(3):
        check = drawn(decided(alice, rules))
        verbs.claim_next(bob)
        verbs.answer(bob, check, OTHER)
        factories.report(differing.case, reporter=f"mail:{_more}@example.org")
    with django_assert_max_num_queries(12):
        client.get(reverse("quality:differences"))
    with django_assert_max_num_queries(32):
        client.get(page_of(differing))


def test_a_lead_puts_a_plan_in_force(client, lead, rules):
    client.force_login(lead)
    edit = reverse("quality:plan-edit")
    assert b"share: 0.03" in client.get(edit).content
    wrong = client.post(edit, {"plan": "share: 3", "change": "More"})
    assert wrong.status_code == 422
    plan = written(plan_with(share=0.2, settle=Settling(by="consensus")))
    assert client.post(edit, {"plan": plan, "change": "More"}).status_code == 302
    assert QualityPlan.objects.get().plan["share"] == 0.2
    assert b"20" in client.get(reverse("quality:plan")).content
    assert client.get(reverse("quality:plan-version", args=[1])).status_code == 200
    assert client.get(reverse("quality:plan-version", args=[9])).status_code == 404


@pytest.fixture
def api(client):
    def call(user, method, path, body=None):
        scopes = [str(each) for each in set().union(*(GRANTS[Role(role)] for role in user.roles))]
        secret = issue_token(SYSTEM, user, name="t", scopes=scopes)[1]
        forget_tokens()
        send = getattr(client, method)
        more = {"data": body, "content_type": "application/json"} if body is not None else {}
        return send(f"/api/v1{path}", headers={"Authorization": f"Bearer {secret}"}, **more)

    return call


def test_a_program_looks_again_and_a_lead_settles(api, check, alice, bob, lead):
    claimed = api(bob, "post", "/quality/checks/claim", {})
    matter = claimed.json()
    assert matter["ref"] == check.ref
    assert matter["reports"][0]["text"].startswith("They send us")
    assert RATIONALE not in claimed.content.decode()
    assert api(bob, "get", f"/quality/checks/{check.ref}/matter").status_code == 200
    assert api(bob, "get", f"/cases/{check.case.ref}").status_code == 403
    answer = {"finding": "no-violation", "rationale": "They had asked for it."}
    assert api(bob, "post", f"/quality/checks/{check.ref}/answer", answer).json() == {
        "ref": check.ref,
        "state": "differs",
    }
    listed = api(lead, "get", "/quality/checks?state=differs").json()
    assert [row["ref"] for row in listed["items"]] == [check.ref]
    settled = api(lead, "post", f"/quality/checks/{check.ref}/settle", {
        "right": "second", "reason": "Consents.", "verdict": {"finding": "no-violation"}})  # fmt: skip
    assert settled.json()["new_decision_id"]
    assert api(bob, "get", "/quality/plan").json()["share"] == 1.0
    assert api(bob, "get", "/quality/checks").status_code == 403


def test_nothing_waits_is_204(api, bob, check, alice):
    assert api(alice, "post", "/quality/checks/claim", {}).status_code == 204


def test_evidence_can_be_looked_at_in_seclusion(client, alice, bob, rules):
    everything()
    decision = decided(alice, rules)
    report = CaseReport.objects.get(case=decision.case)
    attached = evidence.attach(evidence.keep(b"a plain text"), Subject("report", report.report_id), "note.txt")
    drawn(decision)
    client.force_login(bob)
    client.post(reverse("quality:claim-next"))
    shown = client.get(reverse("record:evidence", args=[attached.id])).content.decode()
    assert "a plain text" in shown
    assert RATIONALE not in shown
    assert Event.objects.filter(verb="evidence.opened", actor_id=bob.id).exists()
