"""Every list, with its filters, and a case's page: CPU time, queries, and how they grow."""

import statistics
import time

from bench.claim import FILL
from bench.frame import Line, installation

SMALL = {"tiny": 200, "small": 5_000, "full": 100_000}
LARGE = {"tiny": 600, "small": 50_000, "full": 1_000_000}
PATHS = [
    "/queues", "/queues/q-1", "/search?q=spam", "/search?state=open", "/search?severity=1&category=spam", "/targets",
    "/targets?kind=user", "/targets?q=b-1", "/actions/", "/record/", "/record/?verb=case", "/unread", "/policies", "/people/",
    "/cases/C-1000100",
]  # fmt: skip


def run(size: str) -> list[Line]:
    with installation():
        from django.db import connection
        from django.test import Client

        from seacliff.people.models import User
        from seacliff.record.actions import SYSTEM
        from seacliff.record.desks import clear
        from seacliff.review.models import Queue
        from seacliff.sample import pack_install
        from seacliff.targets.models import Product

        pack_install.install(SYSTEM)
        product = Product.objects.create(slug="meet", name="Meet", languages=["en"])
        first, *_others = [Queue.objects.create(slug=f"q-{n}", name=f"Q {n}") for n in range(16)]
        roles = ["admin", "lead", "reviewer"]
        client = Client(headers={"Host": "localhost"})
        client.force_login(User.objects.create(email="a@x.example", name="A", roles=roles, tier=4))

        def fill(start: int, end: int) -> None:
            with connection.cursor() as cursor:
                cursor.execute(FILL, {"product": product.id, "queue": first.id, "first": start, "last": end})
            clear("index-cases")

        def measure() -> dict[str, tuple[float, int]]:
            found = {}
            for path in PATHS:
                queries: list[str] = []

                def counted(execute, sql, parameters, many, context, into=queries):
                    into.append(sql)
                    return execute(sql, parameters, many, context)

                with connection.execute_wrapper(counted):
                    answer = client.get(path)
                assert answer.status_code == 200, (path, answer.status_code)
                spent = []
                for _ in range(7):
                    began = time.perf_counter()
                    client.get(path)
                    spent.append((time.perf_counter() - began) * 1000)
                found[path] = statistics.median(spent), len(queries)
            return found

        fill(1, SMALL[size])
        few = measure()
        fill(SMALL[size] + 1, LARGE[size])
        many = measure()
        growth = {path: many[path][0] / few[path][0] for path in PATHS}
        slowest, grown = max(PATHS, key=lambda path: many[path][0]), max(PATHS, key=growth.__getitem__)
        asking = max(PATHS, key=lambda path: many[path][1])
        most = many[asking][1]
        return [
            Line(f"slowest page, {slowest}", f"{many[slowest][0]:.0f} ms at {LARGE[size]:,} cases", "limit 50 ms",
                 many[slowest][0] / 50, 1.0, at_most=True),
            Line(f"page that grew most, {grown}", f"{many[grown][0]:.1f} ms", f"{few[grown][0]:.1f} ms at {SMALL[size]:,}",
                 growth[grown], 2.0, at_most=True),
            Line(f"most queries, {asking}", str(most), "limit 15", most / 15, 1.0, at_most=True),
        ]  # fmt: skip
