"""A ballot: a verdict as it is voted on, in plain data; and whether ballots agree."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from seacliff.policy.models import PolicyVersion
from seacliff.review.tiers.models import Vote
from seacliff.review.verdicts import Ordered, Verdict
from seacliff.targets.models import Target

Ballot = dict[str, Any]


def ballot_of(verdict: Verdict) -> Ballot:
    version = verdict.policy_version
    actions = [
        {"kind": str(action.kind), "target_id": str(action.target.id), "target": str(action.target),
         "parameters": action.parameters}
        for action in verdict.actions
    ]  # fmt: skip
    return {
        "finding": str(verdict.finding),
        "category": verdict.category,
        "policy_version": str(version.id) if version else None,
        "actions": sorted(actions, key=lambda action: (action["kind"], action["target_id"])),
        "facts": verdict.facts,
    }


def verdict_from(ballot: Ballot, reasons: str, facts: str = "") -> Verdict:
    """The verdict that a ballot stands for, to be carried out with these reasons."""
    targets = Target.objects.in_bulk([action["target_id"] for action in ballot["actions"]])
    by_id = {str(id): target for id, target in targets.items()}
    version = PolicyVersion.objects.filter(id=ballot["policy_version"]).first() if ballot["policy_version"] else None
    return Verdict(
        finding=ballot["finding"],
        category=ballot["category"],
        policy_version=version,
        rationale=reasons,
        actions=[Ordered(a["kind"], by_id[a["target_id"]], a["parameters"]) for a in ballot["actions"]],
        facts=facts or ballot["facts"],
    )


def key_of(ballot: Ballot) -> str:
    """Ballots with one key want the same: finding, and for a violation the rule's wording and what is done to whom."""
    if ballot["finding"] != "violation":
        return str(ballot["finding"])
    actions = [(action["kind"], action["target_id"], action["parameters"]) for action in ballot["actions"]]
    return json.dumps([ballot["finding"], ballot["category"], ballot["policy_version"], actions], sort_keys=True)


def leading(votes: Iterable[Vote]) -> tuple[list[str], int, int]:
    """The keys with the most votes, how many each has, and how many votes there are."""
    counts = Counter(key_of(vote.ballot) for vote in votes)
    most = max(counts.values(), default=0)
    return [key for key, count in counts.items() if count == most], most, sum(counts.values())
