"""Reports by the JSON API, one by one and in batches, and from a file."""

import json
import os
import subprocess
import sys
import time
import uuid

import psycopg

from bench.frame import Line, alternate, cpu_seconds, installation, rate
from bench.load import hammer, wait_for

SECONDS = {"tiny": 1.0, "small": 4.0, "full": 15.0}
BATCHES = {"tiny": 3, "small": 20, "full": 200}
ROWS = {"tiny": 2_000, "small": 60_000, "full": 1_000_000}
RUNS = {"tiny": 1, "small": 5, "full": 7}
CONNECTIONS = 32
WEB, API = 8391, 8392


def report(number: int) -> dict:
    """About 540 bytes; three of ten say what an earlier one said."""
    number = number if number % 10 < 7 else number - 5
    return {
        "category": ("spam", "phishing", "harassment")[number % 3],
        "target": {"kind": "user", "ref": f"u-{number % 50_000}", "name": "Somebody"},
        "reporter": {"user": f"r-{number % 5_000}"},
        "language": "en",
        "text": "They keep sending me the same message about a prize. " * 6,
        "idempotency_key": f"k-{number}",
    }


YARDSTICK = """
import os
from contextlib import asynccontextmanager
from uuid import UUID, uuid4
import asyncpg
from fastapi import FastAPI
from pydantic import BaseModel

class Report(BaseModel):
    category: str
    target: dict
    reporter: dict
    language: str
    text: str
    idempotency_key: str

@asynccontextmanager
async def life(app):
    app.pool = await asyncpg.create_pool(host=os.environ["SOCKETS"], user="seacliff", database="seacliff", min_size=2, max_size=8)
    yield
app = FastAPI(lifespan=life)

@app.post("/reports", status_code=201)
async def take(report: Report):
    id = uuid4()
    async with app.pool.acquire() as connection:
        await connection.execute(
            "INSERT INTO bench_report (id, category, ref, reporter, language, text, key) VALUES ($1,$2,$3,$4,$5,$6,$7) "
            "ON CONFLICT DO NOTHING", id, report.category, report.target["ref"], report.reporter["user"], report.language,
            report.text, report.idempotency_key)
    return {"id": id}
"""
TABLE = """
CREATE TABLE IF NOT EXISTS bench_report (id uuid PRIMARY KEY, category text, ref text, reporter text, language text, text text,
    key text UNIQUE, received_at timestamptz DEFAULT now());
CREATE INDEX IF NOT EXISTS bench_ref ON bench_report (ref);
CREATE INDEX IF NOT EXISTS bench_reporter ON bench_report (reporter);
"""


def run(size: str) -> list[Line]:
    with installation() as here:
        from seacliff.intake.models import Report
        from seacliff.people.actions import issue_token
        from seacliff.people.models import User
        from seacliff.record.actions import SYSTEM
        from seacliff.sample import pack_install
        from seacliff.targets.models import Product

        pack_install.install(SYSTEM)
        Product.objects.create(slug="meet", name="Meet", languages=["en"])
        user = User.objects.create_user("bench@example.org", name="Bench", roles=["reviewer"])
        token = issue_token(SYSTEM, user, name="bench", scopes=["intake:report:create"])[1]
        with psycopg.connect(here.server.url, autocommit=True) as database:
            database.execute(TABLE)
        (here.place / "yardstick.py").write_text(YARDSTICK)
        web = here.command("web", f"--port={WEB}", "--workers=2")
        api = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "yardstick:app", f"--port={API}", "--workers=2", "--log-level=critical"],
            cwd=here.place,
            env=os.environ | {"SOCKETS": str(here.server.sockets)},
        )
        try:
            wait_for(WEB, "/livez")
            wait_for(API, "/docs")
            lines = [*_single(here, size, token, web.pid), *_batches(here, size, token)]
        finally:
            for process in (web, api):
                process.terminate()
                process.wait()
        lines += _file(here, size)
        keys = Report.objects.values("external_ref").count()
        assert keys == Report.objects.count()
        return lines


def _single(here, size: str, token: str, web: int) -> list[Line]:
    seconds, spent = SECONDS[size], []

    def ours() -> float:
        before = cpu_seconds(web, here.server.process.pid)
        done = hammer(WEB, "/api/v1/reports", token, report, CONNECTIONS, seconds)
        spent.append((cpu_seconds(web, here.server.process.pid) - before) / done)
        return done / seconds

    def fastapi() -> float:
        return hammer(API, "/reports", "", report, CONNECTIONS, seconds) / seconds

    def bare() -> float:
        return _pgbench(here, seconds)

    mine, theirs, sql = alternate(RUNS[size], ours, fastapi, bare)
    cpu = sorted(spent)[len(spent) // 2] * 1000
    return [
        Line("intake, one by one", f"{mine:,.0f}/s", f"FastAPI + asyncpg {theirs:,.0f}/s", mine / theirs, 2.5),
        Line("intake against bare SQL", f"{mine:,.0f}/s", f"pgbench {sql:,.0f}/s", mine / sql, 0.5),
        Line("intake, CPU a report", f"{cpu:.2f} ms", "limit 0.4 ms", cpu / 0.4, 1.0, at_most=True),
    ]


def _pgbench(here, seconds: float) -> float:
    from seacliff import embedded

    script = here.place / "insert.sql"
    script.write_text(
        "\\set n random(1, 2000000000)\n\\set ref random(1, 50000)\n"
        "INSERT INTO bench_report (id, category, ref, reporter, language, text, key) VALUES (gen_random_uuid(), 'spam', "
        f"'u-' || (:ref)::text, 'r-' || (:ref)::text, 'en', '{'x' * 300}', 'p-' || (:n)::text) ON CONFLICT DO NOTHING;\n"
    )
    command = [embedded.programs() / "pgbench", "-n", "-c", str(CONNECTIONS), "-j", "2", "-T", str(max(1, int(seconds))),
               "-M", "prepared", "-f", script, "-h", here.server.sockets, "-U", "seacliff", "seacliff"]  # fmt: skip
    said = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if said.returncode:
        raise RuntimeError(said.stderr[-500:])
    return float(next(line.split()[2] for line in said.stdout.splitlines() if line.startswith("tps")))


def _batches(here, size: str, token: str) -> list[Line]:
    import httpx

    count = BATCHES[size]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ours() -> float:
        mark = uuid.uuid4().hex
        bodies = [
            json.dumps([report(n) | {"idempotency_key": f"{mark}{b}-{n}"} for n in range(1000)]) for b in range(count)
        ]
        with httpx.Client(base_url=f"http://127.0.0.1:{WEB}", timeout=60) as client:
            began = time.perf_counter()
            for body in bodies:
                answer = client.post("/api/v1/reports", content=body, headers=headers).json()
                assert answer["created"] == 1000
            return 1000 * count / (time.perf_counter() - began)

    def orm() -> float:
        from django.utils import timezone

        from seacliff.intake.models import Report
        from seacliff.record.ids import uuid7
        from seacliff.targets.models import Product

        product = Product.objects.get()
        Report.objects.filter(channel="bench").delete()
        made = [json.dumps([report(n) for n in range(1000)]) for _ in range(count)]

        def work() -> None:
            for body in made:
                rows = [
                    Report(id=uuid7(), product_id=product.id, channel="bench", category=one["category"], target_kind="user",
                           target_ref=one["target"]["ref"], text=one["text"], language="en",
                           received_at=timezone.now())
                    for one in json.loads(body)
                ]  # fmt: skip
                Report.objects.bulk_create(rows)

        value = rate(1000 * count, work)
        Report.objects.filter(channel="bench").delete()
        return value

    mine, theirs = alternate(min(3, RUNS[size]), ours, orm)
    return [
        Line(
            "intake, batches of 1,000 over HTTP",
            f"{mine:,.0f}/s",
            f"bulk_create in process {theirs:,.0f}/s",
            mine / theirs,
            5,
        )
    ]


def _file(here, size: str) -> list[Line]:
    from seacliff.intake import importing

    count = ROWS[size]

    def ours() -> float:
        mark = uuid.uuid4().hex[:8]
        path = here.place / f"{mark}.csv"
        with path.open("w") as file:
            file.write("id,category,target_ref,target_kind,text,reporter_user\n")
            for n in range(count):
                file.write(
                    f"{mark}{n},spam,u-{n % 50_000},user,{'They keep sending me the same message. ' * 6},r-{n % 5000}\n"
                )
        began = time.perf_counter()
        done = importing.run(path, product="", dry=False, rejects=here.place / "aside.csv")
        assert done.created == count
        value = count / (time.perf_counter() - began)
        path.unlink()
        return value

    def copy() -> float:
        row = (uuid.uuid4, "spam", "u-1", "r-1", "en", "They keep sending me the same message. " * 6)
        with psycopg.connect(here.server.url) as database:
            database.execute("TRUNCATE bench_report")

            def work() -> None:
                with database.cursor().copy(
                    "COPY bench_report (id, category, ref, reporter, language, text, key) FROM STDIN"
                ) as to:
                    for n in range(count):
                        to.write_row((row[0](), *row[1:], f"c-{n}"))
                database.commit()

            return rate(count, work)

    mine, theirs = alternate(min(3, RUNS[size]), ours, copy)
    return [
        Line("import of a CSV file", f"{mine:,.0f}/s", "35,000/s", mine / 35_000, 1.0),
        Line(
            "import against bare COPY",
            f"{mine:,.0f}/s",
            f"one connection, one table {theirs:,.0f}/s",
            mine / theirs,
            0.65,
        ),
    ]
