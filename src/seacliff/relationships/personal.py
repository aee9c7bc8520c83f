"""What this room keeps about people: whom the pulse was put to. A lead's words tell no person's data."""

from seacliff.record.personal import DataClass, Rows, not_personal, register
from seacliff.relationships.models import Pulse

NO_TIES = "NULL::uuid AS report_id, NULL::uuid AS case_id, NULL::uuid AS target_id, NULL::text AS reporter_key"


def _forget_pulses(rows: Rows) -> int:
    """What was answered and belongs to no round yet goes as well: of a year it became no round."""
    return Pulse.objects.filter(id__in=rows).delete()[0]


register(
    DataClass(
        slug="pulses",
        label="Whom the two questions about an ask were put to",
        way="Deleted; the sums of closed rounds stay, which name nobody",
        since="after they were put",
        covers={"relationships.Pulse": "email"},
        rows=f"""SELECT id, asked_at AS at, 'pulse' AS ref, 'staff' AS party, {NO_TIES}, NULL::text AS keep
            FROM relationships_pulse""",
        forget=_forget_pulses,
        days=183,
        floor=31,  # or somebody would be asked again within the month
    ),
)
not_personal("A lead's words for what went well; which function had which digest; sums of answers",
             relationships__Win="*", relationships__DigestChoice="*", relationships__Digest="*",
             relationships__PulseRound="*")  # fmt: skip
