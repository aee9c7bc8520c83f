"""kill -9 of web server, worker and PostgreSQL at random moments, while reports come in and cases are decided.

Whatever was acknowledged is there once and routed once, every action ordered reaches the product, the record verifies.
SEACLIFF_FAULT_ROUNDS says how often something is killed; SEACLIFF_FAULT_SEED repeats a run.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid

import httpx
import psycopg
import pytest

from seacliff import embedded
from seacliff.enforcement.receiver import Receiver

ROUNDS = int(os.environ.get("SEACLIFF_FAULT_ROUNDS", "20"))
SEED = int(os.environ.get("SEACLIFF_FAULT_SEED", str(int(time.time()))))
SENDERS, DECIDERS = 4, 2
INHERITED = ("DATABASE_URL", "PYTEST_VERSION", "SEACLIFF_DATA_DIR")
SETUP = """
from seacliff.enforcement import endpoints
from seacliff.enforcement.models import Endpoint
from seacliff.people.actions import issue_token
from seacliff.people.models import User
from seacliff.record.actions import SYSTEM
from seacliff.sample import pack_install
from seacliff.targets.models import Product
pack_install.install(SYSTEM)
Product.objects.create(slug="meet", name="Meet", languages=["en"])
endpoints.save(Endpoint(name="Product", url={url!r}, secret={secret!r}, hears=["action.*"]), SYSTEM)
rita = User.objects.create_user("rita@example.org", name="Rita", roles=["reviewer"], tier=4)
scopes = ["intake:report:create", "review:case:decide", "review:case:view"]
print("TOKEN", issue_token(SYSTEM, rita, name="load", scopes=scopes)[1])
"""


class Installation:
    """PostgreSQL, web server and worker as processes of their own, each started again after it was killed."""

    def __init__(self, place):
        self.place = place
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        clean = {name: value for name, value in os.environ.items() if name not in INHERITED}
        self.postgres = embedded.start(place / "postgres")
        self.environ = clean | {
            "SEACLIFF_DATA_DIR": str(place), "SEACLIFF_SECRET_KEY": "k" * 50, "DATABASE_URL": self.postgres.url,
            "SEACLIFF_BASE_URL": self.url, "SEACLIFF_UNDO_SECONDS": "0", "SEACLIFF_LOG_LEVEL": "CRITICAL",
            "SEACLIFF_WEBHOOK_ALLOWED_PRIVATE": "127.0.0.1",
        }  # fmt: skip
        self.processes = {}

    def command(self, *arguments):
        return [sys.executable, "-m", "seacliff", *arguments]

    def run(self, *arguments):
        return subprocess.run(
            self.command(*arguments), env=self.environ, capture_output=True, text=True, check=True
        ).stdout

    def start(self, name):
        if name == "postgres":
            self.postgres = embedded.start(self.place / "postgres")
            return
        options = [f"--port={self.port}", "--workers=1"] if name == "web" else []
        output = (self.place / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            self.command(name, *options), env=self.environ, stdout=output, stderr=output, start_new_session=True
        )

    def kill(self, name):
        if name == "postgres":
            self.postgres.process.kill()
            self.postgres.process.wait()
            return
        process = self.processes[name]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def keep_running(self):
        """What ended by itself because another was away is started again, as systemd would."""
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                self.start(name)

    def end(self):
        for name in self.processes:
            self.kill(name)
        self.postgres.stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Load:
    """Senders that repeat each report until it is acknowledged; deciders that claim and decide what there is."""

    def __init__(self, url, token):
        self.url, self.headers = url, {"Authorization": f"Bearer {token}"}
        self.stopping = threading.Event()
        self.acknowledged = {}  # idempotency key to the report's id
        self.decided = 0
        self.odd = []
        work = [self.send] * SENDERS + [self.decide] * DECIDERS
        self.threads = [threading.Thread(target=one, args=[number], daemon=True) for number, one in enumerate(work)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)

    def ask(self, method, path, **options):
        """None when nobody answered, or not now."""
        try:
            answer = httpx.request(method, f"{self.url}/api/v1{path}", headers=self.headers | options.pop("headers", {}),
                                   timeout=15, **options)  # fmt: skip
        except httpx.HTTPError:
            time.sleep(0.2)
            return None
        if answer.status_code >= 500:
            time.sleep(0.2)
            return None
        return answer

    def send(self, number):
        dice = random.Random(SEED + number)
        while not self.stopping.is_set():
            key = str(uuid.UUID(int=dice.getrandbits(128)))
            report = {
                "category": dice.choice(["spam", "phishing", "harassment"]), "text": "again and again",
                "target": {"kind": "user", "ref": f"u-{dice.randrange(10**9)}"}, "reporter": {"user": f"r-{dice.randrange(50)}"},
            }  # fmt: skip
            while True:  # an answer that was lost is asked for again, also while everything is being stopped
                answer = self.ask("POST", "/reports", json=report, headers={"Idempotency-Key": key})
                if answer is not None:
                    break
            if answer.status_code in (200, 201):
                self.acknowledged[key] = answer.json()["id"]
            else:
                self.odd.append(answer.text)
            time.sleep(0.02)

    def decide(self, _number):
        verdict = {"finding": "violation", "actions": [{"kind": "warn"}], "rationale": "Seen."}
        while not self.stopping.is_set():
            claimed = self.ask("POST", "/cases/claim", json={})
            if claimed is None or claimed.status_code != 200:
                time.sleep(0.1)
                continue
            decided = self.ask("POST", f"/cases/{claimed.json()['ref']}/decide", json=verdict)
            if decided is not None and decided.status_code == 201:
                self.decided += 1
            elif decided is not None and decided.status_code not in (409,):
                self.odd.append(decided.text)


@pytest.mark.faults
def test_nothing_acknowledged_is_lost_or_doubled_whatever_is_killed(tmp_path_factory):
    place = tmp_path_factory.mktemp("faults")
    for parent in (place, *place.parents[:2]):
        parent.chmod(0o711)
    dice = random.Random(SEED)
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    here = Installation(place)
    try:
        here.run("migrate", "--static")
        with Receiver(secret) as product:
            said = here.run("django", "shell", "-c", SETUP.format(url=product.url, secret=secret))
            token = next(line.split()[1] for line in said.splitlines() if line.startswith("TOKEN"))
            here.start("web")
            here.start("worker")
            with Load(here.url, token) as load:
                deadline = time.monotonic() + 60
                while not load.acknowledged:
                    assert time.monotonic() < deadline, (place / "web.log").read_text()[-2000:]
                    time.sleep(0.2)
                for _round in range(ROUNDS):
                    time.sleep(dice.uniform(0.5, 4.0))
                    victim = dice.choice(["web", "worker", "postgres"])
                    here.kill(victim)
                    time.sleep(dice.uniform(0, 0.5))
                    here.start(victim)
                    here.keep_running()
                time.sleep(3)
                here.keep_running()
            _wait_until_settled(here)
            _check(here, load, product)
        assert "Nothing was changed" in here.run("verify")
    finally:
        here.end()


def _wait_until_settled(here):
    deadline = time.monotonic() + 150
    question = (
        "SELECT (SELECT count(*) FROM intake_unrouted), (SELECT count(*) FROM review_decision WHERE NOT settled), "
        "(SELECT count(*) FROM enforcement_action WHERE state NOT IN ('done', 'cancelled')), "
        "(SELECT count(*) FROM enforcement_delivery WHERE state = 'pending')"
    )
    while True:
        here.keep_running()
        with psycopg.connect(here.postgres.url) as database:
            left = database.execute(question).fetchone()
        if not any(left):
            return
        assert time.monotonic() < deadline, f"unrouted, unsettled, actions, deliveries left: {left} (seed {SEED})"
        time.sleep(1)


def _check(here, load, product):
    assert load.odd == [], f"seed {SEED}"
    with psycopg.connect(here.postgres.url) as database:

        def column(question):
            return [row[0] for row in database.execute(question)]

        reports = [str(id) for id in column("SELECT id FROM intake_report")]
        routed = [str(id) for id in column("SELECT report_id FROM review_casereport")]
        events = [str(id) for id in column("SELECT subject_id FROM record_event WHERE verb = 'report.received'")]
        actions = column("SELECT id FROM enforcement_action WHERE state = 'done'")
        keys = {str(key) for key in column("SELECT key FROM enforcement_delivery WHERE state = 'delivered'")}
    acknowledged = set(load.acknowledged.values())
    assert len(acknowledged) == len(load.acknowledged), "two keys were answered with one report"
    assert acknowledged <= set(reports), (
        f"{len(acknowledged - set(reports))} acknowledged reports are gone (seed {SEED})"
    )
    assert len(reports) == len(load.acknowledged), f"reports were doubled (seed {SEED})"
    assert sorted(routed) == sorted(reports) == sorted(events), f"seed {SEED}"
    assert len(actions) >= load.decided > 0
    assert len(keys) == len(actions)
    assert keys <= product.applied, f"{len(keys - product.applied)} actions did not reach the product (seed {SEED})"
    print(  # noqa: T201  the figures, for whoever runs it with -s
        f"\n{ROUNDS} kills: {len(reports)} reports acknowledged, each there and routed once; "
        f"{len(actions)} actions delivered, {product.repeated} twice under their key"
    )
