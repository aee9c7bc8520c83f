"""Changes that reviewers must read: what is new in a policy, who has read it, what somebody has yet to read.

Claiming asks for the harms whose change is unread in the very query that asks what a person may see (wellness/limits.py).
Whoever came after a change learnt the rule as it then was, and need not read it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.people.problems import Invalid
from seacliff.policy.models import Acknowledgement, Guidance, Policy, PolicyVersion
from seacliff.policy.queries import versions_in_force
from seacliff.record.actions import Actor, Subject, happened
from seacliff.record.models import Event

LONGEST = 4_000
SHOWN = 50


@transaction.atomic
def write_note(actor: Actor, policy: Policy, note: str) -> Guidance:
    """Tell reviewers how a rule is to be read; they acknowledge it before their next claim under it."""
    if not 1 <= len(note.strip()) <= LONGEST:
        raise Invalid(f"Say what reviewers should know, in at most {LONGEST:,} characters.")
    made = _tell(actor, policy, note, timezone.now())
    happened("guidance.written", _policy(policy), actor, reason=made.note)
    return made


def announce(actor: Actor, version: PolicyVersion) -> Guidance | None:
    """A published wording as a change to read; None for a policy's first, which changes nothing."""
    published = PolicyVersion.objects.filter(policy=version.policy_id, number__lt=version.number)
    if version.effective_at is None or not published.exclude(state=PolicyVersion.State.DRAFT).exists():
        return None
    return _tell(actor, version.policy, version.change, version.effective_at, version)


def take_back(actor: Actor, version: PolicyVersion, reason: str) -> None:
    """A withdrawn wording need not be read any more; whoever has read it must hear that it is gone."""
    ended = Guidance.objects.filter(version=version, ended_at=None).update(ended_at=timezone.now())
    if ended and Acknowledgement.objects.filter(guidance__version=version).exists():
        _tell(actor, version.policy, f"Version {version.number} was withdrawn: {reason}", timezone.now())


def _tell(
    actor: Actor, policy: Policy, note: str, holds_from: datetime, version: PolicyVersion | None = None
) -> Guidance:
    return Guidance.objects.create(
        policy=policy, version=version, note=note.strip(), by_name=actor.name, holds_from=holds_from
    )


@transaction.atomic
def acknowledge(user: User, policy: Policy, *, shown: Iterable[Guidance] | None = None) -> int:
    """This person has read what is new in a policy (or the changes `shown` to them alone); how many changes."""
    read = list(unread(user).filter(policy=policy)) if shown is None else list(shown)
    Acknowledgement.objects.bulk_create(
        [Acknowledgement(user=user, guidance=each) for each in read], ignore_conflicts=True
    )
    if read:
        actor = Actor(Event.ActorKind.PERSON, user.id, str(user))
        data = {"changes": len(read), "versions": [each.version.number for each in read if each.version]}
        happened("guidance.acknowledged", _policy(policy), actor, data=data)
    return len(read)


def unread(user: User) -> QuerySet[Guidance]:
    """Changes that hold and that this person has not acknowledged, the oldest first."""
    holding = Guidance.objects.filter(ended_at=None, holds_from__lte=timezone.now(), holds_from__gt=user.joined_at)
    mine = Acknowledgement.objects.filter(user=user).values("guidance_id")
    return holding.exclude(id__in=mine).select_related("policy", "version").order_by("holds_from", "id")


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody has yet to read in one policy: notes and wordings, and the words before and now."""

    policy: Policy
    guidance: list[Guidance]
    before: PolicyVersion | None
    now: PolicyVersion | None

    @property
    def reworded(self) -> bool:
        return self.before is not None and self.now is not None and self.before.text != self.now.text


def change_to_read(user: User, slug: str) -> Change | None:
    """The unread change of a policy; the words before are those that held before the first wording that is unread."""
    waiting = list(unread(user).filter(policy__slug=slug))
    if not waiting:
        return None
    policy = waiting[0].policy
    first = next((each.version for each in waiting if each.version), None)
    before = None
    if first is not None:
        older = PolicyVersion.objects.filter(policy=policy, number__lt=first.number)
        before = older.exclude(state=PolicyVersion.State.DRAFT).order_by("-number").first()
    return Change(policy, waiting, before, versions_in_force().filter(policy=policy).first())


@dataclass(frozen=True, slots=True)
class Standing:
    """A change, and how many of those who have to read it did."""

    guidance: Guidance
    read: int
    readers: int


def standings() -> list[Standing]:
    """The latest changes with how far each was read. Three queries."""
    rows = Guidance.objects.select_related("policy", "version").annotate(read=Count("acknowledgements"))[:SHOWN]
    reviewers = [user.joined_at for user in User.objects.filter(is_active=True) if user.may(Permission.CASE_DECIDE)]
    return [Standing(row, row.read, sum(joined < row.holds_from for joined in reviewers)) for row in rows]


def _policy(policy: Policy) -> Subject:
    return Subject("policy", policy.id)
