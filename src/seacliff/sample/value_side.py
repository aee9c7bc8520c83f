"""What the sample company's accounts did, and what its changes did to them. The truth stands here; tests hold the ledger to it.

Four findings are proposed. Two of them are estimated at once, so that Finance can have signed one and be asked about the other;
the worker estimates the rest after the start.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from django.db import connection
from django.utils import timezone

from seacliff.partners.access import by_user
from seacliff.partners.actions import answer
from seacliff.people.models import Function, Membership, User
from seacliff.people.permissions import Role
from seacliff.sample.company import ADDRESS
from seacliff.value import assumptions
from seacliff.value.ledger import actions, signing
from seacliff.value.ledger.actions import Proposal, Worth
from seacliff.value.ledger.plans import Plan
from seacliff.value.models import Finding, Launch, Lot, Promise

ACCOUNTS, MARKETS, WEEKS = 400, 40, 18
EARLY_WEEK, SHIPPED_WEEK, HORIZON = 8, 11, 28
LOBBY = 0.12  # more of the days are active, for accounts that chance gave the waiting room
LIMITS = 0.15  # more of the days are active, in the four markets with invitation limits
LIMITED = 4
PAYING, MARGIN = (
    12_000,
    0.15,
)  # accounts of the whole company, in markets of one size; EUR an active day of one is worth
TRUTH = {
    "waiting-room": LOBBY * HORIZON,
    "safety-badge": 0.0,
    "invitation-limits": LIMITS * 7,
}  # in the findings' units
SEED = 2026  # the year Seacliff began: chosen for that and kept, whatever comes of it (docs/value/sample.md tells of other seeds)
Day = tuple[str, date, str, float, bool, None, str]


def begin() -> None:
    """Accounts, launches and lots; then what the lead wants to know, fixed before anybody sees a figure."""
    launches, lots, days = drawn(SEED, timezone.now().date())
    Launch.objects.bulk_create(launches)
    Lot.objects.bulk_create(lots)
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY value_accountday (account_id, date, plan, revenue, active, churned_at, market) FROM STDIN"
        ) as copy,
    ):
        for row in days:
            copy.write_row(row)
    lead = User.objects.get(roles__contains=[Role.LEAD], email__endswith=ADDRESS)
    _promises(lead)
    _signed(lead, *_questions(lead)[:2])


def drawn(seed: int, today: date) -> tuple[list[Launch], list[Lot], Iterator[Day]]:
    """What shipped, whom lots chose, and the days of the accounts, up to the week before today's."""
    start = today - timedelta(days=today.weekday() + 7 * WEEKS)
    dice = random.Random(seed)  # noqa: S311  the same company every time
    lots = {name: [dice.random() < 0.5 for _ in range(ACCOUNTS)] for name in ("waiting-room", "safety-badge")}
    others = random.Random(f"{seed} mute-on-entry")  # noqa: S311  what comes of the others stays
    muted = {"mute-on-entry": [others.random() < 0.5 for _ in range(ACCOUNTS)]}
    named = [Lot(launch_id=name, account_id=f"acct-{number}", assigned=assigned)
             for name, chosen in (lots | muted).items() for number, assigned in enumerate(chosen)]  # fmt: skip
    return _launches(start), named, _days(dice, start, lots["waiting-room"])


def _launches(start: date) -> list[Launch]:
    """Three that are asked about; one that shipped early enough to offer its finding by itself, and does nothing."""
    shipped, early = (start + timedelta(days=7 * week) for week in (SHIPPED_WEEK, EARLY_WEEK))
    return [
        Launch(id="mute-on-entry", name="Mute on entry", shipped_at=early, category="disrupted-meeting"),
        Launch(id="waiting-room", name="Waiting room by default", shipped_at=shipped, category="disrupted-meeting"),
        Launch(id="safety-badge", name="Safety badge", shipped_at=shipped, category="phishing"),
        *(Launch(id="invitation-limits", name="Invitation limits", unit=_market(number), shipped_at=shipped, category="spam")
          for number in range(LIMITED)),
    ]  # fmt: skip


def _market(number: int) -> str:
    return f"M{number % MARKETS:02d}"


def _days(dice: random.Random, start: date, room: list[bool]) -> Iterator[Day]:
    for number in range(ACCOUNTS):
        level = 0.35 + 0.2 * dice.random()
        plan, price = ("education", 1.4) if number % 3 else ("business", 4.2)
        for day in range(7 * WEEKS):
            chance = level - (0.15 if day % 7 > 4 else 0.0)
            if day >= 7 * SHIPPED_WEEK:
                chance += LOBBY * room[number] + LIMITS * (number % MARKETS < LIMITED)
            yield (
                f"acct-{number}",
                start + timedelta(days=day),
                plan,
                price,
                dice.random() < chance,
                None,
                _market(number),
            )


def _by_lot(launch: str) -> Plan:
    return Plan("trial", "active_days", launch=launch, planned=0.5, horizon_days=HORIZON, plausible=8.0)


PLANS = {"waiting-room": _by_lot("waiting-room"), "safety-badge": _by_lot("safety-badge"),
         "invitation-limits": Plan("launch", "active_days", launch="invitation-limits", plausible=2.0)}  # fmt: skip


def _promises(lead: User) -> None:
    """Two promises of the past, brought in as they were: the worker holds the first against the record; one to come."""
    today, now = timezone.now().date(), timezone.now()
    for asked, measure, promised, baseline, months, since in (
        ("One more reviewer for German, from spring", "in-time", 0.5, 0.41, 0, 150),
        ("A second reader for every fourth appeal", "overturned", 0.25, 0.31, 0, 120),
        ("A tool that groups reports of one raid", "per-decision", 90.0, None, 4, 40),
    ):
        Promise.objects.create(
            asked=asked, measure=measure, promised=promised, baseline=baseline, by=lead,
            due=today + timedelta(days=30 * months - 1), made_at=now - timedelta(days=since + 10),
            answer=Promise.Answer.GRANTED, answered_on=today - timedelta(days=since),
        )  # fmt: skip


def _questions(lead: User) -> list[Finding]:
    given = assumptions.Costs(loaded_cost=22_000.0, overhead=14_000.0, first_hour=8, hours_a_day=9.0, minutes_a_review=25.0,
                              absence=0.65, fines_cap=4_000_000.0)  # fmt: skip
    assumptions.publish(lead, given, "Six people who review on every third day: a third of what each costs. Invented for the "
                        "sample; Finance's figures take their place")  # fmt: skip
    everybody, limited = PAYING, PAYING * LIMITED // MARKETS
    found = []
    for question, plan, accounts, overlap, times in (
        ("Does a waiting room by default make accounts use meetings on more days?",
         PLANS["waiting-room"], everybody, "days of use", 13),
        ("Does the safety badge make accounts use meetings on more days?",
         PLANS["safety-badge"], everybody, "badge", 13),
        ("What did limits on invitations do to use in the four markets that have them?",
         PLANS["invitation-limits"], limited, "limits", 52),
        ("Does acting on a report make its reporter report again?",
         Plan("leniency", "reports_again", plausible=0.05), 0, "", 0),
    ):  # fmt: skip
        whose = "paying accounts" + (f" in the {LIMITED} markets that have the limits" if accounts == limited else "")
        source = f"{whose} × EUR margin of an active day × times a year, invented for the sample"
        worth = Worth(accounts, MARGIN, times, source) if accounts else None
        whom = whose.capitalize() if accounts else "Reporters"
        found.append(actions.propose(lead, Proposal(question, plan, whom, overlap, worth, None, True)))
    return found


def _signed(lead: User, first: Finding, second: Finding) -> None:
    """Finance stands behind the first; about the second it has yet to answer."""
    from seacliff.value.ledger import running  # large; the worker would import it a moment later

    function, _made = Function.objects.get_or_create(slug=signing.FINANCE, defaults={"name": "Finance"})
    renata = User.objects.create(email=f"renata@{ADDRESS}", name="Renata Costa", roles=[Role.PARTNER], password="!")  # noqa: S106
    Membership.objects.create(user=renata, function=function)
    for step in (running.freeze_one, running.run_one):
        for _ in (first, second):
            step()
    said = signing.ask_sign_off(lead, first).ask
    if said is not None:
        answer(by_user(renata), said, "yes", "Margin and accounts are those of the plan for this year")
    signing.ask_sign_off(lead, second)
