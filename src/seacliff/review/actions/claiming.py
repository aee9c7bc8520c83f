"""Taking a case from the queue and giving it back.

Claiming is the hot path: one statement finds the most urgent row nobody else is taking (SKIP LOCKED), makes it this
reviewer's and writes the event. The partial index `work_free` is in the very order asked for, so it costs the same with
a million waiting as with ten.
"""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.record.actions import SYSTEM, Actor, Subject, event, happened, write
from seacliff.record.ids import uuid7
from seacliff.review.access import NotValid, Refused, Unread, must, must_be_open, must_hold, must_review, person
from seacliff.review.models import Case, Decision, Queue, Work
from seacliff.wellness.limits import Limits, limits_of, today

MOST_HELD = 10
SKIPPED_FOR = timedelta(hours=4)
RETURNED_AT_ONCE = 500
MOST_RANDOM = 20  # percent of claims, at most, that chance may decide
DRAWN_FROM = 100  # of the most urgent cases

EVENT = """
INSERT INTO record_event (id, verb, actor_kind, actor_id, actor_name, subject_kind, subject_id, story_id,
    policy_version_id, reason, data)
"""
FREE = "holder_id IS NULL AND held_until IS NULL AND assigned_to_id IS NULL"
ORDER = "severity, rank, due_at, case_id"
CASE_COLUMNS = [field.column for field in Case._meta.concrete_fields]
CASE_FIELDS = [field.attname for field in Case._meta.concrete_fields]


def claim_next(
    user: User, queue: Queue | None = None, *, actor: Actor | None = None, stop_at_changes: bool = False
) -> Case | None:
    """The most urgent case this reviewer may take, now theirs for LEASE_MINUTES; None when nothing waits for them.

    What was assigned to them by name comes first. Without a queue, the most urgent over all queues. Cases under a rule
    whose change they have yet to read are passed over; Unread is raised when nothing else waits, or with
    `stop_at_changes` when the most urgent case is one of them: a person is shown the change right then.
    """
    must(user, Permission.CASE_DECIDE)
    limits = _limits(user)
    actor = actor or person(user)
    if stop_at_changes:
        _must_have_read(user, queue, limits)
    drawn = _drawn(user, queue, limits)
    case = (drawn and _claim(user, actor, drawn)) or _claim(user, actor, _next(user, queue, limits))
    if case is None and queue is None:
        # The head of the best queue was being taken this very moment: look at every queue's first free row instead.
        case = _claim(user, actor, _first_free_anywhere(user, limits))
    if case is None and Work.objects.filter(holder=user).count() >= MOST_HELD:
        raise Refused(_("You hold %s cases already. Decide or release some first.") % MOST_HELD, "holds-too-many")
    if case is None:
        _must_have_read(user, queue, limits)
    return case


def _must_have_read(user: User, queue: Queue | None, limits: Limits) -> None:
    """Raise Unread when the first case that would be offered, were everything read, is under a change that is not."""
    if not limits.unread:
        return
    subquery, parameters = _next(user, queue, replace(limits, unread=()))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT category FROM review_work WHERE case_id = {subquery}",  # noqa: S608  this module's own
            {"user": user.id, **parameters},
        )
        row = cursor.fetchone()
    if row is not None and row[0] in limits.unread:
        raise Unread(row[0])


def claim(user: User, case: Case, *, actor: Actor | None = None) -> Case:
    """Take this very case. One that was assigned to somebody else needs the permission to assign."""
    must_review(user, case)
    limits = _limits(user)
    if case.category in limits.unread:
        raise Unread(case.category)
    if case.category in limits.barred:
        raise Refused(
            _("%s is of a harm that is not for you today: you opted out of it, or its day's budget is used up.")
            % case.ref,
            "not-for-you",
        )
    takeable = "case_id = %(case)s AND held_until IS NULL AND holder_id IS NULL AND tier <= %(tier)s"
    takeable += " AND NOT (%(user)s = ANY(barred))"
    if not user.may(Permission.CASE_ASSIGN):
        takeable += " AND (assigned_to_id IS NULL OR assigned_to_id = %(user)s)"
    chosen = f"(SELECT case_id FROM review_work WHERE {takeable} FOR UPDATE)"  # noqa: S608
    wanted = {"case": case.id, "tier": user.tier, "assignment": Decision.Assignment.NAMED}
    taken = _claim(user, actor or person(user), (chosen, wanted))
    if taken is None and not look(user, case):  # theirs already: renewed
        raise _why_not(user, case)
    return taken or case


def release(user: User, case: Case, reason: str = "", *, actor: Actor | None = None) -> None:
    """Give a claimed case back to its queue."""
    with transaction.atomic():
        _give_back(user, case)
        happened("case.released", Subject("case", case.id), actor or person(user), story=case.id, reason=reason)


def skip(user: User, case: Case, reason: str, *, actor: Actor | None = None) -> None:
    """Give it back and don't be offered it again for SKIPPED_FOR. What is skipped, and why, is worth knowing."""
    if not reason.strip():
        raise NotValid(_("Say why you skip it: the next reviewer and your lead will want to know."), "reason")
    with transaction.atomic():
        _give_back(user, case, skipped=True)
        happened("case.skipped", Subject("case", case.id), actor or person(user), story=case.id, reason=reason)


def look(user: User, case: Case) -> bool:
    """This person has the case open: renew their lease, if it is theirs, and show them to others. Whether they hold it.

    The cases claimed ahead stay theirs as well, for as long as they keep at it.
    """
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH seen AS (
                INSERT INTO review_look (case_id, user_id, name, seen_at) VALUES (%(case)s, %(user)s, %(name)s, %(now)s)
                ON CONFLICT (case_id, user_id) DO UPDATE SET seen_at = EXCLUDED.seen_at, name = EXCLUDED.name
            ), renewed AS (
                UPDATE review_work SET lease_until = %(until)s WHERE holder_id = %(user)s RETURNING case_id
            )
            SELECT EXISTS (SELECT FROM renewed WHERE case_id = %(case)s)
            """,
            {"case": case.id, "user": user.id, "name": str(user), "now": now, "until": now + _lease()},
        )
        return cursor.fetchone()[0]


def return_expired() -> int:
    """What the desk does: leases that ran out go back to their queues, old skips and looks are forgotten."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE review_work SET holder_id = NULL, lease_until = NULL, claimed_at = NULL, assignment = 'pull'
            WHERE case_id IN (SELECT case_id FROM review_work WHERE lease_until < now()
                              ORDER BY lease_until LIMIT %s FOR UPDATE SKIP LOCKED)
            RETURNING case_id
            """,
            [RETURNED_AT_ONCE],
        )
        returned = [case_id for (case_id,) in cursor.fetchall()]
        reason = "The lease ran out"
        write([event("case.released", Subject("case", id), SYSTEM, story=id, reason=reason) for id in returned])
        cursor.execute("UPDATE review_work SET skipped_by = '{}', skipped_until = NULL WHERE skipped_until < now()")
        cursor.execute("DELETE FROM review_look WHERE seen_at < now() - interval '10 minutes'")
    return len(returned)


def _lease() -> timedelta:
    return timedelta(minutes=settings.LEASE_MINUTES)


def _claim(user: User, actor: Actor, chosen: tuple[str, dict[str, Any]]) -> Case | None:
    """`chosen`: a scalar subquery for the id of the case, locked; and its parameters."""
    subquery, parameters = chosen
    columns = ", ".join(f"c.{column}" for column in CASE_COLUMNS)
    now = timezone.now()
    sql = f"""
        WITH claimed AS (
            UPDATE review_work SET holder_id = %(user)s, lease_until = %(until)s, claimed_at = %(now)s,
                assignment = CASE WHEN assigned_to_id IS NULL THEN %(assignment)s ELSE 'named' END
            WHERE case_id = {subquery}
                AND (SELECT count(*) FROM review_work WHERE holder_id = %(user)s) < %(most)s
            RETURNING case_id, queue_id, assignment
        ), logged AS (
            {EVENT} SELECT %(event)s, 'case.claimed', %(kind)s, %(actor)s, %(name)s, 'case', case_id, case_id, NULL, '',
                jsonb_build_object('queue', queue_id, 'assignment', assignment) FROM claimed
        ), seen AS (
            INSERT INTO wellness_exposure AS e (user_id, day, category, cases, severe)
            SELECT %(user)s, %(day)s, c.category, 1, (c.severity <= 2)::int
            FROM claimed JOIN review_case c ON c.id = claimed.case_id
            ON CONFLICT (user_id, day, category) DO UPDATE SET cases = e.cases + 1, severe = e.severe + EXCLUDED.severe
        )
        SELECT {columns} FROM claimed JOIN review_case c ON c.id = claimed.case_id
    """  # noqa: S608  columns and subquery are this module's own
    values = {
        "user": user.id,
        "until": now + _lease(),
        "now": now,
        "most": MOST_HELD,
        "event": uuid7(),
        "day": today(user),
        "kind": actor.kind,
        "actor": actor.id,
        "name": actor.name,
        "assignment": Decision.Assignment.SKILL if user.categories or user.languages else Decision.Assignment.PULL,
        **parameters,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
    if row is None:
        return None
    return Case.from_db("default", CASE_FIELDS, row)


def _limits(user: User) -> Limits:
    """What this person is not to see now. Raises Refused when their day is over."""
    limits = limits_of(user)
    if limits.spent:
        raise Refused(
            _("You have seen as many cases today as are set for you. Stop here; what you hold can still be decided."),
            "budget-spent",
        )
    return limits


def _fitting(user: User, limits: Limits) -> tuple[str, dict[str, Any]]:
    """The condition that a free row suits this reviewer: tier, skills, not skipped by them."""
    conditions = [FREE, "tier <= %(tier)s", "NOT (%(user)s = ANY(skipped_by || barred))"]
    parameters: dict[str, Any] = {"tier": user.tier}
    if limits.kept_back:
        conditions.append("category <> ALL(%(barred)s)")
        parameters["barred"] = limits.kept_back
    if user.categories:
        conditions.append("category = ANY(%(categories)s)")
        parameters["categories"] = user.categories
    if user.languages:
        conditions.append("(language = '' OR language = ANY(%(languages)s))")
        parameters["languages"] = user.languages
    return " AND ".join(conditions), parameters


def _next(user: User, queue: Queue | None, limits: Limits) -> tuple[str, dict[str, Any]]:
    fitting, parameters = _fitting(user, limits)
    given = ""
    if limits.unread:
        given = " AND category <> ALL(%(unread)s)"
        parameters["unread"] = list(limits.unread)
    if queue is not None:
        here, wanted = " AND queue_id = %(queue)s", "%(queue)s"
        parameters["queue"] = queue.id
    else:
        here = ""
        wanted = f"""(SELECT head.queue_id FROM review_queue q CROSS JOIN LATERAL (
            SELECT queue_id, {ORDER} FROM review_work WHERE queue_id = q.id AND {fitting} ORDER BY {ORDER} LIMIT 1
        ) head ORDER BY {ORDER} LIMIT 1)"""  # noqa: S608
    return (
        f"""COALESCE(
            (SELECT case_id FROM review_work
             WHERE assigned_to_id = %(user)s AND holder_id IS NULL AND held_until IS NULL{here}{given}
             ORDER BY severity, rank, due_at LIMIT 1 FOR UPDATE SKIP LOCKED),
            (SELECT case_id FROM review_work WHERE queue_id = {wanted} AND {fitting}
             ORDER BY {ORDER} LIMIT 1 FOR UPDATE SKIP LOCKED))""",  # noqa: S608
        parameters,
    )


def _drawn(user: User, queue: Queue | None, limits: Limits) -> tuple[str, dict[str, Any]] | None:
    """A case that chance picks, for a queue's random share of the claims: what decisions change can be learnt from these.

    Among the most urgent of the severity that is due, so nobody in danger waits for it. None when the die says no, and
    for people of few categories or languages: their cases are not like their colleagues'.
    """
    roll = random.uniform(0, 100)  # noqa: S311  no secret
    most = MOST_RANDOM if queue is None else queue.random_share
    if roll >= most or user.categories or user.languages:
        return None
    fitting, parameters = _fitting(user, limits)
    if limits.unread:
        fitting += " AND category <> ALL(%(unread)s)"
        parameters["unread"] = list(limits.unread)
    here = "" if queue is None else "WHERE q.id = %(queue)s"
    parameters |= {
        "roll": roll,
        "from": DRAWN_FROM,
        "queue": queue and queue.id,
        "assignment": Decision.Assignment.RANDOM,
    }
    return (
        f"""(SELECT case_id FROM review_work WHERE {fitting} AND case_id IN (
            SELECT near.case_id FROM (
                SELECT head.queue_id, head.severity, q.random_share FROM review_queue q CROSS JOIN LATERAL (
                    SELECT queue_id, {ORDER} FROM review_work WHERE queue_id = q.id AND {fitting} ORDER BY {ORDER} LIMIT 1
                ) head {here} ORDER BY {ORDER} LIMIT 1
            ) best CROSS JOIN LATERAL (
                SELECT case_id FROM review_work
                WHERE queue_id = best.queue_id AND severity = best.severity AND {fitting} ORDER BY {ORDER} LIMIT %(from)s
            ) near WHERE best.random_share > %(roll)s)
            AND NOT EXISTS (SELECT FROM review_work
                WHERE assigned_to_id = %(user)s AND holder_id IS NULL AND held_until IS NULL)
            ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED)""",  # noqa: S608
        parameters,
    )


def _first_free_anywhere(user: User, limits: Limits) -> tuple[str, dict[str, Any]]:
    fitting, parameters = _fitting(user, limits)
    return (
        f"""(SELECT head.case_id FROM review_queue q CROSS JOIN LATERAL (
            SELECT {ORDER} FROM review_work WHERE queue_id = q.id AND {fitting}
            ORDER BY {ORDER} LIMIT 1 FOR UPDATE SKIP LOCKED
        ) head ORDER BY {ORDER} LIMIT 1)""",  # noqa: S608
        parameters,
    )


def _why_not(user: User, case: Case) -> Refused:
    case = Case.objects.select_related("decided_by", "work__holder", "work__assigned_to").get(id=case.id)
    must_be_open(case)
    must_review(user, case)
    work = case.work
    if user.id in work.barred:
        return Refused(_("You have voted on %s already: it is for others now.") % case.ref, "voted-already")
    if work.held_until is not None and case.state == Case.State.OPEN:
        return Refused(_("%s is being deliberated: see its page.") % case.ref, "deliberated")
    if work.held_until is not None:
        return Refused(
            _("%(case)s is on hold until %(time)s. Resume it first.")
            % {"case": case.ref, "time": f"{work.held_until:%Y-%m-%d %H:%M} UTC"},
            "on-hold",
        )
    if work.holder_id not in (None, user.id):
        return Refused(_("%(case)s was already taken by %(name)s.") % {"case": case.ref, "name": work.holder}, "taken")
    if work.assigned_to_id not in (None, user.id):
        return Refused(
            _("%(case)s is assigned to %(name)s.") % {"case": case.ref, "name": work.assigned_to}, "assigned"
        )
    return Refused(_("You hold %s cases already. Decide or release some first.") % MOST_HELD, "holds-too-many")


def _give_back(user: User, case: Case, *, skipped: bool = False) -> None:
    """The holder lets go. Somebody to whom it was assigned gives that up as well, or it would come back at once."""
    skipping = "array_append(skipped_by, %(user)s)" if skipped else "skipped_by"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE review_work SET holder_id = NULL, lease_until = NULL, claimed_at = NULL, assignment = 'pull',
                assigned_to_id = NULL, skipped_by = {skipping}, skipped_until = COALESCE(%(until)s, skipped_until)
            WHERE case_id = %(case)s AND holder_id = %(user)s AND held_until IS NULL
            """,  # noqa: S608
            {"case": case.id, "user": user.id, "until": timezone.now() + SKIPPED_FOR if skipped else None},
        )
        if not cursor.rowcount:
            fresh = Case.objects.select_related("decided_by").get(id=case.id)
            must_hold(user, fresh, Work.objects.select_related("holder").filter(case=case).first())
