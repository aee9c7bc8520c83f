"""Deciding cases together that are one matter: the same target, or one campaign."""

from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.policy.queries import version_in_force
from seacliff.record.actions import Actor
from seacliff.review.access import NotValid, Refused, must, must_review, person
from seacliff.review.actions.claiming import claim
from seacliff.review.actions.deciding import carry_out
from seacliff.review.models import Case, Decision
from seacliff.review.tiers.allowing import must_decide_alone
from seacliff.review.verdicts import Ordered, Verdict, ancestry, falls_on, must_fit
from seacliff.targets.models import Target

MOST = 50


class Outcome(NamedTuple):
    """What became of one case of a bulk decision: its decision, or the sentence why there is none."""

    case: Case
    decision: Decision | None
    problem: str = ""


def bulk_decide(user: User, cases: list[Case], verdict: Verdict, *, actor: Actor | None = None) -> list[Outcome]:
    """Decide the first case as `verdict` says and the others alike: each action on the same level of each case's own
    tree, and on one target only once. A case that somebody else took meanwhile is left to them; the others stand.
    """
    must(user, Permission.CASE_BULK_DECIDE)
    actor = actor or person(user)
    if not 1 <= len(cases) <= MOST:
        raise NotValid(_("Choose between 1 and %s cases.") % MOST, "cases")
    in_force = version_in_force(verdict.category)
    trees = _trees(cases)
    _must_be_one_matter(cases, trees)
    must_fit(cases[0], verdict, in_force)
    ordered = {(action.kind, action.target.id) for action in verdict.actions}
    outcomes: list[Outcome] = []
    first: Decision | None = None
    with transaction.atomic():
        for case in cases:
            own = verdict if case is cases[0] else _alike(verdict, cases[0], case, trees[case.id], ordered)
            try:
                with transaction.atomic():
                    must_review(user, case)
                    must_fit(case, own, in_force)
                    must_decide_alone(case, own)
                    claim(user, case, actor=actor)
                    decision = carry_out(
                        user, case, own, in_force, actor, assignment=Decision.Assignment.BULK, together=first
                    )
            except Refused as refused:
                if case is cases[0]:
                    raise
                outcomes.append(Outcome(case, None, refused.sentence))
                continue
            first = first or decision
            ordered |= {(action.kind, action.target.id) for action in own.actions}
            outcomes.append(Outcome(case, decision))
    return outcomes


def _trees(cases: list[Case]) -> dict[object, list[Target]]:
    """Case id to its target and the levels above it. Two queries."""
    above = ancestry({case.target_id for case in cases})
    nodes = Target.objects.in_bulk({id for case in cases for id in (case.target_id, *above[case.target_id])})
    return {case.id: [nodes[id] for id in (case.target_id, *above[case.target_id])] for case in cases}


def _must_be_one_matter(cases: list[Case], trees: dict[object, list[Target]]) -> None:
    first = {node.id for node in trees[cases[0].id]}
    for case in cases[1:]:
        related = case.category == cases[0].category or first & {node.id for node in trees[case.id]}
        if not related:
            raise NotValid(
                _("%(case)s has neither the category nor the account tree of %(first)s. Decide it by itself.")
                % {"case": case.ref, "first": cases[0].ref},
                "cases",
            )


def _alike(verdict: Verdict, first: Case, case: Case, tree: list[Target], ordered: set[tuple[str, UUID]]) -> Verdict:
    actions = []
    for action in verdict.actions:
        same_level = next((node for node in tree if node.kind == action.target.kind), None)
        target = same_level or falls_on(action.kind, tree[0], tree[1:])
        if (action.kind, target.id) not in ordered:
            actions.append(Ordered(action.kind, target, action.parameters))
    rationale = verdict.rationale.strip()
    together = _("Decided together with %s.") % first.ref
    return Verdict(
        finding=verdict.finding,
        category=verdict.category,
        policy_version=verdict.policy_version,
        rationale=f"{rationale}\n\n{together}" if rationale else together,
        actions=actions,
        facts=verdict.facts,
        notify=verdict.notify,
        duplicate_of=verdict.duplicate_of,
    )
