"""Runs: steps begin, are answered, fall away; people steer; nothing is made twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from seacliff.partners import actions as asks
from seacliff.partners.access import by_user
from seacliff.partners.models import Ask, Dispatch, Reminder
from seacliff.partners.tests.factories import charter, function
from seacliff.people.models import User
from seacliff.people.permissions import Role
from seacliff.people.problems import Conflict, Invalid, NotAllowed
from seacliff.playbooks import engine, steering
from seacliff.playbooks.models import Run, RunStep
from seacliff.playbooks.starting import NewRun, start, start_many
from seacliff.record.actions import SYSTEM, Subject
from seacliff.record.desks import clear
from seacliff.record.models import Clock, Event
from seacliff.review.tests import factories as cases

from .factories import SMALL, actor, answered, lead, published, settle, started, states, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def ruth():
    return lead()


@pytest.fixture
def run(ruth):
    return started(by=ruth, inputs={"what": "a wave"})


def done(user, run, key="look", **form):
    run = steering.complete(user, actor(user), run, key, form=form or {"grave": "yes"})
    settle()
    return run


def verbs(run):
    return list(Event.objects.filter(subject_id=run.id).order_by("id").values_list("verb", flat=True))


def test_the_first_step_begins_and_the_others_wait(run):
    assert states(run) == {"look": "open", "ask_legal": "waiting", "told": "waiting"}
    clock = Clock.objects.get(subject_id=step(run, "look").id)
    assert clock.due_at == step(run, "look").due_at and clock.owner_kind == "function"
    assert run.attend_at is None and run.ref.startswith("R-1")


def test_a_task_done_lets_its_ask_go_out_with_what_was_said(run, ruth):
    done(ruth, run)
    ask = step(run, "ask_legal").ask
    assert ask.question == "About a wave: grave yes" and ask.to_function.slug == "legal"
    assert (ask.asked_by, ask.asker_email) == (ruth, ruth.email)
    assert abs(ask.due_at - (run.started_at + timedelta(hours=4))) < timedelta(seconds=5)
    assert Reminder.objects.filter(ask=ask).exists()
    assert not Clock.objects.filter(subject_id=step(run, "look").id, stopped_at=None).exists()


def test_the_answer_takes_it_on_and_the_run_is_finished(run, ruth):
    done(ruth, run)
    answered(run, "ask_legal")
    run.refresh_from_db()
    assert set(states(run).values()) == {"done"} and run.state == "finished"
    assert step(run, "told").written == "Legal said yes"
    assert verbs(run) == ["run.started", "run.step-begun", "run.step-done", "run.step-begun", "run.step-done", "run.note",
                          "run.finished"]  # fmt: skip
    assert Event.objects.get(verb="run.note").reason == "Legal said yes"


def test_a_step_whose_condition_does_not_hold_falls_away(run, ruth):
    done(ruth, run, grave="no")
    run.refresh_from_db()
    assert states(run) == {"look": "done", "ask_legal": "skipped", "told": "done"} and run.state == "finished"
    assert not Ask.objects.exists()


def test_the_form_of_a_task_is_checked(run, ruth):
    with pytest.raises(Invalid, match="Grave"):
        steering.complete(ruth, actor(ruth), run, "look", form={})
    with pytest.raises(Conflict, match="is not open"):
        done(ruth, run, "told")
    done(ruth, run)
    with pytest.raises(Conflict, match="is asked of Legal"):
        done(ruth, run, "ask_legal")


def test_the_same_run_and_the_same_ask_are_made_once(ruth):
    version = published()
    new = NewRun(version, "", lead=ruth, key="case:1")
    first, again = start_many(SYSTEM, [new, new])
    assert first == again == start(SYSTEM, new) and Run.objects.count() == 1
    settle()
    done(ruth, first)
    # A desk that died after asking and before saying so: the step is as it was before.
    RunStep.objects.filter(run=first, key="ask_legal").update(state="waiting", ask=None, opened_at=None)
    Run.objects.filter(id=first.id).update(attend_at=timezone.now())
    settle()
    assert Ask.objects.count() == 1 and step(first, "ask_legal").ask == Ask.objects.get()


def test_the_input_is_checked(ruth):
    version = published(SMALL.replace("label: What}", "label: How many, type: number, needed: true}"))
    with pytest.raises(Invalid, match="How many: this is needed"):
        started(version, ruth)
    with pytest.raises(Invalid, match="How many: write a number"):
        started(version, ruth, inputs={"what": "many"})
    with pytest.raises(Invalid, match="does not ask for colour"):
        started(version, ruth, inputs={"what": "3", "colour": "red"})


def test_an_ask_without_a_time_of_its_own_has_the_charter_s(ruth):
    version = published(SMALL.replace("    due: 4h after start\n", ""))
    charter(function("legal"))
    run = started(version, ruth, severity=1)
    done(ruth, run)
    assert step(run, "ask_legal").due_at - timezone.now() < timedelta(hours=1)
    assert Dispatch.objects.get(purpose="asked").address == "dana@lantern.example"


def test_what_comes_too_late_is_due_in_a_moment(run, ruth):
    Run.objects.filter(id=run.id).update(started_at=timezone.now() - timedelta(hours=6))
    done(ruth, run)
    found = step(run, "ask_legal")
    assert found.is_late and timedelta(minutes=14) < found.ask.due_at - timezone.now() < timedelta(minutes=16)


def test_a_step_begins_at_its_time_and_not_before(ruth):
    run = started(published(SMALL.replace("    due: 1h", "    opens: 2h after start\n    due: 1h")), ruth)
    assert states(run)["look"] == "scheduled" and run.attend_at == step(run, "look").opens_at
    assert clear("playbook-runs") == 0
    past = timezone.now() - timedelta(seconds=1)
    RunStep.objects.filter(run=run, key="look").update(opens_at=past)
    Run.objects.filter(id=run.id).update(attend_at=past)
    assert clear("playbook-runs") == 1 and states(run)["look"] == "open"


def test_a_refused_approval_ends_the_run_and_takes_back_what_is_open(ruth):
    text = (
        SMALL
        + """
  - {key: allowed, title: Allowed, kind: approval, by: legal, text: 'May we?'}
  - {key: other, title: Other, kind: ask, by: legal, text: 'And this?'}
"""
    )
    run = started(published(text), ruth)
    answered(run, "allowed", "no", "Never")
    run.refresh_from_db()
    assert (run.state, run.outcome) == ("ended", "Allowed: no")
    assert states(run) == {
        "look": "dropped",
        "ask_legal": "dropped",
        "told": "dropped",
        "allowed": "done",
        "other": "dropped",
    }
    assert step(run, "other").ask.state == "withdrawn"
    assert not Clock.objects.filter(stopped_at=None, name="step").exists()


def test_an_end_criterion_ends_it(ruth):
    text = SMALL + "ends:\n  - {when: 'steps.look.form.grave == \"no\"', outcome: Nothing grave}\n"
    run = done(ruth, started(published(text), ruth), grave="no")
    run.refresh_from_db()
    assert (run.state, run.outcome) == ("ended", "Nothing grave")


def test_an_approval_of_the_team_is_given_by_somebody_else_than_who_leads_the_run(ruth):
    text = SMALL + "  - {key: allowed, title: Allowed, kind: approval, text: 'May we?'}\n"
    run = started(published(text), ruth)
    with pytest.raises(NotAllowed, match="somebody else approves"):
        steering.complete(ruth, actor(ruth), run, "allowed", "yes")
    reviewer = User.objects.create_user("rita@example.org", name="Rita", roles=[Role.REVIEWER])
    with pytest.raises(NotAllowed, match="a lead or a policy manager"):
        steering.complete(reviewer, actor(reviewer), run, "allowed", "yes")
    other = lead("Lea Other")
    with pytest.raises(Invalid, match="Say why not"):
        steering.complete(other, actor(other), run, "allowed", "no")
    steering.complete(other, actor(other), run, "allowed", "yes")
    assert step(run, "allowed").answer == "yes"


def test_a_withdrawn_ask_is_a_step_skipped(run, ruth):
    done(ruth, run)
    asks.withdraw(by_user(ruth), step(run, "ask_legal").ask, "We know by now")
    settle()
    run.refresh_from_db()
    assert step(run, "ask_legal").reason == "We know by now"
    assert states(run)["ask_legal"] == "skipped" and run.state == "finished"


def test_skipping_needs_a_reason_and_lets_the_rest_go_on(run, ruth):
    with pytest.raises(Invalid, match="Say why it is skipped"):
        steering.skip(actor(ruth), run, "look", " ")
    done(ruth, run)
    steering.skip(actor(ruth), run, "ask_legal", "They told us at lunch")
    assert step(run, "ask_legal").ask.state == "withdrawn" and run.state == "finished"
    with pytest.raises(Conflict, match="is over"):
        steering.skip(actor(ruth), run, "look", "x")
    assert Event.objects.filter(verb="run.step-skipped", reason="They told us at lunch", actor_id=ruth.id).count() == 1


def test_an_ask_handed_over_is_withdrawn_and_made_anew(run, ruth):
    done(ruth, run)
    first = step(run, "ask_legal").ask
    steering.hand_over(actor(ruth), run, "ask_legal", "It is about data", function=function("privacy"))
    first.refresh_from_db()
    second = step(run, "ask_legal").ask
    assert first.state == "withdrawn" and second.to_function.slug == "privacy" and second.state == "asked"
    assert abs(second.due_at - first.due_at) < timedelta(seconds=5)
    answered(run, "ask_legal")
    run.refresh_from_db()
    assert run.state == "finished"


def test_what_waits_can_be_handed_over_too_and_a_task_stays_the_team_s(run, ruth):
    steering.hand_over(actor(ruth), run, "ask_legal", "Theirs", function=function("privacy"))
    steering.hand_over(actor(ruth), run, "look", "You saw it first", person=lead("Lea"))
    assert step(run, "look").assigned_to.name == "Lea" and states(run)["look"] == "open"
    assert Clock.objects.get(subject_id=step(run, "look").id, stopped_at=None).owner_kind == "person"
    with pytest.raises(Invalid, match="Skip it and add a step"):
        steering.hand_over(actor(ruth), run, "look", "x", function=function("legal"))
    done(ruth, run)
    assert step(run, "ask_legal").ask.to_function.slug == "privacy"


def test_a_step_is_put_off_with_its_clock(run, ruth):
    later = timezone.now() + timedelta(days=2)
    steering.put_off(ruth, actor(ruth), run, "look", later, "Half the team is ill")
    assert step(run, "look").due_at == later
    assert Clock.objects.get(subject_id=step(run, "look").id, stopped_at=None).due_at == later
    steering.hand_over(actor(ruth), run, "look", "She knows it", person=ruth)
    settle()
    steering.put_off(ruth, actor(ruth), run, "look", later, "She is ill too")
    assert Clock.objects.get(subject_id=step(run, "look").id, stopped_at=None).owner_kind == "person"
    done(ruth, run)
    steering.put_off(ruth, actor(ruth), run, "ask_legal", later, "They are ill too")
    assert step(run, "ask_legal").ask.due_at == later == step(run, "ask_legal").due_at


def test_a_step_is_added_while_it_runs(run, ruth):
    said = {"title": "Ask Security too", "kind": "ask", "by": "security", "text": "Seen? {{ steps.look.form.grave }}",
            "after": ["look"], "due": "2h"}  # fmt: skip
    steering.add(actor(ruth), run, said)
    done(ruth, run)
    assert step(run, "ask_security_too").ask.question == "Seen? yes"
    answered(run, "ask_legal")
    assert run.version.document.step("ask_security_too") is None
    assert states(run)["told"] == "done"
    run.refresh_from_db()
    assert run.is_running
    answered(run, "ask_security_too")
    run.refresh_from_db()
    assert run.state == "finished"


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"title": ""}, "give the step a title"),
        ({"title": "X", "kind": "ask", "by": "legal"}, "write the question"),
        ({"title": "X", "after": ["nowhere"]}, "There is no step nowhere"),
        ({"title": "X", "when": "steps.look.for.x"}, "there is no steps.look.for"),
        ({"title": "X", "by": "nobody", "kind": "ask", "text": "?"}, "There is no function nobody"),
        ({"title": "X", "due": "2h after look"}, "let it come after that"),
        ({"title": "X", "colour": "red"}, "unknown field"),
    ],
)
def test_an_added_step_is_checked(run, ruth, said, says):
    with pytest.raises(Invalid, match=says):
        steering.add(actor(ruth), run, said)


def test_cancelling_takes_everything_back(run, ruth):
    done(ruth, run)
    steering.cancel(actor(ruth), run, "A false alarm")
    assert (run.state, run.outcome) == ("cancelled", "A false alarm")
    assert step(run, "ask_legal").ask.state == "withdrawn" and states(run)["told"] == "dropped"
    assert Event.objects.filter(verb="run.cancelled", actor_id=ruth.id).count() == 1
    with pytest.raises(Conflict):
        steering.cancel(actor(ruth), run, "Again")


def test_somebody_else_leads(run, ruth):
    other = lead("Lea")
    steering.lead(actor(ruth), run, other)
    done(ruth, run)
    assert step(run, "ask_legal").ask.asked_by == other


def test_a_run_about_a_case_shares_what_was_said_and_nobody_s_name(ruth):
    case = cases.case()
    text = SMALL.replace("    due: 4h after start", "    share: [severity, reports, nothing-such]")
    text = text.replace(
        "About {{ input.what }}", "{{ case.ref }} {{ case.product }} {{ case.reports }} {{ input.what }}"
    )
    run = started(published(text), ruth, about=Subject("case", case.id), about_label=case.ref,
                  inputs={"what": "call +49 30 1234567 or ann@example.org"})  # fmt: skip
    done(ruth, run)
    ask = step(run, "ask_legal").ask
    assert ask.about_id == case.id and {piece["key"] for piece in ask.shared} == {"severity", "reports"}
    assert ask.question.startswith(f"{case.ref} Meetings {case.report_count}")
    assert "1234567" not in ask.question and "ann@" not in ask.question
    assert Event.objects.filter(story_id=case.id, verb="run.started").count() == 1


def test_a_lead_who_has_left_shares_nothing_and_the_run_goes_on(ruth):
    case = cases.case()
    text = SMALL.replace("    due: 4h after start", "    share: [severity]")
    run = started(published(text), ruth, about=Subject("case", case.id), about_label=case.ref)
    User.objects.filter(id=ruth.id).update(is_active=False, roles=[])
    done(ruth, run)
    ask = step(run, "ask_legal").ask
    assert ask.shared == [] and ask.asked_by is None


def test_one_run_that_can_not_go_on_holds_up_no_other(ruth, monkeypatch):
    bad, good = started(by=ruth), started(Run.objects.get().version, ruth)
    steering_attend = engine.attend

    def attend(runs):
        if any(run.id == bad.id for run in runs):
            raise RuntimeError("broken")
        steering_attend(runs)

    RunStep.objects.filter(key="look").update(state="done", done_at=timezone.now(), values={"grave": "yes"})
    Run.objects.update(attend_at=timezone.now())
    monkeypatch.setattr(engine, "attend", attend)
    assert engine.attend_due() == 2
    bad.refresh_from_db()
    assert "broken" in bad.trouble and bad.attend_at > timezone.now() and states(good)["ask_legal"] == "open"


def test_an_ask_that_can_not_be_made_is_tried_again_and_the_run_says_why(ruth):
    run = started(by=ruth, inputs={"what": "a wave"})
    RunStep.objects.filter(run=run, key="ask_legal").update(assigned_to=lead("Somebody who left Legal"))
    done(ruth, run)
    run.refresh_from_db()
    assert "is no contact or member of Legal" in run.trouble and states(run)["ask_legal"] == "scheduled"
    assert run.attend_at > timezone.now()


def test_a_batch_costs_the_same_queries_whatever_is_in_it(ruth, django_assert_max_num_queries):
    version = published(SMALL)
    for number in range(2):
        start_many(SYSTEM, [NewRun(version, f"{number}.{n}", lead=ruth) for n in range(10)])
        settle()
    RunStep.objects.filter(key="look").update(state="done", done_at=timezone.now(), values={"grave": "yes"})
    Run.objects.update(attend_at=timezone.now())
    with django_assert_max_num_queries(30):
        assert engine.attend_due() == 20
    assert Ask.objects.count() == 20


@pytest.mark.parametrize(("said", "asked"), [("", "Small one: Is it right"), ("x" * 9_000, "x" * 4_999 + "…")])
def test_what_was_said_before_may_be_nothing_or_much_and_the_run_goes_on(ruth, said, asked):
    book = SMALL.replace(
        '"About {{ input.what }}: grave {{ steps.look.form.grave }}"',
        '"{{ input.what }}{{ input.what }}{{ input.what }}?"',
    )
    run = started(published(book.replace("What does the law say", "Is it right")), by=ruth, inputs={"what": said})
    done(ruth, run)
    assert step(run, "ask_legal").ask.question == asked and not run.trouble
