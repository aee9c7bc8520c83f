"""What this room keeps about reviewers: how much of what they saw, day by day."""

from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat

from seacliff.record.personal import DataClass, Rows, register
from seacliff.wellness.models import Exposure


def _forget(rows: Rows) -> int:
    name = Concat(
        Cast(F("user_id"), CharField()), Value(" "), Cast(F("day"), CharField()), Value(" "), F("category"),
        output_field=CharField(),
    )  # fmt: skip
    return Exposure.objects.alias(name=name).filter(name__in=rows).delete()[0]


register(
    DataClass(
        slug="exposure",
        label="What reviewers saw, by day and harm",
        way="Deleted",
        since="after the day",
        covers={"wellness.Exposure": "category"},
        rows="""SELECT user_id::text || ' ' || day::text || ' ' || category AS id, day::timestamptz AS at,
            day::text AS ref, 'staff' AS party, NULL::uuid AS report_id, NULL::uuid AS case_id, NULL::uuid AS target_id,
            NULL::text AS reporter_key, NULL::text AS keep FROM wellness_exposure""",
        forget=_forget,
        days=365,
        key="text",
    )
)
