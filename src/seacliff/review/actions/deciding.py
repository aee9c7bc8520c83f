"""Deciding a case, and taking the decision back while that is still possible."""

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.enforcement import orders
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.policy.models import ActionKind
from seacliff.policy.queries import version_in_force
from seacliff.record import clocks
from seacliff.record.actions import Actor, Subject, happened
from seacliff.record.ids import uuid7
from seacliff.record.models import Link
from seacliff.review.access import NotPermitted, Refused, must_be_open, must_hold, must_review, person
from seacliff.review.actions.claiming import EVENT
from seacliff.review.models import Case, Decision, Deliberation, Work
from seacliff.review.tiers.allowing import must_decide_alone
from seacliff.review.verdicts import Verdict, must_fit

# The case is locked first, as routing and every other verb lock it; then its row leaves the queue, if it is still this
# reviewer's, and on that row hangs all the rest.
DECIDE = f"""
WITH locked AS (
    SELECT id, tier FROM review_case WHERE id = %(case)s AND state = 'open' AND tier <= %(tier)s FOR UPDATE
), gone AS (
    DELETE FROM review_work w USING locked
    WHERE w.case_id = locked.id AND w.holder_id = %(user)s AND w.held_until IS NULL
    RETURNING w.case_id, locked.tier, w.claimed_at, w.assignment, to_jsonb(w) AS work
), closed AS (
    UPDATE review_case SET state = 'decided', decided_at = %(now)s, decided_by_id = %(user)s
    FROM gone WHERE id = gone.case_id
), decided AS (
    INSERT INTO review_decision (id, case_id, reviewer_id, tier, policy_version_id, category, finding, rationale,
        facts, notify, actions, assignment, automated, claimed_at, decided_at, undo_until, work, together, settled)
    SELECT %(decision)s, case_id, %(user)s, tier, %(policy_version)s, %(category)s, %(finding)s, %(rationale)s,
        %(facts)s, %(notify)s, %(actions)s::jsonb, COALESCE(%(assignment)s, assignment), false,
        claimed_at, %(now)s, %(undo_until)s, work,
        %(together)s, false
    FROM gone RETURNING assignment, tier, claimed_at, work
), logged AS (
    {EVENT} SELECT %(event)s, 'case.decided', %(kind)s, %(actor)s, %(name)s, 'case', case_id, case_id,
        %(policy_version)s, %(rationale)s, %(details)s::jsonb FROM gone
)
SELECT tier, claimed_at, assignment, work FROM decided
"""  # noqa: S608  EVENT is our own


def decide(user: User, case: Case, verdict: Verdict, *, actor: Actor | None = None) -> Decision:
    """Decide a case this reviewer holds: decision, case, queue, event, clock, actions and notices in one transaction.

    Raises NotValid when the rule in force does not allow the verdict, Refused when the case is not theirs any more.
    """
    must_review(user, case)
    in_force = version_in_force(verdict.category)
    must_fit(case, verdict, in_force)
    must_decide_alone(case, verdict)
    with transaction.atomic():
        return carry_out(user, case, verdict, in_force, actor or person(user))


def carry_out(
    user: User,
    case: Case,
    verdict: Verdict,
    in_force: Any,
    actor: Actor,
    *,
    assignment: str | None = None,
    together: Decision | None = None,
    tier: int | None = None,
) -> Decision:
    """The writing of decide(), for a verdict that fits; inside the caller's transaction. `tier` is what a panel's chair
    decides at, who need not be a reviewer."""
    decision = _write(user, case, verdict, in_force, actor, assignment, together, tier or user.tier)
    if verdict.actions:
        orders.order(
            case_id=case.id,
            decision_id=decision.id,
            orders=[
                orders.Order(ActionKind(action.kind), action.target, action.parameters) for action in verdict.actions
            ],
            notices=[],  # written by settling.py once the decision can no longer be undone
            policy_version=in_force,
            not_before=decision.undo_until,
            actor=actor,
        )
    clocks.stop(Subject("case", case.id), Case.CLOCK, decision.decided_at)
    if verdict.duplicate_of is not None:
        Link.objects.get_or_create(
            from_kind="case", from_id=case.id, to_kind="case", to_id=verdict.duplicate_of.id, kind="duplicate-of"
        )
    return decision


def _write(
    user: User,
    case: Case,
    verdict: Verdict,
    in_force: Any,
    actor: Actor,
    assignment: str | None,
    together: Decision | None,
    tier: int,
) -> Decision:
    now = timezone.now()
    decision = Decision(
        id=uuid7(),
        case=case,
        reviewer=user,
        policy_version=in_force,
        category=verdict.category,
        finding=verdict.finding,
        rationale=verdict.rationale.strip(),
        facts=verdict.facts.strip(),
        notify=verdict.notify,
        actions=[
            {"kind": str(action.kind), "target_id": str(action.target.id), "parameters": action.parameters}
            for action in verdict.actions
        ],
        decided_at=now,
        undo_until=now + timedelta(seconds=settings.UNDO_SECONDS),
        together=together.id if together else None,
    )
    details = {"decision": str(decision.id), "finding": verdict.finding, "category": verdict.category,
               "actions": [str(action.kind) for action in verdict.actions]}  # fmt: skip
    values = {
        "case": case.id,
        "tier": tier,
        "user": user.id,
        "now": now,
        "decision": decision.id,
        "policy_version": in_force.id if in_force else None,
        "category": decision.category,
        "finding": str(decision.finding),
        "rationale": decision.rationale,
        "facts": decision.facts,
        "notify": decision.notify,
        "actions": json.dumps(decision.actions),
        "assignment": assignment,
        "undo_until": decision.undo_until,
        "together": decision.together,
        "event": uuid7(),
        "kind": str(actor.kind),
        "actor": actor.id,
        "name": actor.name,
        "details": json.dumps(details),
    }
    with connection.cursor() as cursor:
        cursor.execute(DECIDE, values)
        row = cursor.fetchone()
    if row is None:
        raise _why_not(user, case)
    decision.tier, decision.claimed_at, decision.assignment, work = row
    decision.work = json.loads(work) if isinstance(work, str) else work
    case.state, case.decided_at, case.decided_by = Case.State.DECIDED, now, user
    return decision


def _why_not(user: User, case: Case) -> Refused:
    fresh = Case.objects.select_related("decided_by").get(id=case.id)
    try:
        must_be_open(fresh)
        must_review(user, fresh)
        must_hold(user, fresh, Work.objects.select_related("holder").filter(case=case).first())
    except Refused as refused:
        return refused
    return Refused(_("%s changed while you decided. Try again.") % case.ref, "changed")


def undo(user: User, decision: Decision, *, actor: Actor | None = None) -> list[Case]:
    """Take a decision back within UNDO_SECONDS, and those made with it in bulk: the cases are this reviewer's again."""
    if decision.reviewer_id != user.id and not user.may(Permission.QUEUE_MANAGE):
        raise NotPermitted(_("Only who decided a case, or a lead, can take the decision back."))
    first = decision.together or decision.id
    if Deliberation.objects.filter(decision=decision).exists():
        raise Refused(
            _("Several people decided this together: nobody takes it back alone. An appeal can correct it."), "binding"
        )
    with transaction.atomic():
        same = Decision.objects.filter(together=first).values_list("id", flat=True)
        ids = sorted({first, *same})
        cases = {
            case.id: case
            for case in Case.objects.filter(decisions__in=ids).order_by("id").select_for_update(of=["self"])
        }
        taken_back = list(
            Decision.objects.filter(id__in=ids, undone_at=None, undo_until__gt=timezone.now()).select_for_update()
        )
        if not taken_back:
            raise Refused(
                _("It is too late to take this back: the actions and notices are on their way. "
                  "A correction is a new decision."),
                "undo-over",
            )  # fmt: skip
        for each in taken_back:
            _reopen(cases[each.case_id], each, actor or person(user))
    return list(cases.values())


def _reopen(case: Case, decision: Decision, actor: Actor) -> None:
    now = timezone.now()
    Decision.objects.filter(id=decision.id).update(undone_at=now)
    case.state, case.decided_at, case.decided_by = Case.State.OPEN, None, None
    try:
        with transaction.atomic():
            case.save(update_fields=["state", "decided_at", "decided_by"])
    except IntegrityError as error:
        raise Refused(
            _("%s cannot be opened again: a new report on the same target has opened another case meanwhile.")
            % case.ref,
            "reopened-elsewhere",
        ) from error
    _put_back(decision)
    orders.cancel(decision.id, actor)
    clocks.unstop(Subject("case", case.id), Case.CLOCK, decision.decided_at)
    Link.objects.filter(from_id=case.id, kind="duplicate-of").delete()
    details = {"decision": str(decision.id)}
    happened("case.reopened", Subject("case", case.id), actor, story=case.id, reason="Undone", data=details)


def _put_back(decision: Decision) -> None:
    """The queue's row as it was, with a fresh lease for whoever decided."""
    lease = timezone.now() + timedelta(minutes=settings.LEASE_MINUTES)
    row = {"barred": []} | decision.work | {"holder_id": str(decision.reviewer_id), "lease_until": lease.isoformat()}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO review_work SELECT * FROM jsonb_populate_record(NULL::review_work, %s::jsonb)",
            [json.dumps(row)],
        )
