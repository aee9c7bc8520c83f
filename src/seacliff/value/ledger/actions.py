"""The verbs of the ledger. A finding is proposed, data and code with it, before anybody can see an estimate."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from seacliff.people.access import actor_of_user, must_be_allowed
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.people.problems import Conflict, Invalid
from seacliff.record.actions import SYSTEM, Actor, Subject, happened
from seacliff.record.desks import wake
from seacliff.value.assumptions import ask_anew
from seacliff.value.ledger.catalogue import design_of, unit_of
from seacliff.value.ledger.plans import Plan, PlanError, code_version, stored
from seacliff.value.models import Finding, Reading, Run

CHANNEL = "value-ledger"
LONGEST = 5_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is fixed. `worth`: money a year for one unit of the estimate, with `worth_basis` saying how it was reckoned."""

    question: str
    plan: Plan
    population: str = ""
    overlap: str = ""
    worth: float | None = None
    worth_basis: str = ""
    owner: User | None = None
    at_once: bool = False  # estimate as soon as the data are frozen


def propose(user: User, made: Proposal, *, of: Finding | None = None, actor: Actor | None = None) -> Finding:
    """Put a finding into the ledger, or take up one that was offered. Its data are frozen by the worker; only then can it run.

    Raises Invalid naming each field."""
    must_be_allowed(user, Permission.VALUE_PROPOSE)
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
    if made.worth is not None and not made.worth_basis.strip():
        faults["worth_basis"] = (
            "Say how the worth was reckoned: accounts affected, margin, horizon, and whence they are."
        )
    try:
        _check_plan(made.plan)
    except PlanError as reason:
        faults[reason.field or "design"] = reason.sentence
    if faults:
        errors: Any = [{"pointer": f"#/{name}", "detail": sentence} for name, sentence in faults.items()]
        raise Invalid(" ".join(faults.values()), errors=errors)


def _check_plan(plan: Plan) -> None:
    design = design_of(plan.design)
    if plan.outcome not in design.outcomes:
        raise PlanError(f"{design.label} can look at {', '.join(design.outcomes)}.", "outcome")
    for name in design.needs:
        if getattr(plan, name) in ("", None):
            raise PlanError(NEEDED[name], name)
    for name, said in OF_SOME.items():
        if name not in (*design.needs, *design.takes) and str(getattr(plan, name)) not in ("", "None", "False"):
            why = WHY_NOT.get((plan.design, name), "")
            raise PlanError(f"{design.label} does not look at {said}: leave it empty.{why}", name)
    if plan.plausible is not None and plan.plausible <= 0:
        raise PlanError("The largest plausible effect is a number above nought.", "plausible")
    if not 1 <= plan.horizon_days <= 730:
        raise PlanError("The horizon is 1 to 730 days.", "horizon_days")
    if plan.since and plan.until and plan.since >= plan.until:
        raise PlanError("It ends before it begins.", "until")


NEEDED = {
    "plausible": "Say the largest effect worth believing in: what could only show larger ones is refused, not guessed.",
    "launch": "Choose the launch whose effect is asked for.",
    "category": "Choose the category of harm whose reports are followed.",
    "changed_at": "Say on which day it changed.",
    "threshold": "Say from which score on accounts are acted on.",
    "policy": "Choose the policy whose threshold of strikes it is.",
}
OF_SOME = {
    "since": "the day from which on", "until": "the day until which", "category": "a category", "queue": "a queue",
    "launch": "a launch", "changed_at": "a day of the change", "only_random": "who handed cases out",
    "threshold": "a score's threshold", "policy": "a policy",
}  # fmt: skip
_LOT = " The day that it shipped and the horizon say from when until when."
WHY_NOT = {("trial", "since"): _LOT, ("trial", "until"): _LOT}


def _fill(found: Finding, made: Proposal) -> None:
    found.question, found.population = made.question.strip(), made.population.strip()
    found.design, found.plan, found.unit = made.plan.design, stored(made.plan), unit_of(made.plan)
    found.overlap, found.worth, found.worth_basis = made.overlap.strip(), made.worth, made.worth_basis.strip()


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
    """Another finding takes its place in the headline; the old one stays to be read."""
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
    if not reason.strip():
        raise Invalid("Say why.", errors=[{"pointer": "#/reason", "detail": "Say why."}])


def waits() -> bool:
    """Whether the worker has something to freeze or to estimate: before it imports the estimators."""
    frozen = Finding.objects.filter(state=Finding.State.PROPOSED, data_hash="", trouble="").exists()
    return frozen or Run.objects.filter(state=Run.State.WAITING).exists()


def subject_of(found: Finding) -> Subject:
    return Subject("finding", found.id)
