"""What this room keeps about those who report, and about those they report."""

from typing import Any

from seacliff.intake.models import Message, Report
from seacliff.record.personal import DataClass, Rows, emptied, not_personal, register

OF_A_REPORT = "'R ' || left(r.id::text, 13) AS ref, {party} AS party, r.id AS report_id, NULL::uuid AS case_id," \
    " NULL::uuid AS target_id, nullif(r.reporter_key, '') AS reporter_key, NULL::text AS keep"  # fmt: skip
SAID = ("received_at", "occurred_at", "category", "language", "subject", "text", "url", "external_ref")


def _forget_text(rows: Rows) -> int:
    return emptied(Report, rows, subject="", text="", url="", external_ref="", extra={})


def _forget_contact(rows: Rows) -> int:
    return emptied(Report, rows, reporter_name="", reporter_email="")


def _forget_messages(rows: Rows) -> int:
    return emptied(Message, rows, raw=b"", sender="", recipients=[], subject="", reason="", warnings=[])


def _text(rows: Rows, party: str) -> list[dict[str, Any]]:
    """To the affected user only when and under which category: words can give a reporter away (GDPR art. 15(4))."""
    fields = SAID if party == "reporter" else ("received_at", "category")
    return list(Report.objects.filter(id__in=rows).order_by("id").values(*fields))


def _contact(rows: Rows, party: str) -> list[dict[str, Any]]:
    fields = ("received_at", "reporter_name", "reporter_email")
    return list(Report.objects.filter(id__in=rows).order_by("id").values(*fields))


def _messages(rows: Rows, party: str) -> list[dict[str, Any]]:
    found = Message.objects.filter(id__in=rows).order_by("id")
    return [
        {"received_at": one.received_at, "sender": one.sender, "subject": one.subject,
         "mail": bytes(one.raw).decode("utf-8", "replace")}
        for one in found
    ]  # fmt: skip


register(
    DataClass(
        slug="report-text",
        of_a_case=True,
        label="What reporters wrote",
        way="Emptied; category, language, time and target stay",
        since="after the report came in and its case was decided",
        covers={"intake.Report": "subject text url external_ref extra"},
        rows=f"""SELECT r.id, r.received_at AS at, {OF_A_REPORT.format(party="'both'")} FROM intake_report r
            WHERE r.text <> '' OR r.subject <> '' OR r.url <> '' OR r.external_ref <> '' OR r.extra <> '{{}}'""",
        forget=_forget_text,
        days=730,
        export=_text,
        withheld="What others wrote in their reports is left out: it could tell who they are (GDPR art. 15(4)).",
    ),
    DataClass(
        slug="report-contact",
        of_a_case=True,
        label="Reporters' names and addresses on their reports",
        way="Emptied",
        since="after the report came in and its case was decided",
        covers={"intake.Report": "reporter_name reporter_email"},
        rows=f"""SELECT r.id, r.received_at AS at, {OF_A_REPORT.format(party="'reporter'")} FROM intake_report r
            WHERE r.reporter_name <> '' OR r.reporter_email <> ''""",
        forget=_forget_contact,
        days=365,
        export=_contact,
    ),
    DataClass(
        slug="messages",
        of_a_case=True,
        label="Mails and files as they came in",
        way="Emptied; sender, text and files go, digest and time stay",
        since="after the message came in and the cases of its reports were decided",
        covers={"intake.Message": "raw sender recipients subject reason warnings"},
        rows="""SELECT m.id, m.received_at AS at, 'M ' || left(m.id::text, 13) AS ref, 'reporter' AS party,
            r.id AS report_id, NULL::uuid AS case_id, NULL::uuid AS target_id,
            CASE WHEN m.sender <> '' THEN 'mail:' || lower(m.sender) END AS reporter_key,
            CASE WHEN m.state IN ('unread', 'needs-human') THEN 'Somebody has yet to read it' END AS keep
            FROM intake_message m LEFT JOIN intake_report r ON r.message_id = m.id WHERE length(m.raw) > 0""",
        forget=_forget_messages,
        days=365,
        export=_messages,
    ),
)

not_personal("What kind of report or message it is", intake__Report="category language",
             intake__Message="source digest format")  # fmt: skip
not_personal("An error of Seacliff's own, gone when the report is routed", intake__Unrouted="error")
not_personal("A sender's own number for a request, and a digest", intake__IdempotencyKey="key digest")
