"""Golden cases, calibrations, and who sees which scores."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from seacliff.people.permissions import Role
from seacliff.quality import actions as verbs
from seacliff.quality import comparing, reading
from seacliff.quality.access import golden_of, score_for
from seacliff.quality.actions import Found
from seacliff.quality.models import Check, Golden, Session
from seacliff.quality.tests.worlds import RATIONALE, decided, drawn, everything
from seacliff.record import evidence
from seacliff.record.actions import Subject
from seacliff.record.desks import clear
from seacliff.record.models import Event
from seacliff.review.access import NotPermitted, NotValid, Refused
from seacliff.review.models import CaseReport
from seacliff.review.tests import factories

pytestmark = pytest.mark.django_db
RIGHT = Found("violation", "spam", "A bought list is bulk, whoever sends it.", ("warn",))
OTHER = Found("no-violation", "spam", "They had asked for it.")


@pytest.fixture
def decision(alice, rules):
    return decided(alice, rules, "warn", language="en")


@pytest.fixture
def golden(decision, lead):
    return verbs.keep(lead, decision.case, RIGHT)


def only_golden(alice, rules) -> None:
    """Every second look is at a golden case, as long as there is one to be had and something waits."""
    everything(golden=1.0)
    drawn(decided(alice, rules))


def test_a_golden_copy_holds_nobodys_name(alice, rules, lead):
    decision = decided(alice, rules)
    user = decision.case.target.parent
    said = f"{user.name} ({user.ref}) wrote to me from {user.email}, call +49 30 901820 or ann@example.org"
    factories.report(decision.case, reporter="mail:joe@example.org", text=said, at=decision.decided_at)
    copy = str(verbs.keep(lead, decision.case, RIGHT).copy)
    for secret in (user.name, user.ref, user.email, "901820", "ann@example.org", "Ann Reporter"):
        assert secret not in copy
    assert "robin.hale@example.org" in copy


def test_the_texts_of_a_copy_are_those_that_a_lead_went_over(decision, lead):
    golden = verbs.keep(lead, decision.case, RIGHT, texts=["They sent it to the whole school."])
    assert golden.copy["said"][0]["text"] == "They sent it to the whole school."


@pytest.mark.parametrize(
    ("right", "words"),
    [
        (Found("", "spam", "x" * 20), "what is right"),
        (Found("violation", "nothing", "x" * 20), "no harm"),
        (Found("violation", "spam", "short"), "why"),
        (Found("violation", "spam", "x" * 20, ("geoblock",)), "allow"),
    ],
)
def test_what_is_right_must_be_said_whole(decision, lead, right, words):
    with pytest.raises(NotValid, match=words):
        verbs.keep(lead, decision.case, right)


def test_what_cannot_be_kept(decision, golden, lead, bob, alice, rules):
    with pytest.raises(Refused, match="already"):
        verbs.keep(lead, decision.case, RIGHT)
    with pytest.raises(NotPermitted):
        verbs.keep(bob, decided(alice, rules).case, RIGHT)
    with pytest.raises(Refused, match="decide it first"):
        verbs.keep(lead, factories.case(), RIGHT)
    restricted = decided(alice, rules)
    report = CaseReport.objects.get(case=restricted.case)
    evidence.attach(evidence.keep(b"x", restricted=True), Subject("report", report.report_id), "x.bin")
    with pytest.raises(Refused, match="restricted"):
        verbs.keep(lead, restricted.case, RIGHT)


def test_a_golden_case_comes_in_the_place_of_a_sampled_one_and_looks_like_it(client, golden, alice, bob, rules):
    only_golden(alice, rules)
    client.force_login(bob)
    there = client.post(reverse("quality:claim-next")).headers["Location"]
    check = Check.objects.get(holder=bob)
    assert check.kind == "golden"
    shown = client.get(there).content.decode()
    assert "olden case" not in shown.replace("Golden cases", "")
    assert RATIONALE not in shown
    assert "bought list is bulk" not in shown
    check = verbs.answer(bob, check, OTHER)
    assert (check.state, check.agrees) == ("answered", False)
    after = client.get(there).content.decode()
    assert "bought list is bulk" in after


def test_each_is_asked_a_golden_case_once(golden, alice, bob, rules):
    only_golden(alice, rules)
    verbs.answer(bob, verbs.claim_next(bob), RIGHT)
    assert verbs.claim_next(bob).kind == "sample"


def test_neither_a_lead_nor_the_first_reviewer_is_asked_a_golden_case(golden, alice, bob, lead, rules):
    everything(golden=1.0)
    drawn(decided(bob, rules))
    assert verbs.claim_next(alice).kind == "sample"
    drawn(decided(bob, rules))
    assert verbs.claim_next(lead).kind == "sample"


def test_when_nothing_waits_no_golden_case_gives_itself_away(golden, bob):
    everything(golden=1.0)
    assert verbs.claim_next(bob) is None


def test_events_of_golden_cases_do_not_tell_who_was_right(golden, alice, bob, rules):
    only_golden(alice, rules)
    check = verbs.answer(bob, verbs.claim_next(bob), OTHER)
    for event in Event.objects.filter(subject_id=check.id):
        assert event.data == {}
        assert event.story_id is None


def test_a_golden_case_is_retired_with_the_wording_it_rests_on(golden, rules):
    assert clear("golden-follow") == 0
    factories.publish(rules.policy, 2, at=timezone.now())
    clear("golden-follow")
    golden.refresh_from_db()
    assert golden.retired_at is not None
    assert "new wording" in golden.retired_because


def test_a_retired_golden_case_is_asked_of_nobody(golden, alice, bob, lead, rules):
    only_golden(alice, rules)
    verbs.retire(lead, golden, "It was ambiguous.")
    assert verbs.claim_next(bob).kind == "sample"
    with pytest.raises(Refused):
        verbs.retire(lead, golden, "Again.")


def test_scores_are_for_oneself_and_for_leads(golden, alice, bob, carol, lead, rules, client):
    only_golden(alice, rules)
    verbs.answer(bob, verbs.claim_next(bob), RIGHT)
    score, rows = reading.score_of(bob)
    assert (score.answered, score.right, score.share) == (1, 1, None)
    assert score_for(lead, bob.id) == bob
    for person in (carol, factories.person("Paul Policy", roles=(Role.POLICY_MANAGER,))):
        client.force_login(person)
        assert client.get(reverse("quality:scores-of", args=[bob.id])).status_code == 404
        assert client.get(reverse("quality:golden-one", args=[golden.id])).status_code in (403, 404)
        assert client.get(reverse("quality:check", args=[rows[0].ref])).status_code == 404
    client.force_login(bob)
    assert b"Your golden answers" in client.get(reverse("quality:scores")).content
    client.force_login(lead)
    assert b"Bob Lindqvist" in client.get(reverse("quality:scores")).content
    assert client.get(reverse("quality:scores-of", args=[bob.id])).status_code == 200
    assert golden_of(lead, golden.id) == golden


def test_a_lead_keeps_looks_at_and_retires_a_golden_case_on_pages(client, decision, lead):
    client.force_login(lead)
    assert client.get(reverse("quality:golden")).status_code == 200
    assert client.get(reverse("quality:golden-keep")).status_code == 200
    keep = reverse("quality:golden-keep")
    assert b"They send us the same invitation" in client.get(keep, {"case": decision.case.ref}).content
    typed = {"case": decision.case.ref, "finding": "violation", "category": "spam", "action": ["warn"],
             "text": ["They sent it to all."], "why": "no"}  # fmt: skip
    assert client.post(keep, typed).status_code == 422
    answer = client.post(keep, typed | {"why": "A bought list is bulk."})
    golden = Golden.objects.get()
    assert answer.headers["Location"] == reverse("quality:golden-one", args=[golden.id])
    assert b"They sent it to all." in client.get(answer.headers["Location"]).content
    client.post(reverse("quality:golden-retire", args=[golden.id]), {"reason": "Ambiguous."})
    golden.refresh_from_db()
    assert golden.retired_because == "Ambiguous."
    assert client.get(keep, {"case": "C-999999999"}).status_code == 404


@pytest.fixture
def session(lead, alice, bob, carol, rules):
    cases = [decided(alice, rules, "warn").case, decided(factories.person(), rules).case]
    return verbs.open_session(lead, "Bulk or not", cases, [alice, bob, carol], 7)


def judge(user, session, *verdicts):
    for verdict in verdicts:
        verbs.answer(user, verbs.claim_next(user, session), verdict)


def test_a_calibration_from_the_first_look_to_what_was_agreed(session, lead, alice, bob, carol):
    judge(alice, session, OTHER)  # the first case was hers
    assert verbs.claim_next(alice, session) is None
    judge(bob, session, RIGHT, OTHER)
    judge(carol, session, OTHER, OTHER)
    standing = {one.member: (one.answered, one.of) for one in comparing.progress(session)}
    assert standing == {alice: (1, 1), bob: (2, 2), carol: (2, 2)}
    session = verbs.compare(lead, session)
    table = comparing.table(session)
    assert [str(member) for member in table.members] == ["Alice Okafor", "Bob Lindqvist", "Carol Sandoval"]
    assert [[cell.label for cell in row.cells] for row in table.rows] == [[None, "spam", "-"], ["-", "-", "-"]]
    assert [row.alike for row in table.rows] == [0.0, 1.0]
    assert table.alpha is not None
    verbs.write_note(bob, session, "Is a bought list always bulk?")
    with pytest.raises(Refused, match="each case"):
        verbs.close(lead, session)
    for row in session.cases.all():
        verbs.agree(lead, row, "violation", "spam", "Bought is bulk.")
    session = verbs.close(lead, session)
    assert session.state == "closed"
    kept = verbs.keep(
        lead, table.rows[0].case.decision.case, RIGHT, source="calibration", of_session=table.rows[0].case
    )
    assert session.cases.get(place=1).golden == kept


def test_nobody_sees_a_verdict_before_all_are_compared(client, session, lead, bob, carol):
    judge(bob, session, RIGHT)
    for person in (lead, carol):
        client.force_login(person)
        shown = client.get(reverse("quality:session", args=[session.id])).content.decode()
        assert "bought list is bulk" not in shown
        assert "C-" not in shown
    client.force_login(carol)
    assert client.get(reverse("quality:check", args=[Check.objects.get(second=bob).ref])).status_code == 404


def test_one_judges_alone_and_set_apart(client, session, bob):
    client.force_login(bob)
    there = client.post(reverse("quality:session-next", args=[session.id])).headers["Location"]
    assert client.get(reverse("quality:session", args=[session.id])).headers["Location"] == there
    answer = client.post(f"{there}/answer", {"finding": "violation", "category": "spam", "rationale": "Bulk."})
    assert answer.headers["Location"] == reverse("quality:session", args=[session.id])


def test_what_was_given_back_is_left_out_of_ones_row(session, bob, lead):
    check = verbs.claim_next(bob, session)
    verbs.give_back(bob, check)
    assert verbs.claim_next(bob, session) != check
    assert [one.of for one in comparing.progress(session) if one.member == bob] == [1]


def test_comparing_ends_what_somebody_has_open(session, bob, lead):
    check = verbs.claim_next(bob, session)
    verbs.compare(lead, session)
    bob.refresh_from_db()
    assert bob.secluded_at == ""
    with pytest.raises(Refused):
        verbs.answer(bob, check, RIGHT)


def test_only_those_who_take_part_and_leads_see_a_calibration(client, session, rules):
    client.force_login(factories.person("Nora None"))
    assert client.get(reverse("quality:session", args=[session.id])).status_code == 404
    assert str(session) not in client.get(reverse("quality:calibrations")).content.decode()
    assert client.post(reverse("quality:session-do", args=[session.id, "note"]), {"body": "x"}).status_code == 404


def test_a_calibration_on_its_pages(client, lead, alice, bob, carol, rules, django_assert_max_num_queries):
    cases = " ".join(decided(alice, rules).case.ref for _n in range(2))
    client.force_login(lead)
    assert b"Bob Lindqvist" in client.get(reverse("quality:calibration-open")).content
    typed = {"title": "Bulk", "cases": cases, "members": [str(bob.id), str(carol.id)], "days": "5"}
    for wrong in (
        {"title": ""},
        {"cases": ""},
        {"cases": "C-999999"},
        {"members": []},
        {"days": "0"},
        {"members": ["x"]},
    ):
        assert client.post(reverse("quality:calibration-open"), typed | wrong).status_code == 422
    there = client.post(reverse("quality:calibration-open"), typed).headers["Location"]
    session = Session.objects.get()
    assert b"0 / 2" in client.get(there).content
    judge(bob, session, RIGHT, RIGHT)
    judge(carol, session, RIGHT, OTHER)
    client.post(f"{there}/compare")
    with django_assert_max_num_queries(16):
        shown = client.get(there).content.decode()
    assert "100 %" in shown
    assert client.post(f"{there}/agree", {"place": "9"}).status_code == 422
    for place in (1, 2):
        agreed = {"place": str(place), "finding": "violation", "found": "spam", "why": "Bulk."}
        assert client.post(f"{there}/agree", agreed).status_code == 302
    client.post(f"{there}/note", {"body": "We agree."})
    client.post(f"{there}/close")
    shown = client.get(there).content.decode()
    assert "We agree." in shown
    assert "Closed" in shown
    of = session.cases.get(place=1)
    keep = f"{reverse('quality:golden-keep')}?case={of.decision.case.ref}&of={of.id}"
    assert b"Bulk." in client.get(keep).content
    client.post(reverse("quality:golden-keep"), {"case": of.decision.case.ref, "of": str(of.id), "finding": "violation",
                "category": "spam", "why": "Bulk, as agreed.", "text": ["All got it."]})  # fmt: skip
    of.refresh_from_db()
    assert of.golden.source == "calibration"


def test_agreement_by_policy_for_all_and_by_reviewer_for_leads_and_oneself(client, alice, bob, lead, rules):
    everything()
    other = factories.person("Otto Other")
    for user in (alice, other):
        for n in range(2):
            check = drawn(decided(user, rules))
            verbs.claim_next(bob)
            verbs.answer(bob, check, RIGHT if n else OTHER)
    found = reading.read(timezone.now() - timedelta(days=1), timezone.now())
    assert (found.whole.n, found.whole.agreed, found.whole.open) == (4, 2, 2)
    assert [(group.label, group.n) for group in found.policies] == [("spam", 4)]
    assert found.whole.too_few
    page = reverse("quality:agreement")
    client.force_login(lead)
    assert b"too few to say" in client.get(page).content
    assert b"Otto Other" in client.get(page, {"days": "30"}).content
    client.force_login(alice)
    shown = client.get(page, {"days": "nonsense"}).content
    assert b"Alice Okafor" in shown
    assert b"Otto Other" not in shown


def test_enough_second_looks_are_drawn_and_told(client, alice, bob, lead, rules, django_assert_max_num_queries):
    everything()
    first = drawn(decided(alice, rules))
    verbs.claim_next(bob)
    verbs.answer(bob, first, RIGHT)
    first = Check.objects.get(id=first.id)
    copies = []
    for n in range(60):
        copy = Check(**{field.attname: getattr(first, field.attname) for field in Check._meta.concrete_fields
                        if field.attname not in ("id", "number", "decision_id", "kind")})  # fmt: skip
        copy.decision, copy.kind = first.decision, "sample"
        if n % 5 == 0:
            copy.finding, copy.agrees, copy.state, copy.right = "no-violation", False, "settled", "second"
        copies.append(copy)
    from seacliff.quality.agreement import agreement
    from seacliff.quality.plots import alpha_plot
    from seacliff.quality.reading import _pair

    rows = [{name: getattr(copy, name, None) for name in reading.FIELDS} for copy in copies]
    told = agreement("spam", [_pair(row) for row in rows])
    assert told.share.value == pytest.approx(0.8)
    assert told.wrong.value == pytest.approx(0.2)
    plot = alpha_plot([told]) if told.alpha else None
    assert plot is None or plot.bars[0].n == 60
    client.force_login(lead)
    with django_assert_max_num_queries(14):
        client.get(reverse("quality:agreement"))
