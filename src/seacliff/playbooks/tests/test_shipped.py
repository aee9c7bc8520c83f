"""The eight that come with the product, each played to its end: asks answered by the verb that mail, links and pages use."""

from datetime import timedelta

import pytest
from django.utils import timezone

from seacliff.partners.answers import stored
from seacliff.partners.models import Ask
from seacliff.playbooks import steering
from seacliff.playbooks.library import all_in_force
from seacliff.playbooks.models import Run, RunStep
from seacliff.playbooks.shipped import install, shipped
from seacliff.playbooks.starting import NewRun, start
from seacliff.record.actions import SYSTEM, Subject
from seacliff.record.models import Clock, Event
from seacliff.review.tests import factories as cases

from .factories import actor, answered, filled, lead, settle, states, step, team

pytestmark = pytest.mark.django_db
INPUTS = {"number": "24", "yes-no": "yes", "date": "2027-01-31", "url": "https://example.org"}
SLUGS = sorted(shipped())


def begun(slug, ruth, **inputs):
    team()
    install(SYSTEM, ruth, published=True)
    found = next(each for each in all_in_force() if each.playbook.slug == slug)
    given = {each.key: INPUTS.get(each.type, "As told") for each in found.document.inputs} | inputs
    case = cases.case()
    run = start(actor(ruth), NewRun(found, "", given, Subject("case", case.id), case.ref, lead=ruth))
    settle()
    return run


def play(run, ruth, other, said=None, forms=None):
    """Everything open is answered or done until the run is over; what begins later begins now."""
    for _ in range(40):
        run.refresh_from_db()
        if not run.is_running:
            return run
        for each in RunStep.objects.filter(run=run, state="open").select_related("run__version"):
            if step(run, each.key).state != "open":
                continue
            form = (forms or {}).get(each.key)
            answer, reason = (said or {}).get(each.key, ("yes", "As agreed"))
            if each.spec.asks:
                answered(run, each.key, answer, reason, form)
            else:
                fields = stored(each.spec.fields)
                who = other if each.spec.kind == "approval" else ruth
                filled_form = filled(fields) | (form or {})
                steering.complete(
                    who, actor(who), run, each.key, answer if each.spec.answered else "", reason, filled_form
                )
            settle()
            if not Run.objects.get(id=run.id).is_running:
                break
        later = RunStep.objects.filter(run=run, state="scheduled")
        if later:
            past = timezone.now() - timedelta(seconds=1)
            later.update(opens_at=past)
            Run.objects.filter(id=run.id, state="running").update(attend_at=past)
            settle()
    raise AssertionError(f"{run} does not come to its end: {states(run)}")


@pytest.mark.parametrize("slug", SLUGS)
def test_it_runs_to_its_end(slug):
    ruth, other = lead(), lead("Lea Other")
    run = play(begun(slug, ruth), ruth, other)
    assert (run.state, run.outcome) == ("finished", "Every step is done"), states(run)
    assert set(states(run).values()) == {"done"}
    asked = Ask.objects.filter(run_steps__run=run)
    assert len({ask.to_function_id for ask in asked}) >= 3 and all(ask.state == "answered" for ask in asked)
    assert asked.count() == sum(each.asks for each in run.version.document.steps)
    for ask in asked:
        assert "{{" not in ask.question and "–" not in ask.question, ask.question
    assert not Clock.objects.filter(subject_kind="playbook-step", stopped_at=None).exists()
    told = Event.objects.filter(subject_id=run.id)
    assert told.filter(verb="run.step-done").count() + told.filter(verb="run.note").count() == len(states(run))


@pytest.mark.parametrize(
    ("slug", "forms", "said", "outcome", "skipped"),
    [
        ("credible-threat-to-life", {"judge": {"credible": "no"}}, {}, "Not credible; the case was decided", {"disclose"}),
        ("credible-threat-to-life", {}, {"disclose": ("no", "It is no emergency")}, "Every step is done",
         {"tell", "communications"}),
        ("government-removal-order", {"authentic": {"authentic": "no"}}, {}, "Not authentic", set()),
        ("government-removal-order", {}, {"decide": ("no", "It is not binding")}, "Every step is done", {"act"}),
        ("high-profile-account-suspension", {"facts": {"severe": "no"}}, {"approve": ("no", "A warning will do")},
         "A second person of the team decides with you: no", {"stopgap"}),
        ("press-inquiry", {"facts": {"ours": "no", "person": "no"}}, {}, "Every step is done", {"mend", "privacy"}),
        ("risky-launch", {"risks": {"score": "4"}}, {}, "Every step is done", {"law"}),
        ("disrupted-meetings-wave", {"size_up": {"minors": "no"}}, {}, "Every step is done", {"refer"}),
        ("appeal-that-may-change-policy", {"others": {"cases": "0"}},
         {"law": ("no", "Nothing"), "product": ("no", "Nothing")}, "The rule stays as it is", set()),
    ],
)  # fmt: skip
def test_it_goes_other_ways_too(slug, forms, said, outcome, skipped):
    ruth, other = lead(), lead("Lea Other")
    run = play(begun(slug, ruth), ruth, other, said, forms)
    assert run.outcome.startswith(outcome)
    assert {key for key, state in states(run).items() if state == "skipped"} >= skipped
