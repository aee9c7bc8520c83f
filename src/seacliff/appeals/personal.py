"""What this room keeps about those who appeal."""

from typing import Any

from seacliff.appeals.models import Appeal
from seacliff.record.personal import DataClass, Duty, Rows, emptied, not_personal, register


def _forget(rows: Rows) -> int:
    return emptied(Appeal, rows, statement="", address="", answer="", reasons="")


def _export(rows: Rows, party: str) -> list[dict[str, Any]]:
    fields = ("received_at", "language", "address", "statement", "outcome", "answer", "decided_at")
    return list(Appeal.objects.filter(id__in=rows, side=party).order_by("id").values(*fields))


register(
    DataClass(
        slug="appeals",
        of_a_case=True,
        label="What appellants wrote, and what they were answered",
        way="Emptied; side, language, rule, outcome and times stay",
        since="after the appeal and its case were decided",
        covers={"appeals.Appeal": "address statement reasons answer"},
        rows="""SELECT a.id, a.decided_at AS at, 'A-' || a.number AS ref, a.side AS party, a.report_id, a.case_id,
            a.target_id, NULL::text AS reporter_key,
            CASE WHEN a.state <> 'decided' THEN 'The appeal has yet to be decided' END AS keep
            FROM appeals_appeal a WHERE a.statement <> '' OR a.address <> '' OR a.answer <> '' OR a.reasons <> ''""",
        forget=_forget,
        days=730,
        export=_export,
    ),
    Duty(
        "appeals",
        "An appeal is being decided (GDPR art. 17(3)(e))",
        "SELECT case_id FROM appeals_appeal WHERE state <> 'decided'",
    ),
)

not_personal("Which side, in which language, about what", appeals__Appeal="language category")
