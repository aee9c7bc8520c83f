"""Fills an empty database with the sample company, by the verbs that a real one uses. One transaction: all or nothing.

Reports are dated over the past months; what reviewers did about them is dated today, for the log's own times are never
made up.
"""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from seacliff.intake.actions import take_reports
from seacliff.intake.incoming import NewReport, reporter_key
from seacliff.intake.models import Channel
from seacliff.people.models import Function, User
from seacliff.policy import actions as policies
from seacliff.policy.models import ActionKind, Category, PolicyVersion
from seacliff.policy.queries import version_in_force
from seacliff.record.actions import SYSTEM
from seacliff.record.desks import clear
from seacliff.review import actions
from seacliff.review.access import Refused
from seacliff.review.actions import Ordered, Verdict
from seacliff.review.models import Case, Decision, Queue, RuleSet
from seacliff.review.queries import offers, tree_above
from seacliff.review.routing import actions as routing
from seacliff.sample import company, pack
from seacliff.targets.models import Kind, Product

DAYS = 180
BATCH = 500
FIRM = (ActionKind.REMOVE_CONTENT, ActionKind.STRIKE, ActionKind.WARN, ActionKind.END_EVENT, ActionKind.BLOCK_USER)


def seed(reports: int = 2000, decided: float = 0.92, say: Callable[[str], None] = lambda _text: None) -> None:
    """Make the company, its reports, and decisions on `decided` of the cases; `say` hears of each step."""
    dice = random.Random(7)  # noqa: S311  the same company every time
    with transaction.atomic():
        say("policies, people, queues, rules")
        _policies()
        people = _people()
        _routing()
        product = Product.objects.create(slug="lantern", name="Lantern Meetings", languages=["en", "de", "es"])
        say(f"{reports:,} reports of the past {DAYS} days")
        _reports(dice, product, reports)
        say("routing")
        clear("routing")
        say("reviewing")
        _review(dice, people, decided, say)
        clear("index-cases")


def _policies() -> None:
    policies.save_texts(
        SYSTEM,
        None,
        {(text.audience, text.outcome, text.language): (text.subject, text.body) for text in _defaults()},
    )
    for shipped in pack.policies():
        draft = policies.create_policy(SYSTEM, slug=shipped.slug, title=shipped.title["en"], position=shipped.position)
        for place, harm in enumerate(shipped.categories):
            category = Category(
                slug=harm.slug,
                policy=draft.policy,
                names=harm.names,
                descriptions={"en": harm.harm},
                severity=harm.severity,
                taxonomies=harm.taxonomies,
                position=shipped.position * 10 + place,
            )
            policies.save_category(SYSTEM, category)
        for version in shipped.versions:
            draft = policies.draft(SYSTEM, draft.policy)
            policies.save_draft(draft, _content(shipped, version))
            if version is shipped.current:
                own = {(t.audience, t.outcome, t.language): (t.subject, t.body) for t in pack.texts(shipped.notices)}
                policies.save_texts(SYSTEM, draft, own)
            draft = policies.publish(SYSTEM, draft, change=version.change_note)


def _defaults() -> list[pack.Text]:
    return pack.texts(pack.wording()["defaults"])


def _content(shipped: pack.ShippedPolicy, version: pack.Version) -> dict[str, Any]:
    return {
        "title": shipped.title["en"],
        "titles": shipped.title,
        "summaries": shipped.rule,
        "text": version.text,
        "guide": shipped.questions(),
        "allowed_actions": list(shipped.actions),
        "strike_weight": version.strikes.weight,
        "strike_days": version.strikes.window_days,
        "strike_threshold": version.strikes.threshold,
        "strike_action": version.strikes.on_threshold,
    }


def _people() -> list[User]:
    made = [
        User.objects.create(
            email=f"{name.split()[0].lower()}@{company.ADDRESS}",
            name=name,
            roles=roles,
            tier=tier,
            languages=languages,
            categories=categories,
            password="!",  # noqa: S106  nobody signs in by it
        )
        for name, roles, tier, languages, categories in company.PEOPLE
    ]
    for name in company.FUNCTIONS:
        Function.objects.get_or_create(slug=name.lower().replace(" ", "-"), defaults={"name": name})
    return [person for person in made if {"reviewer", "lead"} & set(person.roles)]


def _routing() -> None:
    for position, (slug, name, description) in enumerate(company.QUEUES):
        Queue.objects.update_or_create(
            slug=slug, defaults={"name": name, "description": description, "position": position}
        )
    draft: RuleSet = routing.draft(SYSTEM)
    routing.save(draft, company.RULES, "The rules we begin with")
    routing.publish(draft, SYSTEM)


def _reports(dice: random.Random, product: Product, count: int) -> None:
    now = datetime.now(UTC)
    moments = sorted(_moment(dice, now) for _ in range(count))
    for start in range(0, count, BATCH):
        batch = [_report(dice, product, at) for at in moments[start : start + BATCH]]
        take_reports(batch, channel=Channel.IMPORT, owner=product.id)


def _moment(dice: random.Random, now: datetime) -> datetime:
    """More of late, by day rather than by night, on weekdays rather than at weekends."""
    while True:
        at = now - timedelta(days=DAYS * dice.random() ** 1.6)
        likely = (1.0 if 7 <= at.hour <= 20 else 0.3) * (1.0 if at.weekday() < 5 else 0.5)
        if dice.random() < likely:
            return at


def _report(dice: random.Random, product: Product, at: datetime) -> NewReport:
    categories = list(company.SAID)
    category = dice.choices(categories, [company.SAID[slug][0] for slug in categories])[0]
    number = int(len(company.ORGANISATIONS) * dice.random() ** 1.5)
    name, plan, country, home = company.ORGANISATIONS[number]
    said = company.SAID[category][1]
    language = home if home in said else "en"
    user = dice.choice(company.USERS)
    tree = [
        {"kind": Kind.USER, "ref": f"u-{number}-{user}", "name": user, "email": f"{user}@org{number}.example",
         "language": home},
        {"kind": Kind.ACCOUNT, "ref": f"acc-{number}", "name": f"Admin of {name}",
         "email": f"admin@org{number}.example", "language": home},
        {"kind": Kind.ORGANISATION, "ref": f"org-{number}", "name": name, "plan": plan, "country": country},
    ]  # fmt: skip
    on_event = category in ("disrupted-meeting", "copyright", "hate", "spam", "fraud-scam")
    event = dice.choice(company.EVENTS)
    target = {"kind": Kind.EVENT, "ref": f"e-{number}-{dice.randrange(40)}", "name": event} if on_event else tree[0]
    address = f"reporter{int(400 * dice.random() ** 2)}@mail.example" if dice.random() < 0.8 else ""
    return NewReport(
        product_id=product.id,
        category=category,
        target_kind=target["kind"],
        target_ref=target["ref"],
        target_name=target["name"],
        target_tree=tree if on_event else tree[1:],
        reporter_email=address,
        reporter_key=reporter_key(product.slug, email=address),
        language=language,
        text=dice.choice(said[language]),
        received_at=at,
    )


def _review(dice: random.Random, people: list[User], share: float, say: Callable[[str], None]) -> None:
    """Everybody decides what they can, the oldest first, until enough is decided; the rest waits or is on hold."""
    cases = list(Case.objects.filter(state=Case.State.OPEN).select_related("target").order_by("opened_at"))
    for done, case in enumerate(cases[: int(len(cases) * share)], start=1):
        able = [person for person in people if person.tier >= case.tier]
        reviewer = dice.choice(able)
        try:
            actions.claim(reviewer, case)
            actions.decide(reviewer, case, _verdict(dice, case))
        except Refused as refused:
            raise RuntimeError(f"The sample can't decide {case.ref}: {refused.sentence}") from refused
        if done % 200 == 0:
            say(f"{done:,} cases decided")
    waiting = cases[int(len(cases) * share) :]
    for case in waiting[:: max(1, len(waiting) // 4)][:4]:
        reviewer = next(person for person in people if person.tier >= case.tier)
        actions.claim(reviewer, case)
        actions.hold(reviewer, case, datetime.now(UTC) + timedelta(days=3), "Waits for the host's answer")


def _verdict(dice: random.Random, case: Case) -> Verdict:
    version: PolicyVersion | None = version_in_force(case.category)
    offered = [offer for offer in offers(case, version, tree_above(case.target)) if offer.kind in FIRM]
    if offered and dice.random() < 0.55:
        offer = dice.choice(offered)
        return Verdict(
            Decision.Finding.VIOLATION,
            case.category,
            version,
            "The reports and the evidence agree.",
            [Ordered(offer.kind, offer.target, {})],
        )
    return Verdict(Decision.Finding.NO_VIOLATION, case.category, None, "Nothing here that the rule forbids.")
