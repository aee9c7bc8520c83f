"""When two findings ask the same: what was done, and what of whom it was to change. Such findings are never added up, whatever
they were called; one takes another's place only within one question; and each names the others of its question."""

from collections.abc import Iterable, Sequence

from seacliff.value.ledger.plans import Plan, plan_of
from seacliff.value.models import Finding

FAMILIES = {
    "reports_again": "reporters",
    "reported_again": "reports",
    "reports": "reports",
}  # an outcome to what it tells of
CUTS = ("category", "queue", "policy")  # of one question; empty: all
REFUSED = "Z"  # after every grade
SURVEY = "survey"  # the design of what was told, not estimated: surveys.py


def question_of(plan: Plan) -> tuple[str, str]:
    """What was done, and of what the outcome tells. Active days, revenue and leaving are three looks at the same accounts: the
    money they bring is the same money."""
    return _done(plan), FAMILIES.get(plan.outcome) or (
        "reporters" if plan.outcome.startswith("reporter_") else "accounts"
    )


def _done(plan: Plan) -> str:
    if plan.launch:
        return f"launch {plan.launch}"
    if plan.design == "series":
        return f"a change on {plan.changed_at}"
    if plan.design == SURVEY:
        return "told by others"
    if plan.design == "churn":
        return "meeting abuse"
    return "acting on cases"  # by reviewers, at a score or at a threshold of strikes: of the same cases


def overlap(one: Plan, two: Plan) -> bool:
    """Whether both may have measured the same thing: the same question, and no cut that keeps their cases apart."""
    if SURVEY in (one.design, two.design):
        return False
    apart = any(getattr(one, name) != getattr(two, name) and getattr(one, name) and getattr(two, name) for name in CUTS)
    return question_of(one) == question_of(two) and not apart


def same(one: Plan, two: Plan) -> bool:
    """Whether the second asks what the first asked, of the same cases."""
    if one.design == two.design == SURVEY:
        return True
    return overlap(one, two) and all(getattr(one, name) == getattr(two, name) for name in CUTS)


def groups(found: Sequence[Finding]) -> dict[str, str]:
    """Ref to the name of its group: findings hang together that overlap by rule or were said to, directly or through others."""
    plans = {one.ref: plan_of(one.plan) for one in found}
    group = {one.ref: one.ref for one in found}
    for place, one in enumerate(found):
        for two in found[:place]:
            if group[one.ref] == group[two.ref]:
                continue
            if (one.overlap and one.overlap == two.overlap) or overlap(plans[one.ref], plans[two.ref]):
                old, new = group[one.ref], group[two.ref]
                group = {ref: new if own == old else own for ref, own in group.items()}
    return group


def others(found: Finding, all_of_them: Iterable[Finding]) -> list[Finding]:
    """The other findings of its question, whatever became of them."""
    own = plan_of(found.plan)
    return [one for one in all_of_them if one.id != found.id and one.state == Finding.State.PROPOSED
            and overlap(own, plan_of(one.plan))]  # fmt: skip


def takes_place(old: Finding, new: Finding) -> bool:
    """Whether the new one may stand for the old one's result: it asks the same, and has itself a result of a grade no worse.
    Until then the old one stays where it is, or superseding would be a way to be rid of it."""
    if old.current is None:
        return True
    if new.current is None or not new.current.grade or not same(plan_of(old.plan), plan_of(new.plan)):
        return False
    return new.current.grade <= (old.current.grade or REFUSED)
