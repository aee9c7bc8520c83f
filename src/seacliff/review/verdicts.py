"""What a reviewer may decide: which actions a rule allows, on whom they fall, what has to be said with them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from seacliff.policy.models import ActionKind, PolicyVersion
from seacliff.review.access import NotValid
from seacliff.review.models import Case, Decision
from seacliff.targets.models import Kind, Target

LONGEST_DAYS = 3650

ANY = frozenset(Kind)
PEOPLE = frozenset({Kind.USER, Kind.ACCOUNT, Kind.ORGANISATION})
# The level of the account tree that each action falls on by default.
LEVELS: dict[str, frozenset[str]] = {
    ActionKind.DISMISS: ANY,
    ActionKind.WARN: PEOPLE,
    ActionKind.STRIKE: PEOPLE,
    ActionKind.REMOVE_CONTENT: frozenset({Kind.CONTENT, Kind.URL, Kind.EVENT}),
    ActionKind.END_EVENT: frozenset({Kind.EVENT}),
    ActionKind.SUSPEND_HOST: frozenset({Kind.USER, Kind.ACCOUNT}),
    ActionKind.BLOCK_USER: frozenset({Kind.USER, Kind.EMAIL, Kind.IP, Kind.PHONE}),
    ActionKind.SUSPEND_ACCOUNT: frozenset({Kind.ACCOUNT, Kind.ORGANISATION}),
    ActionKind.RESTRICT_FEATURE: PEOPLE | {Kind.EVENT},
    ActionKind.GEOBLOCK: ANY,
    ActionKind.REFER: ANY,
}
# What an action says about itself beyond its target: name to type, and whether it must be given.
PARAMETERS: dict[str, dict[str, tuple[type, bool]]] = {
    ActionKind.SUSPEND_HOST: {"days": (int, False)},
    ActionKind.BLOCK_USER: {"days": (int, False)},
    ActionKind.SUSPEND_ACCOUNT: {"days": (int, False)},
    ActionKind.RESTRICT_FEATURE: {"feature": (str, True), "days": (int, False)},
    ActionKind.GEOBLOCK: {"countries": (list, True), "days": (int, False)},
    ActionKind.REFER: {"to": (str, True)},
}
HEAVY = frozenset({ActionKind.SUSPEND_ACCOUNT, ActionKind.SUSPEND_HOST, ActionKind.GEOBLOCK, ActionKind.REFER})


class Ordered(NamedTuple):
    """One action of a verdict: what, on whom, with which parameters."""

    kind: str
    target: Target
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer found and wants done. `policy_version` is the wording they had before them; the rationale is for
    colleagues, the facts are told to the affected user."""

    finding: str
    category: str
    policy_version: PolicyVersion | None = None
    rationale: str = ""
    actions: list[Ordered] = field(default_factory=list)
    facts: str = ""
    notify: bool = True
    duplicate_of: Case | None = None


def needs_rationale(case: Case, verdict: Verdict) -> str:
    """Why this verdict must be explained in words; empty when it need not be."""
    if verdict.finding == Decision.Finding.VIOLATION:
        if any(action.kind in HEAVY for action in verdict.actions):
            return _("An action this heavy needs a rationale.")
        if not verdict.actions:
            return _("You found a violation and chose no action: say why.")
    if case.severity <= 2:
        return _("A case of severity %s needs a rationale.") % case.severity
    if case.tier >= 2:
        return _("A decision of tier %s needs a rationale: others will build on it.") % case.tier
    return ""


def must_fit(case: Case, verdict: Verdict, in_force: PolicyVersion | None) -> None:
    """Raise NotValid unless the rule in force for the category found allows this verdict."""
    if verdict.finding not in Decision.Finding.values:
        raise NotValid(_("Choose a finding: %s.") % ", ".join(Decision.Finding.values), "finding")
    if verdict.finding == Decision.Finding.DUPLICATE:
        _must_repeat(case, verdict)
    if verdict.finding == Decision.Finding.VIOLATION:
        _must_stand_on(verdict, in_force)
    allowed = set(in_force.allowed_actions if in_force else ()) | {ActionKind.DISMISS}
    if verdict.finding != Decision.Finding.VIOLATION:
        allowed = {ActionKind.DISMISS}
    for action in verdict.actions:
        if action.kind not in allowed:
            raise NotValid(_not_allowed(action.kind, verdict, in_force), "actions", "action-not-allowed")
        _must_be_complete(action)
    if repeated := _repeated(verdict.actions):
        raise NotValid(_("%s is ordered twice on the same target.") % ActionKind(repeated).label, "actions")
    _must_fall_in_tree(case, verdict.actions)
    if not verdict.rationale.strip() and (why := needs_rationale(case, verdict)):
        raise NotValid(why, "rationale", "rationale-missing")


def _must_repeat(case: Case, verdict: Verdict) -> None:
    if verdict.duplicate_of is None:
        raise NotValid(_("Name the case that %s repeats, such as C-1001.") % case.ref, "duplicate_of")
    if verdict.duplicate_of.id == case.id:
        raise NotValid(_("%s cannot repeat itself. Name the other case.") % case.ref, "duplicate_of")


def _must_stand_on(verdict: Verdict, in_force: PolicyVersion | None) -> None:
    if in_force is None:
        raise NotValid(_('No policy in force covers "%s". Choose another category.') % verdict.category, "category")
    if verdict.policy_version is not None and verdict.policy_version.id != in_force.id:
        raise NotValid(
            _("%(old)s is not the wording in force any more: %(new)s is. Read what changed, then decide again.")
            % {"old": verdict.policy_version, "new": in_force},
            "policy_version",
            "policy-changed",
        )


def _not_allowed(kind: str, verdict: Verdict, in_force: PolicyVersion | None) -> str:
    if kind not in ActionKind.values:
        return _('There is no action "%s".') % kind
    label = ActionKind(kind).label
    if verdict.finding != Decision.Finding.VIOLATION:
        return _('"%s" needs a violation. Without one there is nothing to act on.') % label
    return _('%(rule)s does not allow "%(action)s".') % {"rule": in_force, "action": label}


def _must_be_complete(action: Ordered) -> None:
    known = PARAMETERS.get(action.kind, {})
    label = ActionKind(action.kind).label
    for name, (_type, required) in known.items():
        if required and not action.parameters.get(name):
            raise NotValid(_('"%(action)s" needs "%(name)s".') % {"action": label, "name": name}, "actions")
    for name, value in action.parameters.items():
        if name not in known or not isinstance(value, known[name][0]) or isinstance(value, bool):
            raise NotValid(_('"%(action)s" cannot take "%(name)s".') % {"action": label, "name": name}, "actions")
    days = action.parameters.get("days")
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise NotValid(
            _("The days of an action run from 1 to %s; leave them out for no end.") % LONGEST_DAYS, "actions"
        )


def _repeated(actions: Iterable[Ordered]) -> str:
    seen = set()
    for action in actions:
        if (action.kind, action.target.id) in seen:
            return action.kind
        seen.add((action.kind, action.target.id))
    return ""


def _must_fall_in_tree(case: Case, actions: list[Ordered]) -> None:
    others = {action.target.id: action.target for action in actions if action.target.id != case.target_id}
    if not others:
        return
    above = ancestry([case.target_id, *others])
    for id, target in others.items():
        if id not in above[case.target_id] and case.target_id not in above[id]:
            raise NotValid(
                _("%(target)s is not in the account tree of %(case)s.") % {"target": target, "case": case.ref},
                "actions",
                "target-outside-tree",
            )


def ancestry(ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """For each target the ids above it in the account tree, nearest first. One query."""
    above: dict[UUID, list[UUID]] = {id: [] for id in ids}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE up AS (
                SELECT id AS start, parent_id, 1 AS depth FROM targets_target WHERE id = ANY(%s)
                UNION ALL
                SELECT up.start, t.parent_id, up.depth + 1 FROM up JOIN targets_target t ON t.id = up.parent_id
                WHERE up.depth < 12
            )
            SELECT start, parent_id FROM up WHERE parent_id IS NOT NULL ORDER BY depth
            """,
            [list(above)],
        )
        for start, parent in cursor.fetchall():
            above[start].append(parent)
    return above


def falls_on(kind: str, target: Target, above: list[Target]) -> Target:
    """Whom an action falls on by default: the nearest level of the tree that it is meant for, else the target."""
    levels = LEVELS[kind]
    return next((node for node in (target, *above) if node.kind in levels), target)
