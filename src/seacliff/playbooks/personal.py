"""What runs keep about people: what they were started with, what was answered."""

from typing import Any

from django.db.models import Case, Value, When

from seacliff.playbooks.models import Run, RunStep
from seacliff.record.personal import DataClass, Rows, emptied, not_personal, register


def _forget(rows: Rows) -> int:
    words: dict[str, Any] = {"values": {}, "written": "", "done_by": ""}
    reason = Case(When(reason="", then=Value("")), default=Value("erased"))
    emptied(RunStep, list(RunStep.objects.filter(run__in=rows).values_list("id", flat=True)), reason=reason, **words)
    for step in RunStep.objects.filter(run__in=rows, added__isnull=False):
        step.added = {**(step.added or {}), "title": "A step that was added", "text": ""}
        step.save(update_fields=["added"])
    return emptied(Run, rows, title="", inputs={}, about_label="", outcome="")


register(
    DataClass(
        slug="playbook-runs",
        of_a_case=True,
        label="Runs of playbooks: what they began with, what was answered",
        way="Emptied; steps, their times and who was asked stay",
        since="after the run ended and its case was decided",
        covers={
            "playbooks.Run": "title inputs about_label outcome trouble",
            "playbooks.RunStep": "values written reason added",
        },
        rows="""SELECT r.id, r.ended_at AS at, 'R-' || r.number AS ref, 'affected' AS party, NULL::uuid AS report_id,
            CASE WHEN r.about_kind = 'case' THEN r.about_id END AS case_id, NULL::uuid AS target_id,
            NULL::text AS reporter_key, CASE WHEN r.ended_at IS NULL THEN 'The run is still going on' END AS keep
            FROM playbooks_run r WHERE r.title <> ''""",
        forget=_forget,
        days=1095,
        withheld="What colleagues did about a matter is left out: it may speak of others.",
    ),
)

not_personal("Playbooks speak of functions and of what is done, not of people",
             playbooks__Playbook="*", playbooks__PlaybookVersion="*")  # fmt: skip
not_personal("Names of colleagues, and what started a run or answered a step",
             playbooks__Run="started_by key", playbooks__RunStep="done_by key answer")  # fmt: skip
