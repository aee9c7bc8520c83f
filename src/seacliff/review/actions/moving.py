"""Keeping a case waiting, giving it to somebody else, writing about it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.record import clocks
from seacliff.record.actions import SYSTEM, Actor, Subject, happened
from seacliff.record.models import Note
from seacliff.review.access import (
    NotPermitted,
    NotValid,
    Refused,
    must,
    must_be_open,
    must_hold,
    person,
)
from seacliff.review.models import Case, Work
from seacliff.review.tiers.beginning import begin_where_due
from seacliff.review.tiers.plan import Ground, Plan, plan_in_force

LONGEST_HOLD = timedelta(days=90)
RETURNED_AT_ONCE = 200


def hold(user: User, case: Case, until: datetime, reason: str, *, actor: Actor | None = None) -> None:
    """Keep it waiting for something from outside. Its clock stands still; at `until` it comes back to this reviewer."""
    now = timezone.now()
    if not reason.strip():
        raise NotValid(_("Say what the case waits for."), "reason")
    if not now < until <= now + LONGEST_HOLD:
        raise NotValid(_("Choose a time in the future, at most %s days ahead.") % LONGEST_HOLD.days, "until")
    with transaction.atomic():
        case, work = locked(case)
        work = must_hold(user, case, work)
        let_go(work)
        work.held_until, work.assigned_to = until, user
        work.save()
        case.state = Case.State.HELD
        case.save(update_fields=["state"])
        clocks.pause(_subject(case), Case.CLOCK, now)
        details = {"until": until.isoformat()}
        happened("case.held", _subject(case), actor or person(user), story=case.id, reason=reason, data=details)


def resume(user: User, case: Case, *, actor: Actor | None = None) -> None:
    """Take a case off hold before its time."""
    must(user, Permission.CASE_DECIDE)
    with transaction.atomic():
        case, work = locked(case)
        must_be_open(case)
        if work is None or case.state != Case.State.HELD:
            raise Refused(_("%s is not on hold.") % case.ref, "not-on-hold")
        go_on(case, work, actor or person(user), "")


def return_held() -> int:
    """What the desk does: cases whose hold is over go on."""
    with transaction.atomic():
        due = Work.objects.filter(held_until__lte=timezone.now()).order_by("held_until")[:RETURNED_AT_ONCE]
        ids = list(due.values_list("case_id", flat=True))
        cases = Case.objects.filter(id__in=ids, state=Case.State.HELD).select_for_update(skip_locked=True)
        works = Work.objects.in_bulk(ids)
        returned = list(cases)
        for case in returned:
            go_on(case, works[case.id], SYSTEM, "The hold is over")
    return len(returned)


def assign(user: User, case: Case, colleague: User, reason: str = "", *, actor: Actor | None = None) -> None:
    """Give it to a named person: it is offered to them first, and to nobody else."""
    must(user, Permission.CASE_ASSIGN)
    if not (colleague.is_active and colleague.may(Permission.CASE_DECIDE)):
        raise NotValid(_("%s does not review cases.") % colleague, "user")
    with transaction.atomic():
        case, work = locked(case)
        must_be_open(case)
        if work is None:
            raise Refused(_("%s is not in a queue.") % case.ref)
        if colleague.tier < case.tier:
            sentence = _("%(case)s is with tier %(tier)s; %(name)s reviews up to tier %(own)s.")
            said = {"case": case.ref, "tier": case.tier, "name": colleague, "own": colleague.tier}
            raise NotValid(sentence % said, "user", "tier-too-low")
        held_by_other = work.holder_id not in (None, user.id, colleague.id)
        if held_by_other and not user.may(Permission.QUEUE_MANAGE):
            raise Refused(
                _("%(case)s was taken by %(name)s. A lead can take it back.") % {"case": case.ref, "name": work.holder},
                "taken",
            )
        if work.holder_id != colleague.id:
            let_go(work)
        work.assigned_to = colleague
        work.save()
        details = {"to": str(colleague.id), "name": str(colleague)}
        happened("case.assigned", _subject(case), actor or person(user), story=case.id, reason=reason, data=details)


def escalate(
    user: User, case: Case, reason: str, tier: int | None = None, *, ground: str = "unsure", actor: Actor | None = None
) -> int:
    """Hand it to a higher tier: the one chosen, else where the plan says that the ground leads, else the next one.

    Returns the tier. Raises NotValid for a ground that the plan does not know, or when there is nothing higher.
    """
    if not reason.strip():
        raise NotValid(_("Say why you escalate it: it is the first thing the next reviewer reads."), "reason")
    plan = plan_in_force()
    found = plan.ground(ground)
    if found is None:
        raise NotValid(_("Choose one of the grounds: %s.") % ", ".join(each.slug for each in plan.grounds), "ground")
    with transaction.atomic():
        case, work = locked(case)
        work = must_hold(user, case, work)
        after = tier or _leads_to(plan, found, case.tier)
        if not case.tier < after <= plan.tiers[-1].number:
            raise NotValid(
                _("%(case)s is with tier %(tier)s: it can only be escalated to a higher one, up to %(most)s.")
                % {"case": case.ref, "tier": case.tier, "most": plan.tiers[-1].number},
                "tier",
            )
        raise_to(case, work, after, actor or person(user), reason=reason, ground=ground)
    return after


def _leads_to(plan: Plan, ground: Ground, now_at: int) -> int:
    if ground.tier is not None and ground.tier > now_at:
        return ground.tier
    above = plan.above(now_at)
    return above.number if above else now_at


def raise_to(case: Case, work: Work, tier: int, actor: Actor, *, reason: str, ground: str) -> None:
    """Move a locked case and its queue row up; whoever held it lets go. Where several decide, that begins here."""
    before = case.tier
    let_go(work)
    work.tier, work.assigned_to, work.skipped_by, work.held_until = tier, None, [], None
    work.save()
    case.tier = tier
    case.save(update_fields=["tier"])
    details = {"from": before, "to": tier, "ground": ground}
    happened("case.escalated", _subject(case), actor, story=case.id, reason=reason, data=details)
    begin_where_due([case])


def note(user: User, case: Case, body: str, *, actor: Actor | None = None) -> Note:
    """Write to colleagues. No note ever reaches a reporter or an affected user."""
    if not user.may(Permission.CASE_DECIDE):
        raise NotPermitted(_("Only reviewers write notes on cases."))
    body = body.strip()
    if not body:
        raise NotValid(_("The note is empty."), "body")
    actor = actor or person(user)
    with transaction.atomic():
        written = Note.objects.create(
            subject_kind="case", subject_id=case.id, author_id=user.id, author_name=str(user), body=body
        )
        happened("note.written", Subject("note", written.id), actor, story=case.id)
    return written


def _subject(case: Case) -> Subject:
    return Subject("case", case.id)


def locked(case: Case) -> tuple[Case, Work | None]:
    """The case and its queue row as they are now, locked in that order, as routing and deciding lock them."""
    case = Case.objects.select_for_update(of=["self"]).select_related("decided_by").get(id=case.id)
    work = Work.objects.select_for_update(of=["self"]).select_related("holder", "assigned_to").filter(case=case).first()
    return case, work


def let_go(work: Work) -> None:
    """Nobody holds it any more; the caller saves it."""
    work.holder = work.lease_until = work.claimed_at = None
    work.assignment = "pull"


def go_on(case: Case, work: Work, actor: Actor, reason: str) -> None:
    """Take a locked case off hold; its clock runs on with what was left."""
    clock = clocks.resume(_subject(case), Case.CLOCK)
    case.state = Case.State.OPEN
    work.held_until = None
    if clock is not None:
        case.due_at = work.due_at = clock.due_at
    case.save(update_fields=["state", "due_at"])
    work.save(update_fields=["held_until", "due_at"])
    happened("case.resumed", _subject(case), actor, story=case.id, reason=reason)
