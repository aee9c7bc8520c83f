"""Rules on reports, the routing desk, and a backtest over history."""

import time
from datetime import UTC, datetime, timedelta

from bench.frame import Line, installation

REPORTS = {"tiny": 500, "small": 20_000, "full": 1_000_000}
EVALUATIONS = {"tiny": 200, "small": 5_000, "full": 50_000}
OSPREY = 11_500  # rule evaluations per CPU-second of Osprey's engine, measured on this kind of machine; its middle
BACKTEST_SECONDS = 30.0  # for a million reports


def rules(count: int) -> list[dict]:
    return [
        {"name": f"Rule {n}", "when": f'report.category == "spam" && target.kind == "kind-{n}"', "set": {"severity": 2}}
        for n in range(count)
    ]


def run(size: str) -> list[Line]:
    with installation():
        from seacliff.intake.actions import take_reports
        from seacliff.intake.incoming import NewReport
        from seacliff.intake.models import Channel, Report
        from seacliff.record.actions import SYSTEM
        from seacliff.record.desks import clear
        from seacliff.review.models import CaseReport, RuleSet
        from seacliff.review.routing.backtest import run as backtest
        from seacliff.review.routing.context import Known, build
        from seacliff.review.routing.rules import RuleBook
        from seacliff.sample import pack_install
        from seacliff.targets.models import Product, Target

        pack_install.install(SYSTEM)
        product = Product.objects.create(slug="meet", name="Meet", languages=["en"])
        lines = []
        one = Report(
            product_id=product.id, category="spam", target_kind="user", target_ref="u-1", received_at=datetime.now(UTC)
        )
        key = (product.id, "user", "u-1")
        known = Known(targets={key: Target(product=product, kind="user", ref="u-1")}, reporters={})
        for count in (1, 20, 100):
            book = RuleBook.of(rules(count))
            times = max(20, EVALUATIONS[size] // count)
            began = time.process_time()
            for _ in range(times):
                book.route(build(one, known, book.fields), 3, "general")
            value = times * count / (time.process_time() - began)
            name = f"{count} {'rule' if count == 1 else 'rules'} of two conditions"
            lines.append(
                Line(name, f"{value:,.0f} evaluations per CPU-second", f"Osprey {OSPREY:,}", value / OSPREY, 50)
            )

        total = REPORTS[size]
        now = datetime.now(UTC)
        for start in range(0, total, 5_000):
            take_reports(
                [
                    NewReport(product_id=product.id, category=("spam", "phishing", "harassment")[n % 3], target_kind="user",
                              target_ref=f"u-{n % max(1, total // 5)}", reporter_key=f"user:meet:{n % 5000}", text="words " * 20,
                              received_at=now - timedelta(days=80) + timedelta(days=79) * (n / total))
                    for n in range(start, min(start + 5_000, total))
                ],
                channel=Channel.IMPORT,
            )  # fmt: skip
        began = time.perf_counter()
        clear("routing")
        took = time.perf_counter() - began
        assert CaseReport.objects.count() == total
        lines.append(Line("routing desk", f"{total / took:,.0f} reports/s", "5,000/s", total / took / 5_000, 1.0))
        draft = RuleSet.objects.create(number=99, state="draft", rules=rules(20))
        began = time.perf_counter()
        result = backtest(draft, now - timedelta(days=90), now)
        took = (time.perf_counter() - began) * 1_000_000 / total
        assert result.reports == total
        name = f"backtest of 20 rules, over {total:,}"
        lines.append(
            Line(
                name,
                f"{took:.0f} s for a million",
                f"limit {BACKTEST_SECONDS:.0f} s",
                took / BACKTEST_SECONDS,
                1.0,
                at_most=True,
            )
        )
        return lines
