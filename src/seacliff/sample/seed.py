"""Fills an empty database with the sample company, by the verbs that a real one uses. One transaction: all or nothing.

Its half year is made up, times included: it is played under the sample's own clock (clock.py), at the end of which it is now.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from django.db import transaction
from django.utils import timezone

from seacliff.intake.incoming import Attached, NewReport, reporter_key
from seacliff.intake.mail_door import receive
from seacliff.people.models import Function, User
from seacliff.record import evidence, partitions
from seacliff.record.actions import SYSTEM
from seacliff.record.desks import clear
from seacliff.review.models import Queue, RuleSet
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
from seacliff.sample.clock import Clock, running
from seacliff.sample.halfyear import HalfYear, nobody_outside
from seacliff.targets.models import Kind, Product

DAYS = 180
GROWTH = 1.4  # above 1: more reports of late than at first
WAVES = (0.02, 12, 71)  # days ago that many people reported one event within an hour
RANDOM_SHARE = 20  # percent of the claims in the two large queues that chance decides: what effects can be learnt from


def seed(reports: int = 700, say: Callable[[str], None] = lambda _text: None) -> None:
    """Make the company, its reports, and decisions on most of the cases; `say` hears of each step."""
    dice = random.Random(7)  # noqa: S311  the same company every time
    now = timezone.now()
    begin = (now - timedelta(days=DAYS)).replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction.atomic():
        for table in partitions.PARTITIONED:
            partitions.prepare(table, begin, now)
        with running(begin, seed=7) as clock, nobody_outside():
            _fill(clock, dice, begin, now, reports, say)


def _fill(
    clock: Clock, dice: random.Random, begin: datetime, now: datetime, reports: int, say: Callable[[str], None]
) -> None:
    say("policies, people, queues, rules")
    pack_install.install(SYSTEM)
    people = _people()
    _routing()
    product = Product.objects.create(slug="lantern", name="Lantern Meetings", languages=["en", "de", "es"])
    product_side.connect()
    quality_side.begin()
    say(f"{reports:,} reports of {DAYS} days, and what became of them")
    HalfYear(clock, dice, people, product.id, _reports(dice, product, reports, now), now).pass_by(begin)
    _mails(clock, now)
    say("a calibration")
    quality_side.calibrate(random.Random(13))  # noqa: S311
    say("appeals, a panel, signs of a brigade")
    fairness.seed(product, dice, clock, now)
    say("playbooks and three runs")
    playbooks_side.seed()
    clear("index-cases")
    privacy_side.begin()
    say("charters and asks")
    partners_side.begin()
    value_side.begin()
    relations_side.seed(random.Random(11))  # noqa: S311  what comes before stays as it is


def _people() -> dict[str, User]:
    made = {
        name: User.objects.create(
            email=f"{name.split()[0].lower()}@{company.ADDRESS}",
            name=name,
            roles=roles,
            tier=tier,
            languages=languages,
            categories=categories,
            password="!",  # noqa: S106  nobody signs in by it
        )
        for name, roles, tier, languages, categories in company.PEOPLE
    }
    for name in company.FUNCTIONS:
        Function.objects.get_or_create(slug=name.lower().replace(" ", "-"), defaults={"name": name})
    return made


def _routing() -> None:
    for position, (slug, name, description) in enumerate(company.QUEUES):
        Queue.objects.update_or_create(
            slug=slug, defaults={"name": name, "description": description, "position": position,
                                 "random_share": RANDOM_SHARE if slug in ("people", "fraud") else 0}
        )  # fmt: skip
    draft: RuleSet = routing.draft(SYSTEM)
    routing.save(draft, company.RULES, "The rules we begin with")
    routing.publish(draft, SYSTEM)


def _reports(dice: random.Random, product: Product, count: int, now: datetime) -> list[tuple[datetime, NewReport]]:
    """In the order in which they arrive, with their moments."""
    moments = (_moment(dice, now) for _ in range(count))
    made = [_report(dice, product, at) for at in moments]
    made += [one for days in WAVES for one in _wave(dice, product, now - timedelta(days=days))]
    return sorted(((one.received_at or now, one) for one in made), key=lambda pair: pair[0])


def _wave(dice: random.Random, product: Product, at: datetime) -> list[NewReport]:
    """Forty people report one event within half an hour: it is shown on a large stage, or somebody called for it."""
    first = _report(dice, product, at, category="hate")
    wave = []
    for number in range(40):
        address = f"guest{number}@mail.example"
        later = at + timedelta(minutes=dice.randrange(28))
        key = reporter_key(product.slug, email=address)
        wave.append(msgspec.structs.replace(first, reporter_email=address, reporter_key=key, received_at=later))
    return wave


def _mails(clock: Clock, now: datetime) -> None:
    """Mails to the abuse address: the desk reads what can be read, the rest waits for a person."""
    for place, raw in enumerate(props.mails()):
        clock.move(now - timedelta(hours=10 - 1.5 * place))
        receive(raw, source="pipe")
    clear("reading", "routing")
    clock.move(now)


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
        at = now - timedelta(days=DAYS * dice.random() ** GROWTH)
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
