"""The rules of retention: per class, and where wanted per product, category or outcome, after how many days it goes."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from seacliff.privacy.models import RetentionPlan
from seacliff.record.actions import Actor, Subject, happened
from seacliff.record.personal import REGISTRY, DataClass
from seacliff.review.access import NotValid
from seacliff.review.models import Decision

OUTCOMES = (Decision.Finding.VIOLATION, Decision.Finding.NO_VIOLATION, Decision.Finding.DUPLICATE)
MOST_DAYS = 36_500


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`days` None keeps for good. An empty condition fits everything; the rule with most conditions wins."""

    data_class: str
    days: int | None
    product: str = ""
    category: str = ""
    outcome: str = ""

    @property
    def conditions(self) -> int:
        return sum(map(bool, (self.product, self.category, self.outcome)))


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`guard`: the largest share of a class that goes without a second look. `unattended`: a run that was shown for a
    day and stays under the guard begins by itself."""

    rules: list[Rule] = []
    guard: float = 0.25
    unattended: bool = False

    def rules_of(self, slug: str) -> list[Rule]:
        """The most specific first; of equals, the one that keeps longer."""
        found = [rule for rule in self.rules if rule.data_class == slug]
        return sorted(found, key=lambda rule: (-rule.conditions, -(rule.days if rule.days is not None else MOST_DAYS)))


def floor_of(data_class: DataClass) -> int:
    """Days that no rule may undercut: what belongs to a case stays while its decision can be appealed."""
    return max(data_class.floor, settings.APPEAL_DAYS if data_class.of_a_case else 0)


def default() -> Plan:
    return Plan([Rule(one.slug, max(one.days, floor_of(one))) for one in REGISTRY.classes.values()])


@dataclass(frozen=True, slots=True)
class InForce:
    plan: Plan
    number: int = 0
    id: UUID | None = None
    row: RetentionPlan | None = field(default=None, compare=False)


def in_force() -> InForce:
    """The plan in force; number 0 and every class kept for good as long as nobody has published one."""
    row = RetentionPlan.in_force()
    return InForce(msgspec.convert(row.plan, Plan), row.number, row.id, row) if row else InForce(Plan())


def check(plan: Plan) -> None:
    """Raises NotValid with a sentence for whoever wrote the plan."""
    if not 0 < plan.guard <= 1:
        raise NotValid(_("The guard is a share above 0 and up to 1."), "guard")
    seen: set[tuple[str, ...]] = set()
    for rule in plan.rules:
        known = REGISTRY.classes.get(rule.data_class)
        if known is None:
            raise NotValid(_("There is no class of data “%s”.") % rule.data_class, "rules")
        if rule.outcome and rule.outcome not in OUTCOMES:
            raise NotValid(_("There is no outcome “%s”.") % rule.outcome, "rules")
        least = floor_of(known)
        if rule.days is not None and not least <= rule.days <= MOST_DAYS:
            raise NotValid(
                _("%(label)s: at least %(least)s and at most %(most)s days, or for good.")
                % {"label": known.label, "least": least, "most": MOST_DAYS},
                "rules",
            )
        same = (rule.data_class, rule.product, rule.category, rule.outcome)
        if same in seen:
            raise NotValid(_("%s: two rules for the same things.") % known.label, "rules")
        seen.add(same)


def publish(plan: Plan, change: str, actor: Actor) -> RetentionPlan:
    """From now on these rules hold; a preview made under others is worth nothing any more."""
    check(plan)
    if not change.strip():
        raise NotValid(_("Say what changes and why."), "change")
    with transaction.atomic():
        row = RetentionPlan.succeed(change, plan=msgspec.to_builtins(plan), created_by=actor.id)
        happened("retention-plan.published", Subject("retention-plan", row.id), actor, reason=row.change,
                 data={"number": row.number})  # fmt: skip
    return row


def said(rules: Any) -> list[Rule]:
    """Rules as a program or a form gives them. Raises NotValid."""
    try:
        return msgspec.convert(rules, list[Rule])
    except msgspec.ValidationError as error:
        raise NotValid(_("The rules can't be read: %s.") % error, "rules") from None
