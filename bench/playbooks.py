"""Runs of playbooks: steps that the desk takes on a second, and how late a step begins at its time."""

import statistics
import threading
import time
from datetime import timedelta

from bench.frame import Line, installation

RUNS = {"tiny": 100, "small": 1_000, "full": 10_000}
WANTED, LIMIT = 2_000.0, 2.0
TIMES = 20

# Twelve steps, as those that come with Seacliff have them on average: three asks of others and an approval, six tasks of
# the team, a condition that falls away, a note.
BOOK = """
name: Benchmark
inputs: [{key: what, label: What}]
steps:
  - {key: size, title: Size, form: [{key: n, label: N, type: number}]}
  - {key: contain, title: Contain, after: [size], due: 2h after start}
  - {key: law, title: Law, kind: ask, by: legal, text: "{{ input.what }} {{ steps.size.form.n }}", after: [size], due: 8h}
  - {key: build, title: Build, kind: ask, ask: build, by: engineering, text: "{{ input.what }}", after: [size]}
  - {key: words, title: Words, kind: ask, ask: publish, by: communications, text: "{{ steps.law.answer }}", after: [law]}
  - {key: hosts, title: Hosts, after: [contain]}
  - {key: minors, title: Minors, after: [size], when: steps.size.form.n > 100.0}
  - {key: approve, title: Approve, kind: approval, by: legal, text: "{{ steps.law.reason }}?", after: [words, build]}
  - {key: act, title: Act, after: [approve]}
  - {key: tell, title: Tell, after: [act], due: 1d after act}
  - {key: again, title: Again, after: [act]}
  - {key: told, title: Told, kind: note, text: "{{ steps.law.answer }}", after: [tell, again, hosts, minors]}
"""

# What people do meanwhile, in one statement each, so that the desk alone is measured: it reads rows, whoever wrote them.
ANSWER = """
UPDATE partners_ask SET state = 'answered', answer = 'yes', answered_at = now(), closed_at = now(), answered_by = 'Bench'
WHERE closed_at IS NULL
"""
DO = """
WITH done AS (
    UPDATE playbooks_runstep SET state = 'done', done_at = now(), done_by = 'Bench', values = '{"n": "3"}'
    WHERE state = 'open' AND ask_id IS NULL RETURNING run_id
)
UPDATE playbooks_run SET attend_at = now() WHERE id IN (SELECT run_id FROM done)
"""


def run(size: str) -> list[Line]:
    with installation():
        from django.db import connection

        from seacliff.partners.access import our_function
        from seacliff.partners.models import Ask
        from seacliff.people.models import Function, User
        from seacliff.playbooks import engine  # noqa: F401  its desks
        from seacliff.playbooks.library import create, publish
        from seacliff.playbooks.models import Run, RunStep
        from seacliff.playbooks.starting import NewRun, start_many
        from seacliff.record.actions import SYSTEM
        from seacliff.record.desks import clear
        from seacliff.record.models import Event

        our_function()
        for slug in ("legal", "engineering", "communications"):
            made = Function.objects.create(slug=slug, name=slug.capitalize())
            made.memberships.create(user=User.objects.create(email=f"{slug}@x.example", name=slug, roles=["partner"]))
        lead = User.objects.create(email="lead@x.example", name="Lead", roles=["lead"])
        version = publish(SYSTEM, create(SYSTEM, BOOK), "For the benchmark", lead)
        count = RUNS[size]
        for first in range(0, count, 500):
            start_many(SYSTEM, [NewRun(version, f"{n}", {"what": "A wave"}, lead=lead)
                                for n in range(first, min(first + 500, count))])  # fmt: skip

        spent = 0.0
        while Run.objects.filter(state="running").exists():
            began = time.perf_counter()
            clear("playbook-asks", "playbook-runs")
            spent += time.perf_counter() - began
            stuck = Run.objects.exclude(trouble="").first()
            assert stuck is None, f"{stuck}: {stuck.trouble}"
            with connection.cursor() as cursor:
                cursor.execute(ANSWER)
                cursor.execute(DO)
                cursor.execute("ANALYZE playbooks_runstep, playbooks_run, partners_ask")
        assert set(Run.objects.values_list("state", flat=True)) == {"finished"}
        assert Ask.objects.count() == 4 * count == Ask.objects.values("key").distinct().count()
        assert RunStep.objects.filter(state="skipped").count() == count
        assert Event.objects.filter(verb="run.finished").count() == count
        steps = RunStep.objects.count() / spent

        late = _lateness(version, lead)
        return [
            Line("playbook runs, steps", f"{steps:,.0f} steps/s, {count:,} runs of 12", f"{WANTED:,.0f}/s", steps / WANTED, 1.0),
            Line("playbook runs, a due step", f"begins {late:.2f} s after its time at worst", "limit 2 s", late / LIMIT, 1.0,
                 at_most=True),
        ]  # fmt: skip


def _lateness(version: object, lead: object) -> float:
    """Seconds between a step's time and its beginning, the worst of several, by the worker's own threads."""
    from django.db import connection
    from django.utils import timezone

    from seacliff.playbooks.models import Run, RunStep
    from seacliff.playbooks.starting import NewRun, start_many
    from seacliff.record.actions import SYSTEM
    from seacliff.record.desks import DESKS, Runner

    runs = start_many(SYSTEM, [NewRun(version, f"late {n}", lead=lead) for n in range(TIMES)])  # type: ignore[arg-type]
    now = timezone.now()
    for number, each in enumerate(runs):
        at = now + timedelta(seconds=1 + 0.27 * number)
        RunStep.objects.filter(run=each, key="size").update(state="scheduled", opens_at=at)
        Run.objects.filter(id=each.id).update(attend_at=at)
    runner = Runner([DESKS["playbook-runs"], DESKS["playbook-asks"]])
    runner.start()
    try:
        end = time.monotonic() + 60
        waiting = RunStep.objects.filter(run__in=runs, key="size", state="scheduled")
        while waiting.exists() and time.monotonic() < end:
            threading.Event().wait(0.1)
    finally:
        runner.stop()
        connection.close()
    found = RunStep.objects.filter(run__in=runs, key="size", state="open").values_list("opens_at", "opened_at")
    assert len(found) == TIMES
    lags = [(opened - opens).total_seconds() for opens, opened in found]
    assert min(lags) >= 0 and statistics.median(lags) < LIMIT
    return max(lags)
