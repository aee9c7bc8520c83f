"""What every row shares: an installation of its own, alternating runs, CPU time of processes, the printed line."""

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from seacliff import embedded

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Line:
    """One result. `ratio` is the figure over its yardstick, or over its limit; `goal` the least (or most) it should be."""

    row: str
    figure: str
    yardstick: str
    ratio: float
    goal: float
    at_most: bool = False

    @property
    def met(self) -> bool:
        return self.ratio <= self.goal if self.at_most else self.ratio >= self.goal

    def __str__(self) -> str:
        sign, met = "<=" if self.at_most else ">=", "yes" if self.met else "**no**"
        return f"| {self.row} | {self.figure} | {self.yardstick} | {self.ratio:.2f} | {sign} {self.goal:g} | {met} |"


HEAD = "| row | figure | yardstick | ratio | goal | met |\n|---|---|---|---|---|---|"


class Installation:
    """A data directory with its PostgreSQL, tuned as `seacliff up` tunes it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.server = embedded.start(place / "postgres")
        with psycopg.connect(self.server.url.replace("user=seacliff", "user=postgres"), autocommit=True) as superuser:
            superuser.execute("GRANT SET ON PARAMETER session_replication_role TO seacliff")  # for unchecked()
        os.environ |= {
            "DATABASE_URL": self.server.url,
            "SEACLIFF_DATA_DIR": str(place),
            "SEACLIFF_SECRET_KEY": "k" * 50,
            "SEACLIFF_LOG_LEVEL": "CRITICAL",
            "SEACLIFF_DB_POOL": "12",
            "DJANGO_SETTINGS_MODULE": "seacliff.settings",
        }

    def command(self, *arguments: str) -> subprocess.Popen:
        log = (self.place / f"{arguments[0]}.log").open("wb")
        return subprocess.Popen([sys.executable, "-m", "seacliff", *arguments], stdout=log, stderr=log)


@contextlib.contextmanager
def installation() -> Iterator[Installation]:
    """Migrated, Django set up. One in a process."""
    with tempfile.TemporaryDirectory(prefix="seacliff-bench-") as name:
        place = Path(name)
        place.chmod(0o711)
        here = Installation(place)
        try:
            import django

            django.setup()
            from seacliff.supervisor import schema

            with contextlib.redirect_stdout(sys.stderr):
                schema.migrate()
                schema.collect_static()
            yield here
        except BaseException:
            for log in (*place.glob("*.log"), place / "postgres" / "server.log"):
                print(f"--- {log.name}\n{log.read_text(errors='replace')[-2000:]}", file=sys.stderr)
            raise
        finally:
            with contextlib.suppress(Exception):
                from django.db import connection

                connection.close_pool()
            here.server.stop()


@contextlib.contextmanager
def unchecked() -> Iterator[Any]:
    """A cursor that fills tables without looking up what each row refers to: the benchmark made it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield cursor
        cursor.execute("RESET session_replication_role")


def alternate(runs: int, *measured: Callable[[], float]) -> list[float]:
    """The median of each, run in turns, so that the machine's moods fall on all alike."""
    results: list[list[float]] = [[] for _ in measured]
    for _ in range(runs):
        for number, one in enumerate(measured):
            results[number].append(one())
    return [statistics.median(each) for each in results]


def rate(count: int, work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)


def cpu_seconds(*roots: int) -> float:
    """User and system time of processes and of all below them, those that ended included."""
    total = 0
    for pid in _family(roots):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / TICKS


def memory(*roots: int) -> int:
    """Bytes of processes and all below them, shared pages counted in shares."""
    total = 0
    for pid in _family(roots):
        with contextlib.suppress(OSError):
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) * 1024
    return total


def _family(roots: tuple[int, ...]) -> set[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (entry / "stat").read_text().rpartition(") ")[2].split()
                parents.setdefault(int(stat[1]), []).append(int(entry.name))
    found, left = set(), list(roots)
    while left:
        pid = left.pop()
        if pid not in found:
            found.add(pid)
            left += parents.get(pid, [])
    return found
