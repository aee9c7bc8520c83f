"""A team's past, made in bulk, and a company whose truth is known."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
from django.db import connection

from seacliff.enforcement.models import Action, Strike
from seacliff.intake.models import Report
from seacliff.policy.models import PolicyVersion
from seacliff.record.ids import uuid7
from seacliff.review.models import Case, CaseReport, Decision
from seacliff.review.tests import factories
from seacliff.targets.models import Target
from seacliff.value.models import AccountDay, Launch, Lot

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
START = date(2026, 1, 5)


def decided(
    count: int = 300,
    reviewers: int = 6,
    mode: str = "random",
    spread: float = 0.35,
    seed: int = 1,
    since: datetime = NOON,
    again: float = 0.0,
) -> list[Decision]:
    """Cases decided within four shifts, each by a reviewer that chance chose; some reviewers act more readily. A share `again` of
    reporters reports once more two days later, whatever was decided."""
    random = np.random.default_rng(seed)
    rules, queue = factories.policy(), factories.queue()
    people = [factories.person(tier=2) for _ in range(reviewers)]
    tree = factories.tree()
    harm = random.normal(size=count)
    who = random.integers(0, reviewers, count)
    lenient = np.linspace(-spread, spread, reviewers)
    acts = random.uniform(size=count) < np.clip(0.5 + lenient[who] + 0.1 * harm, 0.02, 0.98)
    cases, reports, links, decisions = [], [], [], []
    for number in range(count):
        opened = since + timedelta(days=int(number % 4), minutes=int(number // 4))
        target = Target(product=factories.product(), kind="event", ref=f"e{seed}-{number}", parent=tree["user"])
        case = Case(product_id=factories.product().id, target=target, category="spam", queue=queue, severity=3,
                    number=5000 * seed + number, state="decided", report_count=1, opened_at=opened,
                    due_at=opened + timedelta(hours=24), decided_at=opened + timedelta(hours=1))  # fmt: skip
        report = Report(id=uuid7(opened), product_id=case.product_id, channel="form", category="spam", target_kind="event",
                        target_ref=target.ref, reporter_key=f"user:meetings:r{number}", received_at=opened)  # fmt: skip
        cases.append(case)
        reports.append(report)
        links.append(CaseReport(report_id=report.id, case=case, reporter_key=report.reporter_key))
        decisions.append(Decision(
            case=case, reviewer=people[who[number]], tier=1, policy_version=rules if acts[number] else None, category="spam",
            finding="violation" if acts[number] else "no-violation", assignment=mode, claimed_at=opened + timedelta(minutes=50),
            decided_at=opened + timedelta(hours=1), undo_until=opened + timedelta(hours=1)))  # fmt: skip
    Target.objects.bulk_create([case.target for case in cases])
    Case.objects.bulk_create(cases)
    for first in [one for one in reports if random.uniform() < again]:
        later = first.received_at + timedelta(days=2)
        reports.append(Report(id=uuid7(later), product_id=first.product_id, channel="form", category="spam", target_kind="event",
                              target_ref="another", reporter_key=first.reporter_key, received_at=later))  # fmt: skip
    Report.objects.bulk_create(reports)
    CaseReport.objects.bulk_create(links)
    return Decision.objects.bulk_create(decisions)


def accounts_reported(scores: np.ndarray, acted: np.ndarray, category: str = "spam") -> None:
    """One account for each score, reported once by something that scored it; a decision found a violation where `acted`."""
    rules, queue, who = factories.policy(category), factories.queue(), factories.person(tier=2)
    product = factories.product()
    targets = Target.objects.bulk_create(
        Target(product=product, kind="user", ref=f"s{number}") for number in range(len(scores))
    )
    cases, reports, links, decisions = [], [], [], []
    for number, target in enumerate(targets):
        at = NOON + timedelta(days=int(number % 4), minutes=int(number % 1000))
        case = Case(product_id=product.id, target=target, category=category, queue=queue, severity=3, number=9000 + number,
                    state="decided", report_count=1, opened_at=at, due_at=at + timedelta(hours=24),
                    decided_at=at + timedelta(hours=1))  # fmt: skip
        report = Report(id=uuid7(at), product_id=product.id, channel="api", category=category, target_kind="user",
                        target_ref=target.ref, reporter_key="user:meetings:detector", received_at=at,
                        extra={"score": float(scores[number])})  # fmt: skip
        cases.append(case)
        reports.append(report)
        links.append(CaseReport(report_id=report.id, case=case, reporter_key=report.reporter_key))
        decisions.append(Decision(
            case=case, reviewer=who, tier=1, policy_version=rules if acted[number] else None, category=category,
            finding="violation" if acted[number] else "no-violation", assignment="pull", claimed_at=at,
            decided_at=at + timedelta(hours=1), undo_until=at + timedelta(hours=1)))  # fmt: skip
    Case.objects.bulk_create(cases)
    Report.objects.bulk_create(reports)
    CaseReport.objects.bulk_create(links)
    Decision.objects.bulk_create(decisions)


def accounts_struck(reached: np.ndarray, version: PolicyVersion, gap_days: int = 2) -> None:
    """Accounts that get one strike after the other under a version, so many each; at its threshold the action follows."""
    product = factories.product()
    targets = Target.objects.bulk_create(
        Target(product=product, kind="user", ref=f"k{number}") for number in range(len(reached))
    )
    actions, strikes = [], []
    for target, last in zip(targets, reached, strict=True):
        for count in range(1, int(last) + 1):
            at, story = NOON + timedelta(days=gap_days * count), {"case_id": uuid7(NOON), "decision_id": uuid7(NOON)}
            given = Action(
                target=target, kind="strike", policy_version=version, state="done", not_before=at, done_at=at, **story
            )
            actions.append(given)
            strikes.append(Strike(target=target, policy_version=version, action=given, given_at=at,
                                  expires_at=at + timedelta(days=180)))  # fmt: skip
            if count >= version.strike_threshold:
                actions.append(Action(target=target, kind=version.strike_action, policy_version=version, state="done",
                                      not_before=at, done_at=at, parameters={"because": "strikes"}, **story))  # fmt: skip
    Action.objects.bulk_create(actions)
    Strike.objects.bulk_create(strikes)


def days_of(chances: dict[str, Callable[[date], float]], first: date, days: int, seed: int = 3) -> None:
    """Days of accounts, active by chance of the day, into Seacliff's own table."""
    random = np.random.default_rng(seed)
    with connection.cursor() as cursor, cursor.copy(
        "COPY value_accountday (account_id, date, plan, revenue, active, churned_at, market) FROM STDIN"
    ) as copy:  # fmt: skip
        for account, chance in chances.items():
            for day in (first + timedelta(days=number) for number in range(days)):
                copy.write_row((account, day, "free", 1.0, bool(random.uniform() < chance(day)), None, "m"))


def account_days(accounts: int = 40, days: int = 60, effect: float = 0.0, seed: int = 2) -> dict[str, pd.DataFrame]:
    """Accounts in four markets over two months; a launch by lot on day 30 raises the chance of an active day by `effect`."""
    random = np.random.default_rng(seed)
    assigned = random.uniform(size=accounts) < 0.5
    rows = []
    for number in range(accounts):
        gone = int(random.integers(20, 200))
        for day in range(min(days, gone)):
            chance = 0.5 + (effect if assigned[number] and day > 30 else 0)
            rows.append((f"a{number}", START + timedelta(days=day), "business", 2.5 + number % 3,
                         bool(random.uniform() < chance), START + timedelta(days=gone) if gone < days else None,
                         f"m{number % 4}"))  # fmt: skip
    days_frame = pd.DataFrame(rows, columns=["account_id", "date", "plan", "revenue", "active", "churned_at", "market"])
    launches = pd.DataFrame([("lobby", "Waiting room", "", START + timedelta(days=30), "spam")],
                            columns=["id", "name", "unit", "shipped_at", "category"])  # fmt: skip
    lots = pd.DataFrame({"launch_id": "lobby", "account_id": [f"a{n}" for n in range(accounts)], "assigned": assigned})
    return {"account_days": days_frame, "launches": launches, "lots": lots}


def store(tables: dict[str, pd.DataFrame]) -> None:
    """Into Seacliff's own tables."""
    for name, model in (("account_days", AccountDay), ("launches", Launch), ("lots", Lot)):
        frame = tables[name].astype(object).where(tables[name].notna(), None)
        model.objects.bulk_create(model(**row) for row in frame.to_dict("records"))


def write(tables: dict[str, pd.DataFrame], folder, ending: str = "csv") -> None:
    """Into files of a folder."""
    for name, frame in tables.items():
        if ending == "csv":
            frame.to_csv(folder / f"{name}.csv", index=False)
        else:
            typed = frame.copy()
            for column in ("date", "churned_at", "shipped_at"):
                if column in typed:
                    typed[column] = pd.to_datetime(typed[column]).dt.date
            typed.to_parquet(folder / f"{name}.parquet", index=False)
