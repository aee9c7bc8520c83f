"""What this room itself keeps about people: what they asked, and what they were given."""

from seacliff.privacy.models import Export, Request
from seacliff.record.personal import DataClass, Rows, emptied, not_personal, register

NO_TIES = "NULL::uuid AS report_id, NULL::uuid AS case_id, NULL::uuid AS target_id, NULL::text AS reporter_key"


def _forget_requests(rows: Rows) -> int:
    return emptied(Request, rows, asked_as="", contact="", said="", identified_how="checked", outcome="")


def _forget_exports(rows: Rows) -> int:
    return emptied(Export, rows, content=b"")


register(
    DataClass(
        slug="privacy-requests",
        label="What people asked about their data",
        way="Emptied; kind, times and who handled it stay",
        since="after it was answered",
        covers={"privacy.Request": "asked_as contact said identified_how outcome"},
        rows=f"""SELECT id, closed_at AS at, 'D-' || number AS ref, 'own' AS party, {NO_TIES}, NULL::text AS keep
            FROM privacy_request WHERE asked_as <> '' OR contact <> '' OR said <> ''""",
        forget=_forget_requests,
        days=1095,
        floor=365,
    ),
    DataClass(
        slug="privacy-exports",
        label="Exports that people were given",
        way="Emptied; size, hash and times stay",
        since="after the link ended",
        covers={"privacy.Export": "content"},
        rows=f"""SELECT id, coalesce(expires_at, made_at + interval '60 days') AS at, 'export' AS ref, 'own' AS party,
            {NO_TIES}, NULL::text AS keep FROM privacy_export WHERE length(content) > 0""",
        forget=_forget_exports,
        days=1,
    ),
)

not_personal("Rules and counts", privacy__RetentionPlan="*", privacy__Run="*", privacy__Doomed="*", privacy__Export="*")
not_personal(
    "Why something is held, in the words of colleagues: the reason must outlive what it explains", privacy__Hold="*"
)
