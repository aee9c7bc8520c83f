"""The verbs of the ledger. A finding is proposed, data and code with it, before anybody can see an estimate."""

from dataclasses import dataclass, replace
from datetime import date
from math import isfinite
from typing import Any

import msgspec
from django.db import transaction
from django.utils import timezone

from seacliff.people.access import actor_of_user, must_be_allowed
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.people.problems import Conflict, Invalid
from seacliff.record.actions import SYSTEM, Actor, Subject, happened
from seacliff.record.desks import wake
from seacliff.value.assumptions import ask_anew
from seacliff.value.ledger import questions
from seacliff.value.ledger.catalogue import days_of, design_of, unit_of
from seacliff.value.ledger.launched import launches_known
from seacliff.value.ledger.plans import Plan, PlanError, code_version, plan_of, stored
from seacliff.value.models import Finding, Reading, Run

CHANNEL = "value-ledger"
LONGEST = 5_000


PEOPLE = 10_000_000_000  # more accounts than anybody can have


@dataclass(frozen=True, slots=True)
class Worth:
    """The bridge to money: for how many `accounts` (or cases) a year, `margin` of one unit of the estimate for one of them, how
    many `times` a year it comes, and whence these are."""

    accounts: float
    margin: float
    times: float
    source: str

    @property
    def money(self) -> float:
        """A year, for one unit of the estimate."""
        return self.accounts * self.margin * self.times

    @property
    def basis(self) -> str:
        return f"{self.accounts:,.0f} × {self.margin:,g} × {self.times:g} a year: {self.source.strip()}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is fixed. Without `worth` it is not put in money."""

    question: str
    plan: Plan
    population: str = ""
    overlap: str = ""
    worth: Worth | None = None
    owner: User | None = None
    at_once: bool = False  # estimate as soon as the data are frozen


def propose(user: User, made: Proposal, *, of: Finding | None = None, actor: Actor | None = None) -> Finding:
    """Put a finding into the ledger, or take up one that was offered. Its data are frozen by the worker; only then can it run.

    Raises Invalid naming each field."""
    must_be_allowed(user, Permission.VALUE_PROPOSE)
    made = replace(made, plan=msgspec.structs.replace(made.plan, until=made.plan.end))
    check(made)
    with transaction.atomic():
        found = Finding.objects.select_for_update().get(id=of.id) if of else Finding(state=Finding.State.OFFERED)
        if of and found.state != Finding.State.OFFERED:
            raise Conflict(f"{found.ref} was {found.get_state_display().lower()} already.")
        _fill(found, made)
        found.state, found.proposed_by, found.proposed_at = Finding.State.PROPOSED, user, timezone.now()
        found.owner, found.code_version, found.at_once = made.owner or user, code_version(), made.at_once
        found.save()
        found.refresh_from_db()
        happened("finding.proposed", subject_of(found), actor or actor_of_user(user), story=found.id,
                 data={"ref": found.ref, "design": found.design, "plan": found.plan, "code": found.code_version})  # fmt: skip
        wake(CHANNEL)
    return found


def check(made: Proposal) -> None:
    """Raises Invalid."""
    faults: dict[str, str] = {}
    if not 10 <= len(made.question.strip()) <= LONGEST:
        faults["question"] = "Write the question as a whole sentence."
    try:
        _check_plan(made.plan)
        if made.worth is not None:
            _check_worth(made.worth, made.plan)
    except PlanError as reason:
        faults[reason.field or "design"] = reason.sentence
    if faults:
        errors: Any = [{"pointer": f"#/{name}", "detail": sentence} for name, sentence in faults.items()]
        raise Invalid(" ".join(faults.values()), errors=errors)


def _check_worth(worth: Worth, plan: Plan) -> None:
    """What makes a headline large is not the estimate alone."""
    most = 366 / days_of(plan)
    if not 1 <= worth.accounts <= PEOPLE:
        raise PlanError("Say how many accounts or cases it is about in a year.", "accounts")
    if not worth.margin or not isfinite(worth.margin):
        raise PlanError("Say what one unit of the estimate is worth for one of them.", "margin")
    if not 0 < worth.times <= most:
        raise PlanError(f"A unit is of {days_of(plan)} days: it comes up to {most:.2f} times a year.", "times")
    if not is_sentence(worth.source):
        raise PlanError("Say in a sentence whence accounts and margin are.", "source")


def _check_plan(plan: Plan) -> None:
    design = design_of(plan.design)
    if plan.outcome not in design.outcomes:
        raise PlanError(f"{design.label} can look at {', '.join(design.outcomes)}.", "outcome")
    for name in (*design.needs, "plausible"):
        if getattr(plan, name) in ("", None):
            raise PlanError(NEEDED[name], name)
    for name, said in OF_SOME.items():
        if name not in design.looks_at and str(getattr(plan, name)) not in ("", "None", "False"):
            why = WHY_NOT.get((plan.design, name), "")
            raise PlanError(f"{design.label} does not look at {said}: leave it empty.{why}", name)
    if plan.plausible is not None and plan.plausible <= 0:
        raise PlanError("The largest plausible effect is a number above nought.", "plausible")
    if not 1 <= plan.horizon_days <= 730:
        raise PlanError("The horizon is 1 to 730 days.", "horizon_days")
    if plan.planned is not None and not 0 < plan.planned < 1:
        raise PlanError("The share that the lot was to choose lies between 0 and 1.", "planned")
    if plan.end > timezone.now().date():
        raise PlanError("It looks at what has been: until today at most.", "until")
    if plan.since and plan.since >= plan.end:
        raise PlanError("It ends before it begins.", "until")
    if plan.changed_at and not (plan.since or date.min) < plan.changed_at < plan.end:
        raise PlanError("It changed on a day between the first and the last that is looked at.", "changed_at")

    known = launches_known() if plan.launch else None
    if known is not None and plan.launch not in known:
        there = ", ".join(known) or "none in the table of launches"
        raise PlanError(f"There is no launch {plan.launch}; there are: {there}.", "launch")


NEEDED = {
    "plausible": "Say the largest effect worth believing in: what could only show larger ones is refused, not guessed.",
    "launch": "Choose the launch whose effect is asked for.",
    "category": "Choose the category of harm whose reports are followed.",
    "changed_at": "Say on which day it changed.",
    "threshold": "Say from which score on accounts are acted on.",
    "policy": "Choose the policy whose threshold of strikes it is.",
    "planned": "Say which share of the accounts the lot was to choose: 0.5 for half of them.",
}
OF_SOME = {
    "since": "the day from which on", "category": "a category", "queue": "a queue",
    "launch": "a launch", "changed_at": "a day of the change", "only_random": "who handed cases out",
    "threshold": "a score's threshold", "policy": "a policy", "planned": "the share of a lot",
}  # fmt: skip
WHY_NOT = {("trial", "since"): " The day that it shipped and the horizon say from when until when."}


def _fill(found: Finding, made: Proposal) -> None:
    found.question, found.population = made.question.strip(), made.population.strip()
    found.design, found.plan, found.unit = made.plan.design, stored(made.plan), unit_of(made.plan)
    found.overlap = made.overlap.strip()
    found.worth, found.worth_basis = (made.worth.money, made.worth.basis) if made.worth else (None, "")


def offer(made: Proposal, origin: str) -> Finding | None:
    """What a desk does when enough time has passed since something shipped; None when it was offered before."""
    with transaction.atomic():
        if Finding.objects.filter(origin=origin).exists():
            return None
        found = Finding(state=Finding.State.OFFERED, origin=origin)
        _fill(found, made)
        found.save()
        found.refresh_from_db()
        happened(
            "finding.offered", subject_of(found), SYSTEM, story=found.id, data={"ref": found.ref, "origin": origin}
        )
    return found


def decline(user: User, found: Finding, reason: str) -> Finding:
    """An offered finding is not pursued; why stays in the ledger."""
    must_be_allowed(user, Permission.VALUE_PROPOSE)
    _must_say(reason)
    with transaction.atomic():
        found = Finding.objects.select_for_update().get(id=found.id)
        if found.state != Finding.State.OFFERED:
            raise Conflict(f"{found.ref} is not on offer: a proposed finding is run, or superseded.")
        found.state, found.declined_because = Finding.State.DECLINED, reason.strip()
        found.save()
        happened("finding.declined", subject_of(found), actor_of_user(user), story=found.id, reason=reason)
    return found


def run(user: User, found: Finding, *, actor: Actor | None = None) -> Run:
    """Ask the worker for the estimate. Raises Conflict while the data are not frozen, or a run waits."""
    must_be_allowed(user, Permission.VALUE_PROPOSE)
    with transaction.atomic():
        found = Finding.objects.select_for_update().get(id=found.id)
        if found.state != Finding.State.PROPOSED:
            raise Conflict(f"{found.ref} was not proposed: an estimate comes after its plan.")
        if found.design == questions.SURVEY:
            raise Conflict(f"{found.ref} was entered as it was told: there is nothing to estimate.")
        if not found.is_frozen:
            raise Conflict(found.trouble or f"The data of {found.ref} are still being frozen. Try again in a moment.")
        if found.superseded_by_id:
            raise Conflict(f"{found.ref} was superseded.")
        if Run.objects.filter(finding=found, state=Run.State.WAITING).exists():
            raise Conflict(f"{found.ref} is being estimated already.")
        made = Run.objects.create(finding=found, asked_by=user)
        happened("finding.run", subject_of(found), actor or actor_of_user(user), story=found.id)
        wake(CHANNEL)
    return made


def supersede(user: User, old: Finding, new: Finding, reason: str) -> Finding:
    """Another finding takes its place, in the headline once it has a result that counts (questions.takes_place); the old one and
    its result stay to be read. Raises Conflict where the old one has a result and the new one asks something else."""
    must_be_allowed(user, Permission.VALUE_PROPOSE)
    _must_say(reason)
    with transaction.atomic():
        locked = {
            one.id: one for one in Finding.objects.select_for_update().filter(id__in=[old.id, new.id]).order_by("id")
        }
        old, new = locked[old.id], locked[new.id]
        if old.superseded_by_id or old.state != Finding.State.PROPOSED:
            raise Conflict(f"{old.ref} can't be superseded: it was before, or it was never proposed.")
        if new.id == old.id or new.state != Finding.State.PROPOSED or new.superseded_by_id:
            raise Conflict("Choose another finding that was proposed and stands.")
        if old.current_id and not questions.same(plan_of(old.plan), plan_of(new.plan)):
            raise Conflict(f"{old.ref} has a result, and {new.ref} asks something else: a result is superseded only by an answer "
                           "to the same question, of the same cases.")  # fmt: skip
        old.superseded_by, old.superseded_because = new, reason.strip()
        old.save()
        happened("finding.superseded", subject_of(old), actor_of_user(user), story=old.id, reason=reason,
                 data={"by": new.ref})  # fmt: skip
        ask_anew(Reading.Kind.OPERATIONS)  # the headline's plot holds the old one
    return old


def try_again(user: User, found: Finding) -> Finding:
    """Freeze the data once more after they could not be read."""
    must_be_allowed(user, Permission.VALUE_PROPOSE)
    with transaction.atomic():
        found = Finding.objects.select_for_update().get(id=found.id)
        if not found.trouble:
            raise Conflict(f"The data of {found.ref} were read.")
        found.trouble = ""
        found.save(update_fields=["trouble"])
        wake(CHANNEL)
    return found


def _must_say(reason: str) -> None:
    if not is_sentence(reason):
        raise Invalid("Say why, in a sentence.", errors=[{"pointer": "#/reason", "detail": "Say why, in a sentence."}])


def is_sentence(said: str) -> bool:
    """Whether somebody took the trouble: three words at least."""
    return len(said.split()) >= 3 and len(said.strip()) >= 12


def waits() -> bool:
    """Whether the worker has something to freeze or to estimate: before it imports the estimators."""
    frozen = Finding.objects.filter(state=Finding.State.PROPOSED, data_hash="", trouble="").exists()
    return frozen or Run.objects.filter(state=Run.State.WAITING).exists()


def subject_of(found: Finding) -> Subject:
    return Subject("finding", found.id)
