"""The tiers as configuration: what each decides, how, which ground leads where. Versioned; one version is in force.

Work in flight keeps the terms it began under: a deliberation copies them.
"""

import time
from typing import Any, Literal

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from seacliff.policy.models import ActionKind, Category
from seacliff.record.actions import Actor, Subject, happened
from seacliff.record.written import NotYaml, as_yaml, yaml_of
from seacliff.review.access import NotValid
from seacliff.review.tiers.models import TierPlan

Way = Literal["single", "consensus", "panel"]
MOST_TIERS = 9
REMEMBERED_SECONDS = 2.0


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`voters`: how many vote independently (consensus), how many make a quorum (panel). `hours`: until it must be done."""

    number: int
    name: str
    way: Way = "single"
    first_instance: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    voters: int = 3
    hours: float = 72


class Ground(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a case is escalated; `tier` is where this ground leads, the next one when it names none."""

    slug: str
    label: str
    tier: int | None = None


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tiers: tuple[Tier, ...]
    grounds: tuple[Ground, ...]
    number: int = 0

    def tier(self, number: int) -> Tier:
        """The tier of this number; the highest one for a case that is above them all."""
        return next((tier for tier in self.tiers if tier.number >= number), self.tiers[-1])

    def above(self, number: int) -> Tier | None:
        return next((tier for tier in self.tiers if tier.number > number), None)

    def ground(self, slug: str) -> Ground | None:
        return next((ground for ground in self.grounds if ground.slug == slug), None)

    def first_tier(self, category: str) -> int:
        """Who decides a harm at first instance: the highest tier that claims it."""
        return max(
            (tier.number for tier in self.tiers if category in tier.first_instance), default=self.tiers[0].number
        )

    @property
    def shared(self) -> list[int]:
        """Tiers where several decide."""
        return [tier.number for tier in self.tiers if tier.way != "single"]


DEFAULT = Plan(
    tiers=(
        Tier(1, "First line"),
        Tier(2, "Harder cases"),
        Tier(3, "Consensus", way="consensus", voters=3, hours=72),
        Tier(4, "Appeals panel", way="panel", voters=3, hours=168),
    ),
    grounds=(
        Ground("unsure", "Unsure of the finding"),
        Ground("severe", "More serious than it was reported"),
        Ground("legal", "Legal question or legal process"),
        Ground("precedent", "No precedent, or against one", tier=3),
        Ground("specialist", "Needs a language or skill I lack"),
        Ground("conflict", "Conflict of interest"),
        Ground("wellbeing", "Too hard on me today"),
    ),
)

_remembered: tuple[float, Plan] | None = None


def plan_in_force() -> Plan:
    """The tiers that hold now; remembered for two seconds, since every decision asks."""
    global _remembered
    now = time.monotonic()
    if _remembered is None or _remembered[0] < now:
        _remembered = (now + REMEMBERED_SECONDS, _read())
    return _remembered[1]


def forget_plan() -> None:
    global _remembered
    _remembered = None


def _read() -> Plan:
    live = TierPlan.in_force()
    return plan_of(live) if live else DEFAULT


def plan_of(row: TierPlan) -> Plan:
    return msgspec.convert({**row.plan, "number": row.number}, Plan)


def roman(number: int) -> str:
    return ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[number - 1]


def tier_choices() -> list[tuple[int, str]]:
    return [(tier.number, f"{roman(tier.number)}: {tier.name}") for tier in plan_in_force().tiers]


def written(plan: Plan) -> str:
    """The plan as YAML, to be edited."""
    rows = {
        "tiers": [_plain(tier, Tier(tier.number, tier.name)) for tier in plan.tiers],
        "grounds": [{key: value for key, value in msgspec.to_builtins(g).items() if value is not None}
                    for g in plan.grounds],
    }  # fmt: skip
    return as_yaml(rows)


def _plain(tier: Tier, usual: Tier) -> dict[str, Any]:
    """What differs from the usual, and how several decide in any case."""
    same = msgspec.to_builtins(usual)
    always = {"number", "name", "way", *(("voters", "hours") if tier.way != "single" else ())}
    return {key: value for key, value in msgspec.to_builtins(tier).items() if key in always or value != same[key]}


def read(text: str) -> Plan:
    """A plan from YAML. Raises NotValid with a sentence that says where it is wrong."""
    try:
        plan = msgspec.convert(yaml_of(text), Plan)
    except NotYaml as error:
        raise NotValid(str(error), "plan") from None
    except msgspec.ValidationError as error:
        raise NotValid(_("The plan can't be read: %s.") % error, "plan") from None
    if problem := _fault(plan):
        raise NotValid(problem, "plan")
    return plan


def _fault(plan: Plan) -> str:
    numbers = [tier.number for tier in plan.tiers]
    if not numbers or numbers != list(range(1, len(numbers) + 1)) or len(numbers) > MOST_TIERS:
        return _("Number the tiers 1, 2, 3... without gaps, at most %s.") % MOST_TIERS
    if plan.tiers[-1].way == "consensus":
        return _("The highest tier can't decide by consensus: where would a case go that finds none? Make it a panel.")
    for tier in plan.tiers:
        if tier.way != "single" and not (2 <= tier.voters <= 15 and 1 <= tier.hours <= 24 * 90):
            return _("Tier %s: between 2 and 15 people decide together, within 1 hour and 90 days.") % tier.number
        if unknown := set(tier.withheld) - set(ActionKind.values):
            return _("Tier %(tier)s withholds %(kind)s, which is no action.") % {
                "tier": tier.number, "kind": ", ".join(sorted(unknown))}  # fmt: skip
        if unknown := set(tier.first_instance) - set(Category.objects.values_list("slug", flat=True)):
            return _("Tier %(tier)s begins with %(harm)s, which is no category.") % {
                "tier": tier.number, "harm": ", ".join(sorted(unknown))}  # fmt: skip
    if not plan.grounds or len({ground.slug for ground in plan.grounds}) != len(plan.grounds):
        return _("Name at least one ground for escalating, and each only once.")
    if wrong := [ground.slug for ground in plan.grounds if ground.tier is not None and ground.tier not in numbers]:
        return _("The ground %s leads to a tier that there is not.") % ", ".join(wrong)
    return ""


@transaction.atomic
def publish(plan: Plan, change: str, actor: Actor) -> TierPlan:
    """Put a plan in force from now on. What several are deciding already goes on as it began."""
    if not change.strip():
        raise NotValid(_("Say what changes and why: the record keeps it."), "change")
    content = {key: value for key, value in msgspec.to_builtins(plan).items() if key != "number"}
    row = TierPlan.succeed(change, plan=content, created_by=actor.id)
    happened("tier-plan.published", Subject("tier-plan", row.id), actor, reason=change, data={"number": row.number})
    transaction.on_commit(forget_plan)
    forget_plan()
    return row
