"""The page for the board over a year's record: every reading that the worker makes for it, then the pages and the PDF, in
a process of their own whose time and largest memory are told."""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from bench.frame import Line, installation, unchecked

REPORTS = {"tiny": 2_000, "small": 100_000, "full": 1_000_000}
GB = 2**30
FILL = Path(__file__).with_suffix(".sql").read_text()


def run(size: str) -> list[Line]:
    reports = REPORTS[size]
    with installation():
        began = time.perf_counter()
        fill(reports)
        print(f"bench: filled in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        told = subprocess.run([sys.executable, "-m", "bench.board"], stdout=subprocess.PIPE, text=True, check=True)
        found = json.loads(told.stdout)
    spent = ", ".join(f"{name} {seconds:.0f}" for name, seconds in found["seconds"].items())
    print(f"bench: seconds: {spent}; CPU of the process {found['cpu']:.0f} s", file=sys.stderr)
    took, most = sum(found["seconds"].values()), found["memory"]
    row = f"the whole page for the board, {reports:,} reports"
    return [
        Line(row, f"{took:.0f} s", "limit 120 s", took / 120, 1, at_most=True),
        Line(f"{row}, memory", f"{most / GB:.2f} GB", "limit 4 GB", most / (4 * GB), 1, at_most=True),
    ]


def fill(reports: int) -> None:

    from seacliff.people.models import User
    from seacliff.policy.models import Category, PolicyVersion
    from seacliff.record.actions import SYSTEM
    from seacliff.review.models import Queue
    from seacliff.sample import pack_install
    from seacliff.targets.models import Product

    pack_install.install(SYSTEM)
    product = Product.objects.create(slug="meet", name="Meet", languages=["en"])
    first, *_others = [Queue.objects.create(slug=f"q-{n}", name=f"Q {n}") for n in range(16)]
    people = [User(email=f"r{n}@x.example", name=f"R {n}", roles=["reviewer"], tier=1 + n % 4) for n in range(50)]
    User.objects.bulk_create(people)
    given = {"reports": reports, "accounts": max(50, reports // 50), "product": product.id, "queue": first.id,
             "categories": list(Category.objects.values_list("slug", flat=True)[:6]), "reviewers": [one.id for one in people],
             "version": PolicyVersion.objects.values_list("id", flat=True)[0]}  # fmt: skip
    with unchecked() as cursor:
        cursor.execute(FILL, given)


def measured() -> dict[str, object]:
    """What a worker and a reader wait for, in this process."""
    import django

    django.setup()
    from django.test import Client

    from seacliff.people.models import User
    from seacliff.value import readings
    from seacliff.value.models import Reading

    seconds = {}

    def timed(name: str, work) -> None:
        began = time.perf_counter()
        work()
        seconds[name] = time.perf_counter() - began
        print(f"bench: {name} {seconds[name]:.1f} s, so far {_most() / GB:.2f} GB", file=sys.stderr)

    for kind in readings.MAKERS:
        Reading.objects.update_or_create(kind=kind)
        timed(kind, lambda kind=kind: readings._make(Reading.objects.get(kind=kind)))
        assert not (error := Reading.objects.get(kind=kind).error), (kind, error)
    client = Client(headers={"Host": "localhost"})
    client.force_login(User.objects.create(email="lead@x.example", name="L", roles=["lead"], tier=4))
    for path in ("/value", "/value/board.pdf", "/value/staffing", "/value/data"):
        timed(path, lambda path=path: _served(client, path))
    return {"seconds": seconds, "cpu": time.process_time(), "memory": _most()}


def _served(client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)


def _most() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    print(json.dumps(measured()))
