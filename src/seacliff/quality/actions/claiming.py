"""Taking a check, which sets its holder apart from everything else until they have judged; and giving it back for good."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.people.access import forget_tokens
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.quality.access import must_hold
from seacliff.quality.models import Check, Golden, Session
from seacliff.quality.plan import Plan, plan_in_force
from seacliff.quality.sampling import draw_number
from seacliff.record.actions import SYSTEM, Actor, Subject, happened
from seacliff.review.access import Refused, Unread, must, person
from seacliff.wellness.limits import Limits, limits_of, today

AT_ONCE = 100
LEASE_LEAST = 30  # minutes

# Never to somebody who had a hand in the case, or in another case of the same target since: they might know.
UNTOUCHED = """
    NOT EXISTS (SELECT FROM review_decision d WHERE d.case_id = k.case_id AND d.reviewer_id = %(user)s)
    AND NOT EXISTS (SELECT FROM review_vote v JOIN review_deliberation r ON r.id = v.deliberation_id
                    WHERE r.case_id = k.case_id AND v.user_id = %(user)s)
    AND NOT EXISTS (SELECT FROM review_look l WHERE l.case_id = k.case_id AND l.user_id = %(user)s)
    AND NOT EXISTS (SELECT FROM record_event e WHERE e.story_id = k.case_id AND e.actor_id = %(user)s)
    AND NOT EXISTS (SELECT FROM review_case c JOIN review_case o ON o.target_id = c.target_id AND o.id <> c.id
                    JOIN review_decision d ON d.case_id = o.id AND d.reviewer_id = %(user)s
                    WHERE c.id = k.case_id AND d.id > k.decision_id)
"""
NEXT = f"""
SELECT k.id FROM quality_check k
WHERE k.state = 'waiting' AND k.kind = 'sample' AND k.holder_id IS NULL AND k.tier <= %(tier)s
    AND k.first_id <> %(user)s AND NOT (%(user)s = ANY(k.barred)) AND k.category <> ALL(%(kept_back)s)
    AND (%(languages)s = '{{}}' OR k.language = '' OR k.language = ANY(%(languages)s))
    AND (%(categories)s = '{{}}' OR k.category = ANY(%(categories)s))
    AND {UNTOUCHED}
ORDER BY k.due_at, k.id LIMIT 1 FOR UPDATE OF k SKIP LOCKED
"""  # noqa: S608  this module's own
SEEN = """
INSERT INTO wellness_exposure AS e (user_id, day, category, cases, severe) VALUES (%s, %s, %s, 1, %s)
ON CONFLICT (user_id, day, category) DO UPDATE SET cases = e.cases + 1, severe = e.severe + EXCLUDED.severe
"""


def claim_next(user: User, session: Session | None = None, *, actor: Actor | None = None) -> Check | None:
    """The check that is due first among those this person may judge, or the next case of a calibration of theirs; now
    theirs, and nothing else is open to them. What they hold already comes first. None when nothing waits.

    Raises Refused when the day's budget is used up, Unread when all that waits is under a change they have yet to read.
    """
    must(user, Permission.CHECK_DECIDE)
    with transaction.atomic():
        lock(user)
        if held := _held(user):
            return held
        limits = _limits(user)
        check = _of_session(user, session, limits) if session else _from_queue(user, limits)
        if check is None:
            return None
        check.holder, check.lease_until = user, timezone.now() + lease()
        check.save(update_fields=["holder", "lease_until"])
        with connection.cursor() as cursor:
            cursor.execute(SEEN, [user.id, today(user), check.category, int(check.case.severity <= 2)])
        _seclude(user, check)
        happened("check.claimed", subject_of(check), actor or person(user))
    return check


def lock(user: User) -> None:
    """One thing at a time for each person, and their row before any check's."""
    User.objects.select_for_update().get(id=user.id)


def _limits(user: User) -> Limits:
    limits = limits_of(user)
    if limits.spent:
        raise Refused(
            _("You have seen as many cases today as are set for you. Stop here; second looks can wait."), "budget-spent"
        )
    return limits


def _held(user: User) -> Check | None:
    """What this person holds; one whose time is over is theirs no more."""
    held = Check.objects.select_related("case").filter(holder=user).first()
    if held is None or held.is_held_by(user, timezone.now()):
        return held
    mine = Check.objects.select_for_update(skip_locked=True, of=["self"]).filter(holder=user).first()
    if mine is None:
        raise Refused(_("Your time for %s ran out this moment. Try again.") % held, "try-again")
    _take_away(mine)
    return None


def _from_queue(user: User, limits: Limits) -> Check | None:
    id = _next(user, limits.kept_back)
    if id is None and limits.unread and (kept := _next(user, list(limits.barred))):
        raise Unread(Check.objects.values_list("category", flat=True).get(id=kept))
    if id is None:
        return None
    plan = plan_in_force()
    return _golden(user, plan, limits) or Check.objects.select_related("case").get(id=id)


def _next(user: User, kept_back: list[str]) -> UUID | None:
    values: dict[str, Any] = {"user": user.id, "tier": user.tier, "kept_back": kept_back,
                              "languages": user.languages, "categories": user.categories}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(NEXT, values)
        row = cursor.fetchone()
    return row[0] if row else None


def _golden(user: User, plan: Plan, limits: Limits) -> Check | None:
    """Now and then a golden case in the place of a sampled one, each once a person. Never to a lead, who can look up what
    is right. Which time it is, is drawn like all else, so that nobody can foresee it."""
    if not plan.golden or user.may(Permission.QUALITY_LEAD):
        return None
    before = Check.objects.filter(second=user).count()
    if draw_number(f"{plan.seed}:{before}", user.id) >= plan.golden:
        return None
    free = Golden.objects.filter(retired_at=None, tier__lte=user.tier).exclude(category__in=limits.kept_back)
    free = free.exclude(added_by=user).exclude(checks__for_user=user).exclude(case__decisions__reviewer=user)
    if user.languages:
        free = free.filter(language__in=["", *user.languages])
    if user.categories:
        free = free.filter(category__in=user.categories)
    golden = free.select_related("case").order_by("id").first()
    if golden is None:
        return None
    now = timezone.now()
    made = Check.objects.create(
        kind=Check.Kind.GOLDEN, golden=golden, case=golden.case, for_user=user, policy_version=golden.policy_version,
        category=golden.category, tier=golden.tier, language=golden.language, first_finding=golden.finding,
        first_found=golden.found, first_actions=golden.actions, plan_number=plan.number,
        due_at=now + timedelta(hours=plan.hours),
    )  # fmt: skip
    return Check.objects.select_related("case").get(id=made.id)


def _of_session(user: User, session: Session, limits: Limits) -> Check | None:
    mine = Check.objects.filter(for_user=user, of_session__session=session, state=Check.State.WAITING)
    mine = mine.filter(holder=None).exclude(category__in=limits.barred)
    first = mine.select_related("case").select_for_update(of=["self"]).order_by("of_session__place").first()
    if first is not None and first.category in limits.unread:
        raise Unread(first.category)
    return first


def lease() -> timedelta:
    return timedelta(minutes=max(LEASE_LEAST, settings.LEASE_MINUTES))


def renew(user: User, check: Check) -> bool:
    """Its holder has it open: the lease runs anew. Whether it is still theirs."""
    until = timezone.now() + lease()
    mine = Check.objects.filter(id=check.id, holder=user, state=Check.State.WAITING, lease_until__gt=timezone.now())
    with transaction.atomic():
        renewed = mine.update(lease_until=until)
        if renewed:
            User.objects.filter(id=user.id).update(secluded_until=until)
    return bool(renewed)


def give_back(user: User, check: Check, reason: str = "", *, actor: Actor | None = None) -> None:
    """For somebody else to judge: whoever has seen it and looked away could find out what was decided."""
    with transaction.atomic():
        lock(user)
        check = locked(check)
        must_hold(user, check)
        _take_away(check)
        happened("check.given-back", subject_of(check), actor or person(user), reason=reason.strip())


def return_expired() -> int:
    """The desk: checks whose time ran out go back to the queue, for others. How many."""
    with transaction.atomic():
        expired = Check.objects.filter(lease_until__lt=timezone.now()).select_for_update(skip_locked=True, of=["self"])
        rows = list(expired.select_related("case", "holder").order_by("lease_until")[:AT_ONCE])
        for check in rows:
            _take_away(check)
            happened("check.given-back", subject_of(check), SYSTEM, reason=_("The lease ran out"))
    return len(rows)


def _take_away(check: Check) -> None:
    user_id = check.holder_id
    assert user_id is not None
    check.barred = [*check.barred, user_id]
    check.holder = check.lease_until = None
    if check.for_user_id is not None:
        check.state = Check.State.WITHDRAWN
    check.save(update_fields=["barred", "holder", "lease_until", "state"])
    let_out(user_id)


def _seclude(user: User, check: Check) -> None:
    user.secluded_at, user.secluded_until = reverse("quality:check", args=[check.ref]), check.lease_until
    user.save(update_fields=["secluded_at", "secluded_until"])
    forget_tokens()


def let_out(user_id: UUID) -> None:
    """Everything is open to them again."""
    User.objects.filter(id=user_id).update(secluded_at="", secluded_until=None)
    forget_tokens()


def locked(check: Check) -> Check:
    wanted = Check.objects.select_related("case__target", "decision__policy_version", "golden", "policy_version")
    return wanted.select_for_update(of=["self"]).get(id=check.id)


def subject_of(check: Check) -> Subject:
    return Subject("check", check.id)
