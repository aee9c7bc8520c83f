"""Fills an empty database with the sample company, by the verbs that a real one uses. One transaction: all or nothing.

Reports are dated over the past months; what reviewers did about them is dated today, for the log's own times are never
made up.
"""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

import msgspec
from django.db import transaction

from seacliff.intake.actions import take_reports
from seacliff.intake.incoming import Attached, NewReport, reporter_key
from seacliff.intake.mail_door import receive
from seacliff.intake.models import Channel
from seacliff.people.models import Function, User
from seacliff.policy.models import ActionKind, PolicyVersion
from seacliff.policy.queries import version_in_force
from seacliff.record import evidence
from seacliff.record.actions import SYSTEM
from seacliff.record.desks import clear
from seacliff.review import actions
from seacliff.review.access import Refused
from seacliff.review.actions import Ordered, Verdict
from seacliff.review.models import Case, Decision, Queue, RuleSet
from seacliff.review.queries import offers, tree_above
from seacliff.review.routing import actions as routing
from seacliff.sample import (
    company,
    fairness,
    pack_install,
    partners_side,
    playbooks_side,
    privacy_side,
    product_side,
    props,
    quality_side,
    relations_side,
    value_side,
)
from seacliff.targets.models import Kind, Product

DAYS = 180
WAVES = (0.02, 12, 71)  # days ago that many people reported one event within an hour
BATCH = 500
LATE = 5  # cases that nobody came to in time
FIRM = (ActionKind.REMOVE_CONTENT, ActionKind.STRIKE, ActionKind.WARN, ActionKind.END_EVENT, ActionKind.BLOCK_USER)


def seed(reports: int = 2000, say: Callable[[str], None] = lambda _text: None) -> None:
    """Make the company, its reports, and decisions on most of the cases; `say` hears of each step."""
    dice = random.Random(7)  # noqa: S311  the same company every time
    with transaction.atomic():
        say("policies, people, queues, rules")
        pack_install.install(SYSTEM)
        people = _people()
        _routing()
        product = Product.objects.create(slug="lantern", name="Lantern Meetings", languages=["en", "de", "es"])
        say(f"{reports:,} reports of the past {DAYS} days")
        _reports(dice, product, reports)
        product_side.connect()
        _mails()
        say("routing")
        clear("routing")
        say("reviewing")
        _review(dice, people, say)
        say("second looks, a calibration")
        quality_side.seed(random.Random(13))  # noqa: S311
        say("appeals, a panel, signs of a brigade")
        fairness.seed(product, dice)
        say("playbooks and three runs")
        playbooks_side.seed()
        clear("index-cases")
        privacy_side.begin()
        say("charters and asks")
        partners_side.begin()
        value_side.begin()
        relations_side.seed(random.Random(11))  # noqa: S311  what comes before stays as it is


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
    moments = (_moment(dice, now) for _ in range(count))
    made = [_report(dice, product, at) for at in moments]
    made += [one for days in WAVES for one in _wave(dice, product, now - timedelta(days=days))]
    made.sort(key=lambda report: report.received_at or now)
    for start in range(0, len(made), BATCH):
        take_reports(made[start : start + BATCH], channel=Channel.IMPORT, owner=product.id)


def _wave(dice: random.Random, product: Product, at: datetime) -> list[NewReport]:
    """Forty people report one event within an hour: it is shown on a large stage, or somebody called for it."""
    first = _report(dice, product, at, category="hate")
    wave = []
    for number in range(40):
        address = f"guest{number}@mail.example"
        later = at + timedelta(minutes=dice.randrange(60))
        key = reporter_key(product.slug, email=address)
        wave.append(
            msgspec.structs.replace(
                first, reporter_email=address, reporter_key=key, received_at=min(later, datetime.now(UTC))
            )
        )
    return wave


def _mails() -> None:
    """Mails to the abuse address: the desk reads what can be read, the rest waits for a person."""
    for raw in props.mails():
        receive(raw, source="pipe")
    clear("reading")


def _evidence(dice: random.Random, category: str, user: str) -> list[Attached]:
    """Some send along what they saw."""
    if category in ("phishing", "spam") and dice.random() < 0.3:
        return [Attached(evidence.keep(props.forwarded_mail()).sha256, "invitation.eml", "message/rfc822")]
    if category in ("disrupted-meeting", "hate", "sexual-content") and dice.random() < 0.3:
        picture = props.screenshot("Weekly assembly", "hello everybody", "can you hear me?", "who is that?", "GET OUT")
        return [Attached(evidence.keep(picture).sha256, "screenshot.png", "image/png")]
    if category in ("harassment", "threats-violence") and dice.random() < 0.3:
        return [Attached(evidence.keep(props.chat_log(user)).sha256, "chat.json", "application/json")]
    return []


def _moment(dice: random.Random, now: datetime) -> datetime:
    """More of late, by day rather than by night, on weekdays rather than at weekends."""
    while True:
        at = now - timedelta(days=DAYS * dice.random() ** 1.6)
        likely = (1.0 if 7 <= at.hour <= 20 else 0.3) * (1.0 if at.weekday() < 5 else 0.5)
        if dice.random() < likely:
            return at


def _report(dice: random.Random, product: Product, at: datetime, category: str = "") -> NewReport:
    categories = list(company.SAID)
    category = category or dice.choices(categories, [company.SAID[slug][0] for slug in categories])[0]
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
        attachments=_evidence(dice, category, user),
    )


def _review(dice: random.Random, people: list[User], say: Callable[[str], None]) -> None:
    """What was due is decided but for a few; the rest waits, is on hold, or is being looked at."""
    now = datetime.now(UTC)
    cases = list(Case.objects.filter(state=Case.State.OPEN).select_related("target").order_by("opened_at"))
    due = [case for case in cases if case.due_at < now]
    late = {case.id for case in [case for case in due if case.severity >= 3][-LATE:]}
    soon = {case.id for case in cases if case.due_at >= now and dice.random() < 0.4}  # done before they had to be
    closed = [case for case in cases if case.id not in late and (case.due_at < now or case.id in soon)]
    in_force = cache(version_in_force)
    for done, case in enumerate(closed, start=1):
        reviewer = dice.choice([person for person in people if person.tier >= case.tier])
        try:
            actions.claim(reviewer, case)
            actions.decide(reviewer, case, _verdict(dice, case, in_force(case.category)))
        except Refused as refused:
            raise RuntimeError(f"The sample can't decide {case.ref}: {refused.sentence}") from refused
        if done % 200 == 0:
            say(f"{done:,} cases decided")
    waiting = [case for case in cases if case.id not in {done.id for done in closed}]
    for case in waiting[:: max(1, len(waiting) // 4)][:4]:
        reviewer = next(person for person in people if person.tier >= case.tier)
        actions.claim(reviewer, case)
        actions.hold(reviewer, case, now + timedelta(days=3), "Waits for the host's answer")
    for reviewer in people[:2]:
        actions.claim_next(reviewer)


def _verdict(dice: random.Random, case: Case, version: PolicyVersion | None) -> Verdict:
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
