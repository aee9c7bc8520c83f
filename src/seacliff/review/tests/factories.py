"""A small world for tests: rules, people, an account tree, reports, cases; each made by one call with sane defaults."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from seacliff.intake.models import Report, Reporter
from seacliff.people.models import User
from seacliff.people.permissions import Role
from seacliff.policy.models import ActionKind, Category, NoticeText, Policy, PolicyVersion
from seacliff.record import clocks
from seacliff.record.actions import Subject
from seacliff.record.ids import uuid7
from seacliff.review.models import Case, CaseReport, Queue, Work
from seacliff.targets.models import Kind, Product, Target

_numbers = itertools.count(1)


def person(name: str = "", *, tier: int = 1, roles: tuple[str, ...] = (Role.REVIEWER,), **fields: Any) -> User:
    """Somebody who can sign in with the password "correct horse battery"."""
    name = name or f"Reviewer {next(_numbers)}"
    email = f"{name.lower().replace(' ', '.')}@example.org"
    return User.objects.create_user(email, "correct horse battery", name=name, tier=tier, roles=list(roles), **fields)


def product(slug: str = "meetings") -> Product:
    found, _ = Product.objects.get_or_create(
        slug=slug, defaults={"name": slug.capitalize(), "languages": ["en", "de", "es"]}
    )
    return found


def queue(slug: str = "general") -> Queue:
    found, _ = Queue.objects.get_or_create(slug=slug, defaults={"name": slug.replace("-", " ").capitalize()})
    return found


GUIDE = [
    {
        "question": "Was it asked for, or is there a relation between sender and recipient?",
        "help": "Look at the account's earlier events with the same people.",
        "answers": [
            {"answer": "Yes", "leads_to": "Finding: no violation.", "finding": "no-violation"},
            {"answer": "No", "leads_to": "Next: Is it bulk, or spread over several accounts?"},
        ],
    },
    {
        "question": "Is it bulk, or spread over several accounts?",
        "help": "",
        "answers": [
            {
                "answer": "Account made to send",
                "leads_to": "Finding: violation. Actions: suspend-account.",
                "finding": "violation",
                "actions": ["suspend-account"],
            },
            {
                "answer": "Customer with a bad list",
                "leads_to": "Finding: violation. Actions: warn, strike.",
                "finding": "violation",
                "actions": ["warn", "strike"],
            },
        ],
    },
]
ALLOWED = [ActionKind.DISMISS, ActionKind.WARN, ActionKind.STRIKE, ActionKind.SUSPEND_ACCOUNT, ActionKind.END_EVENT]


def policy(slug: str = "spam", *, categories: tuple[str, ...] = (), allowed: list[str] = ALLOWED) -> PolicyVersion:
    """A policy in force for thirty days that covers the category of its own name."""
    found, made = Policy.objects.get_or_create(slug=slug)
    if not made:
        return found.versions.first()
    for category in (slug, *categories):
        Category.objects.create(
            slug=category, policy=found, names={"en": category.capitalize(), "de": f"{category} (de)"}
        )
    return publish(found, 1, allowed=allowed)


def publish(
    policy: Policy, number: int, *, allowed: list[str] = ALLOWED, at: datetime | None = None, change: str = "",
    threshold: int = 3
) -> PolicyVersion:  # fmt: skip
    """Another wording, in force from `at` (thirty days ago), with its threshold of strikes."""
    at = at or timezone.now() - timedelta(days=30)
    return PolicyVersion.objects.create(
        policy=policy,
        number=number,
        state=PolicyVersion.State.PUBLISHED,
        title=f"{policy.slug.capitalize()} is not allowed",
        summaries={"en": f"We do not allow {policy.slug}."},
        text=f"## What this rule protects\n\nEverybody from {policy.slug}.\n\n## Not allowed\n\n- {policy.slug}",
        guide=GUIDE,
        allowed_actions=allowed,
        change=change,
        strike_threshold=threshold,
        effective_at=at,
        published_at=at,
    )


def notice_texts() -> None:
    """Default texts, in English and German, for every audience and outcome."""
    outcomes = NoticeText.Outcome
    for audience, outcome in (
        ("reporter", outcomes.RECEIVED),
        ("reporter", outcomes.VIOLATION),
        ("reporter", outcomes.NO_VIOLATION),
        ("affected", outcomes.VIOLATION),
    ):
        for language in ("en", "de"):
            NoticeText.objects.create(
                audience=audience,
                outcome=outcome,
                language=language,
                subject=f"{language} {audience} {outcome} {{{{ case_ref }}}}",
                body="About {{ what }}: {{ rule_title }}. {{ facts }} {{ action }} {{ status_url }}",
            )


def tree(name: str = "Northfield School") -> dict[str, Target]:
    """An organisation, its account, a user and an event of theirs, each under the one before; by kind."""
    nodes: dict[str, Target] = {}
    above = None
    levels = ((Kind.ORGANISATION, "org"), (Kind.ACCOUNT, "admin"), (Kind.USER, "user"), (Kind.EVENT, "event"))
    for kind, word in levels:
        number = next(_numbers)
        above = nodes[kind] = Target.objects.create(
            product=product(),
            kind=kind,
            ref=f"{word}-{number}",
            name=name if kind == Kind.ORGANISATION else f"{word.capitalize()} of {name}",
            parent=above,
            email=f"{word}-{number}@northfield.example" if kind in (Kind.ACCOUNT, Kind.USER) else "",
            language="de",
            country="DE",
            created_at=timezone.now() - timedelta(days=200),
        )
    return nodes


def case(target: Target | None = None, **fields: Any) -> Case:
    """An open case with its row in the queue and its running clock."""
    now = timezone.now()
    defaults = {"category": "spam", "severity": 3, "tier": 1, "language": "en", "opened_at": now,
                "due_at": now + timedelta(hours=24)}  # fmt: skip
    rank = fields.pop("rank", 0)
    values = defaults | fields
    values.setdefault("queue", None)
    values["queue"] = values["queue"] or queue()
    opened = Case.objects.create(target=target or tree()["event"], product_id=product().id, **values)
    opened.refresh_from_db(fields=["number"])
    shared = {name: values[name] for name in ("queue", "severity", "due_at", "tier", "category", "language")}
    Work.objects.create(case=opened, rank=rank, **shared)
    clocks.start(Subject("case", opened.id), Case.CLOCK, "elapsed", timedelta(hours=24), at=opened.opened_at)
    return opened


def report(case: Case, *, reporter: str = "mail:ann@example.org", at: datetime | None = None, **fields: Any) -> Report:
    """A report that is in the case."""
    at = at or timezone.now() - timedelta(minutes=5)
    kind, _, ref = reporter.partition(":")
    values = {
        "channel": "form",
        "category": case.category,
        "text": "They send us the same invitation every minute.",
        "language": "en",
        "reporter_email": ref if kind == "mail" else "",
    } | fields
    written = Report.objects.create(
        id=uuid7(at),
        product_id=case.product_id,
        target_kind=case.target.kind,
        target_ref=case.target.ref,
        target_name=case.target.name,
        reporter_key=reporter,
        received_at=at,
        **values,
    )
    first = (
        CaseReport.objects.filter(case=case, reporter_key=reporter, duplicate_of=None).exclude(reporter_key="").first()
    )
    CaseReport.objects.create(
        report_id=written.id, case=case, reporter_key=reporter, duplicate_of=first.report_id if first else None
    )
    if reporter:
        Reporter.objects.get_or_create(key=reporter, defaults={"reports": 1})
    case.report_count += 1
    case.reporter_count += first is None
    case.save(update_fields=["report_count", "reporter_count"])
    return written
