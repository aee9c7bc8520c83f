"""Decisions that are final, drawn or not, for the tests of this room."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import time_machine
from django.utils import timezone

from seacliff.people.models import User
from seacliff.policy.models import NoticeText, PolicyVersion
from seacliff.quality.models import Check
from seacliff.quality.plan import DEFAULT, Plan, publish
from seacliff.record.actions import SYSTEM
from seacliff.record.desks import clear
from seacliff.review import actions
from seacliff.review.actions import Ordered, Verdict
from seacliff.review.models import Decision
from seacliff.review.tests import factories

RATIONALE = "A bought list, sent by one hand."


def decided(
    user: User, rules: PolicyVersion, *kinds: str, finding: str = "violation", at: datetime | None = None, **case: Any
) -> Decision:
    """A case decided by `user` (two minutes ago), final, its actions released and its notices written."""
    if not NoticeText.objects.exists():
        factories.notice_texts()
    at = at or timezone.now() - timedelta(minutes=2)
    tree = factories.tree()
    opened = factories.case(tree["event"], **case)
    factories.report(
        opened, reporter="mail:ann@example.org", reporter_name="Ann Reporter", at=at - timedelta(minutes=5)
    )
    ordered = [Ordered(kind, tree["account"], {}) for kind in kinds]
    version = rules if finding == "violation" else None
    with time_machine.travel(at):
        actions.claim(user, opened)
        decision = actions.decide(user, opened, Verdict(finding, "spam", version, RATIONALE, ordered))
    clear("settle-decisions", "release-actions")
    decision.refresh_from_db()
    return decision


def everything(**plan: Any) -> None:
    """A plan that draws every decision and mixes in nothing."""
    publish(
        msgspec.structs.replace(DEFAULT, **{"share": 1.0, "rules": (), "golden": 0.0, **plan}), "For a test", SYSTEM
    )


def drawn(decision: Decision) -> Check:
    """The check of this decision, drawn by the desk."""
    clear("sample-decisions")
    return Check.objects.get(decision=decision)


def plan_with(**values: Any) -> Plan:
    return msgspec.structs.replace(DEFAULT, **values)


__all__ = ["RATIONALE", "decided", "drawn", "everything", "plan_with"]
