"""A team with its functions, playbooks and runs, for the tests of this room and those above."""

import itertools
from typing import Any

from seacliff.partners import actions as asks
from seacliff.partners.access import by_user, our_function
from seacliff.partners.models import Ask
from seacliff.partners.tests.factories import function, partner
from seacliff.people.models import User
from seacliff.people.permissions import Role
from seacliff.playbooks.library import create, publish
from seacliff.playbooks.models import PlaybookVersion, Run, RunStep
from seacliff.playbooks.starting import NewRun, start
from seacliff.record.actions import SYSTEM, Actor
from seacliff.record.desks import clear
from seacliff.record.models import Event

_numbers = itertools.count(1)
SMALL = """
name: Small one
inputs:
  - {key: what, label: What}
steps:
  - key: look
    title: Look at it
    due: 1h
    form:
      - {key: grave, label: Grave, type: yes-no, needed_for: ["yes"]}
  - key: ask_legal
    title: What does the law say
    kind: ask
    by: legal
    text: "About {{ input.what }}: grave {{ steps.look.form.grave }}"
    after: [look]
    when: steps.look.form.grave == "yes"
    due: 4h after start
  - key: told
    title: Told
    kind: note
    text: "Legal said {{ steps.ask_legal.answer }}"
    after: [ask_legal]
"""


def team() -> None:
    our_function()
    for slug in ("communications", "engineering", "government-relations", "product", "legal", "support", "security",
                 "privacy", "sales", "finance"):  # fmt: skip
        function(slug)


def lead(name: str = "Ruth Lead") -> User:
    return User.objects.create_user(f"lead{next(_numbers)}@example.org", name=name, roles=[Role.LEAD])


def actor(user: User) -> Actor:
    return Actor(Event.ActorKind.PERSON, user.id, str(user))


def published(source: str = SMALL, user: User | None = None, slug: str = "") -> PlaybookVersion:
    team()
    return publish(SYSTEM, create(SYSTEM, source, slug), "First", user)


def started(version: PlaybookVersion | None = None, by: User | None = None, **said: Any) -> Run:
    """A run whose first steps are taken."""
    by = by or lead()
    run = start(actor(by), NewRun(version or published(), said.pop("title", ""), lead=by, **said))
    settle()
    run.refresh_from_db()
    return run


def settle() -> None:
    """Let the desks do what there is to do now."""
    clear("playbook-wanted", "playbook-dates", "playbook-asks", "playbook-runs")


def step(run: Run, key: str) -> RunStep:
    return RunStep.objects.select_related("ask", "run__version", "function").get(run=run, key=key)


def states(run: Run) -> dict[str, str]:
    return dict(RunStep.objects.filter(run=run).values_list("key", "state"))


def answered(run: Run, key: str, said: str = "yes", reason: str = "", form: dict[str, str] | None = None) -> Ask:
    """Its ask answered by somebody of the function, through the verb that every door uses."""
    ask = step(run, key).ask
    assert ask is not None, f"{key} has asked nobody"
    done = asks.answer(by_user(partner(ask.to_function)), ask, said, reason, form or filled(ask.form))
    settle()
    return done


def filled(form: list[dict[str, Any]]) -> dict[str, str]:
    """Something fitting for every field of an answer."""
    values = {"number": "9", "date": "2027-01-31", "url": "https://example.org/x", "yes-no": "yes"}
    return {
        field["key"]: values.get(field.get("type", "line")) or (field.get("choices") or ["As agreed"])[0]
        for field in form
    }
