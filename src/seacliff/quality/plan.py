"""The sampling plan as configuration: which share of decisions is looked at again, and how differences are settled.

Versioned; one version is in force. A decision is drawn by the plan that holds when it becomes final.
"""

from typing import Any, Literal

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from seacliff.policy.models import Policy
from seacliff.quality.models import QualityPlan
from seacliff.record.actions import Actor, Subject, happened
from seacliff.record.written import NotYaml, as_yaml, yaml_of
from seacliff.review.access import NotValid
from seacliff.review.models import Queue

MOST_HOURS = 24 * 90


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A share (0 to 1) for the decisions that fit all it names; `newer_than_days`: of reviewers who joined less than that
    ago. The highest share among the rules that fit holds; without any, the plan's own."""

    share: float
    policy: str = ""
    queue: str = ""
    newer_than_days: int = 0


class Settling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`lead`: one lead says which was right. `consensus`: so many of the tier, each alone; a lead where they differ."""

    by: Literal["lead", "consensus"] = "lead"
    voters: int = 3
    tier: int = 3


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`minimum`: of each reviewer's decisions of a week at least so many. `golden`: which share of looks is at a golden
    case. `compare`: what has to be the same. `seed`: with the decision's id it makes the draw, so that it can be repeated."""

    share: float = 0.03
    rules: tuple[Rule, ...] = (Rule(0.15, newer_than_days=60),)
    minimum: int = 3
    golden: float = 0.1
    hours: float = 168
    compare: Literal["finding", "harm", "actions"] = "harm"
    settle: Settling = Settling()
    seed: str = "seacliff"
    number: int = 0


DEFAULT = Plan()


def plan_in_force() -> Plan:
    live = QualityPlan.in_force()
    return plan_of(live) if live else DEFAULT


def plan_of(row: QualityPlan) -> Plan:
    return msgspec.convert({**row.plan, "number": row.number}, Plan)


def written(plan: Plan) -> str:
    """The plan as YAML, to be edited."""
    return as_yaml(_content(plan))


def _content(plan: Plan) -> dict[str, Any]:
    return {key: value for key, value in msgspec.to_builtins(plan).items() if key != "number"}


def read(text: str) -> Plan:
    """A plan from YAML. Raises NotValid with a sentence that says where it is wrong."""
    try:
        plan = msgspec.convert(yaml_of(text) or {}, Plan)
    except NotYaml as error:
        raise NotValid(str(error), "plan") from None
    except msgspec.ValidationError as error:
        raise NotValid(_("The plan can't be read: %s.") % error, "plan") from None
    if problem := _fault(plan):
        raise NotValid(problem, "plan")
    return plan


def _fault(plan: Plan) -> str:
    shares = [plan.share, plan.golden, *(rule.share for rule in plan.rules)]
    if any(not 0 <= share <= 1 for share in shares):
        return _("A share lies between 0 and 1: 0.05 is one decision in twenty.")
    if not 0 <= plan.minimum <= 50:
        return _("The minimum of each reviewer's week lies between 0 and 50.")
    if not 1 <= plan.hours <= MOST_HOURS:
        return _("A second look is due within 1 hour and 90 days.")
    if not (2 <= plan.settle.voters <= 15 and 1 <= plan.settle.tier <= 9):
        return _("Between 2 and 15 people of a tier settle a difference together.")
    if not plan.seed.strip():
        return _("Give the draw a seed: any word.")
    return _unknown(plan)


def _unknown(plan: Plan) -> str:
    policies = {rule.policy for rule in plan.rules if rule.policy}
    queues = {rule.queue for rule in plan.rules if rule.queue}
    if wrong := policies - set(Policy.objects.values_list("slug", flat=True)):
        return _("A rule names a policy that there is not: %s.") % ", ".join(sorted(wrong))
    if wrong := queues - set(Queue.objects.values_list("slug", flat=True)):
        return _("A rule names a queue that there is not: %s.") % ", ".join(sorted(wrong))
    return ""


@transaction.atomic
def publish(plan: Plan, change: str, actor: Actor) -> QualityPlan:
    """Put a plan in force from now on. What was drawn stays drawn."""
    if not change.strip():
        raise NotValid(_("Say what changes and why: the record keeps it."), "change")
    row = QualityPlan.succeed(change, plan=_content(plan), created_by=actor.id)
    happened(
        "quality-plan.published", Subject("quality-plan", row.id), actor, reason=change, data={"number": row.number}
    )
    return row
