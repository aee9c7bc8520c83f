"""Read models of the privacy pages."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from seacliff.intake.models import Reporter
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.privacy import holding, running
from seacliff.privacy.models import Hold, Request, Run
from seacliff.privacy.plan import InForce, Plan, Rule, floor_of, in_force
from seacliff.privacy.sifting import reason_of
from seacliff.record.personal import REGISTRY, DataClass
from seacliff.review.access import REF, NotValid
from seacliff.review.models import Case
from seacliff.targets.models import Target


@dataclass(frozen=True, slots=True)
class Row:
    """A class with its rules, for the list of classes."""

    one: DataClass
    floor: int
    general: Rule | None
    special: list[Rule]


def classes(plan: Plan) -> list[Row]:
    rows = []
    for one in REGISTRY.classes.values():
        rules = plan.rules_of(one.slug)
        general = next((rule for rule in rules if not rule.conditions), None)
        rows.append(Row(one, floor_of(one), general, [rule for rule in rules if rule.conditions]))
    return rows


@dataclass(slots=True)
class Overview:
    force: InForce
    run: Run | None
    due_holds: list[Hold]
    holds: int
    requests: list[Request]


def overview(user: User) -> Overview:
    """What needs somebody: the run that waits, holds whose day has come, requests by their day."""
    due = holding.live().filter(review_on__lte=timezone.now().date()).select_related("case", "target")
    requests = Request.objects.filter(closed_at=None).order_by("due_at", "id")
    return Overview(
        force=in_force(),
        run=Run.objects.filter(plan__isnull=False).select_related("plan").order_by("-id").first(),
        due_holds=list(due.order_by("review_on")[:20]),
        holds=holding.live().count(),
        requests=list(requests[:50]) if user.may(Permission.PRIVACY_REQUEST) else [],
    )


def lines_of(run: Run) -> list[dict[str, Any]]:
    """The preview as its page shows it: what goes first."""
    alarming = set(running.over_guard(run))
    lines = []
    for line in run.preview:
        one = REGISTRY.classes.get(line["slug"])
        label = one.label if one else line["slug"]
        lines.append(
            line | {
                "label": label,
                "way": one.way if one else "",
                "share": round(100 * line["goes"] / line["total"]) if line["total"] else 0,
                "done": run.done.get(line["slug"]),
                "alarming": label in alarming,
                "reasons": [(reason_of(why), count) for why, count in line["kept"].items()],
            }
        )  # fmt: skip
    return sorted(lines, key=lambda line: -line["goes"])


def holds_of(run: Run) -> list[Hold]:
    """The holds in force, when the preview met one."""
    if not any("hold" in line["kept"] for line in run.preview):
        return []
    return list(holding.live().select_related("case", "target", "placed_by")[:20])


def thing_named(on: str, words: str) -> Any:
    """What a hold is to be on, by what was typed. Raises NotValid."""
    words = words.strip()
    found: Any = words
    if on == Hold.On.CASE:
        ref = REF.match(words)
        found = Case.objects.filter(number=int(ref[1])).first() if ref else None
    elif on in (Hold.On.TARGET, Hold.On.TREE):
        several = list(Target.objects.filter(ref=words).order_by("id")[:2])
        found = several[0] if len(several) == 1 else None
    elif on == Hold.On.REPORTER:
        key = f"mail:{words.lower()}" if "@" in words and ":" not in words else words
        found = Reporter.objects.filter(key=key).first()
    if not found:
        raise NotValid(
            f"Nothing here is known by “{words}”. An identifier that fits two targets names neither.", "thing"
        )
    return found
