"""Putting another decision in the place of one that stands: after an appeal, or when a mistake is found.

The first decision stays in the record, superseded. What it did and the new one does not is taken back in the product;
what both order is left alone; what only the new one orders is ordered now.
"""

from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.enforcement import orders, reversal
from seacliff.enforcement.models import Action
from seacliff.people.models import User
from seacliff.policy.models import ActionKind, PolicyVersion
from seacliff.policy.queries import version_in_force
from seacliff.record.actions import Actor, Subject, happened
from seacliff.record.ids import uuid7
from seacliff.review.access import Refused, person
from seacliff.review.models import Case, Decision
from seacliff.review.verdicts import Verdict, must_fit

# What a decision made its case's reporters known for, given or (with a negative sign) taken back.
RECKON = """
UPDATE intake_reporter r
SET upheld = greatest(0, r.upheld + %(upheld)s), rejected = greatest(0, r.rejected + %(rejected)s)
FROM review_casereport cr
WHERE cr.case_id = %(case)s AND cr.duplicate_of IS NULL AND cr.set_aside_id IS NULL
    AND cr.reporter_key <> '' AND cr.reporter_key = r.key
"""


@transaction.atomic
def correct(
    decision: Decision, verdict: Verdict, user: User, *, actor: Actor | None = None, tier: int | None = None
) -> Decision:
    """Supersede a decision that stands. The verdict is judged by the wording that the first one was made under, as long
    as it is about the same harm. Raises NotValid, Refused."""
    case = Case.objects.select_for_update(of=["self"]).select_related("target").get(id=decision.case_id)
    old = Decision.objects.select_for_update(of=["self"]).select_related("policy_version").get(id=decision.id)
    if old.undone_at or old.superseded_at:
        raise Refused(_("This decision on %s does not stand any more.") % case.ref, "superseded")
    version = judged_by(old, verdict.category)
    must_fit(case, verdict, version)
    actor = actor or person(user)
    now = timezone.now()
    Decision.objects.filter(id=old.id).update(superseded_at=now)
    new = Decision.objects.create(
        id=uuid7(),
        case=case,
        reviewer=user,
        tier=tier or max(user.tier, old.tier),
        policy_version=version if verdict.finding == Decision.Finding.VIOLATION else None,
        category=verdict.category,
        finding=verdict.finding,
        rationale=verdict.rationale.strip(),
        facts=verdict.facts.strip(),
        notify=False,  # whoever corrects tells both sides what became of it
        actions=[
            {"kind": str(a.kind), "target_id": str(a.target.id), "parameters": a.parameters} for a in verdict.actions
        ],
        decided_at=now,
        undo_until=now,
        settled=True,
        corrects=old,
    )
    case.decided_by = user
    case.save(update_fields=["decided_by"])
    _act(case, old, new, verdict, actor)
    _reckon(case, old, -1 if old.settled else 0)
    _reckon(case, new, +1)
    data = {"decision": str(new.id), "corrects": str(old.id), "finding": new.finding, "before": old.finding}
    happened("decision.corrected", Subject("case", case.id), actor, story=case.id, policy_version=version and version.id,
             reason=new.rationale, data=data)  # fmt: skip
    return new


def judged_by(corrected: Decision | None, category: str) -> PolicyVersion | None:
    """The wording that a verdict on a harm is judged by: that of the decision it would correct, else the one in force."""
    if corrected is not None and corrected.policy_version is not None and corrected.category == category:
        return corrected.policy_version
    return version_in_force(category)


def _act(case: Case, old: Decision, new: Decision, verdict: Verdict, actor: Actor) -> None:
    """Reverse what falls away, order what is new. What stands may rest on any decision of the chain."""
    wanted = {_key(str(a.kind), a.target.id, a.parameters): a for a in verdict.actions}
    chain = _chain(old)
    standing = Action.objects.filter(decision_id__in=chain, reverses=None, reversed_by=None).exclude(
        state=Action.State.CANCELLED
    )
    kept = {key for each in standing if (key := _key(each.kind, each.target_id, each.parameters)) in wanted}
    reversal.reverse(
        chain, actor, reason=_("The decision was corrected."),
        keep=lambda action: _key(action.kind, action.target_id, action.parameters) in kept,
    )  # fmt: skip
    orders.order(
        case_id=case.id,
        decision_id=new.id,
        orders=[
            orders.Order(ActionKind(a.kind), a.target, a.parameters) for key, a in wanted.items() if key not in kept
        ],
        notices=[],
        policy_version=new.policy_version,
        not_before=new.decided_at,
        actor=actor,
    )


def _chain(decision: Decision) -> list[UUID]:
    """This decision and those it corrected."""
    chain = [decision.id]
    while decision.corrects_id and decision.corrects is not None:
        decision = decision.corrects
        chain.append(decision.id)
    return chain


def _key(kind: str, target: UUID, parameters: dict[str, Any]) -> tuple[str, UUID, str]:
    return kind, target, repr(sorted(parameters.items()))


def _reckon(case: Case, decision: Decision, sign: int) -> None:
    upheld = sign * (decision.finding == Decision.Finding.VIOLATION)
    rejected = sign * (decision.finding == Decision.Finding.NO_VIOLATION)
    if upheld or rejected:
        with connection.cursor() as cursor:
            cursor.execute(RECKON, {"case": case.id, "upheld": upheld, "rejected": rejected})
