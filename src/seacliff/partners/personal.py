"""What this room keeps about people: what went with asks about cases, and whom of the company it was carried to."""

from typing import Any

from django.db.models import Case, Value, When

from seacliff.partners.models import Absence, Ask, AskLink, AskMessage, Dispatch
from seacliff.record.personal import DataClass, Rows, emptied, not_personal, register

ABOUT = (
    "NULL::uuid AS report_id, CASE WHEN q.about_kind = 'case' THEN q.about_id END AS case_id, NULL::uuid AS target_id,"
    " NULL::text AS reporter_key"
)
NO_TIES = "NULL::uuid AS report_id, NULL::uuid AS case_id, NULL::uuid AS target_id, NULL::text AS reporter_key"
OPEN = "CASE WHEN q.closed_at IS NULL THEN 'The ask has yet to be answered' END AS keep"


def _forget_asks(rows: Rows) -> int:
    """A refusal keeps that there was a reason: the database demands one."""
    values: dict[str, Any] = {"question": "", "shared": [], "about_label": "", "form_answers": {}, "outcome_text": ""}
    return emptied(Ask, rows, reason=Case(When(reason="", then=Value("")), default=Value("erased")), **values)


def _forget_messages(rows: Rows) -> int:
    return emptied(AskMessage, rows, body="")


def _forget_dispatches(rows: Rows) -> int:
    return Dispatch.objects.filter(id__in=rows).delete()[0]


def _forget_links(rows: Rows) -> int:
    return AskLink.objects.filter(id__in=rows).delete()[0]


def _forget_absences(rows: Rows) -> int:
    return Absence.objects.filter(id__in=rows).delete()[0]


register(
    DataClass(
        slug="asks",
        of_a_case=True,
        label="What other functions were asked, and what went with it",
        way="Emptied; who asked whom, kind, answer and times stay",
        since="after the ask was answered and its case was decided",
        covers={"partners.Ask": "question shared about_label form_answers reason outcome_text"},
        rows=f"""SELECT q.id, q.closed_at AS at, 'Q-' || q.number AS ref, 'affected' AS party, {ABOUT}, {OPEN}
            FROM partners_ask q WHERE q.question <> '' OR q.shared <> '[]'""",
        forget=_forget_asks,
        days=1095,
        withheld="What colleagues asked each other is left out: it may speak of others.",
    ),
    DataClass(
        slug="ask-messages",
        of_a_case=True,
        label="What was said about asks",
        way="Emptied; who wrote and when stays",
        since="after the ask was answered and its case was decided",
        covers={"partners.AskMessage": "body"},
        rows=f"""SELECT m.id, q.closed_at AS at, 'Q-' || q.number AS ref, 'affected' AS party, {ABOUT}, {OPEN}
            FROM partners_askmessage m JOIN partners_ask q ON q.id = m.ask_id WHERE m.body <> ''""",
        forget=_forget_messages,
        days=1095,
    ),
    DataClass(
        slug="dispatches",
        of_a_case=True,
        label="Mails and chat messages about asks",
        way="Deleted",
        since="after it was sent or given up, and its ask was answered",
        covers={"partners.Dispatch": "key address recipient_name data last_error external_id"},
        rows=f"""SELECT d.id, greatest(d.sent_at, d.give_up_at, q.closed_at) AS at, 'mail ' || d.purpose AS ref,
            'affected' AS party, {ABOUT},
            CASE WHEN d.state = 'pending' THEN 'It has yet to be sent'
                 WHEN q.id IS NOT NULL AND q.closed_at IS NULL THEN 'The ask has yet to be answered' END AS keep
            FROM partners_dispatch d LEFT JOIN partners_ask q ON q.id = d.ask_id""",
        forget=_forget_dispatches,
        days=183,
    ),
    DataClass(
        slug="ask-links",
        label="Links that open an ask to one person",
        way="Deleted",
        since="after the link ended",
        covers={"partners.AskLink": "email name"},
        rows=f"""SELECT l.id, l.expires_at AS at, 'link' AS ref, 'staff' AS party, {NO_TIES}, NULL::text AS keep
            FROM partners_asklink l WHERE l.expires_at < now()""",
        forget=_forget_links,
        days=90,
    ),
    DataClass(
        slug="absences",
        label="Who was away, and who stood in",
        way="Deleted",
        since="after the last day",
        covers={"partners.Absence": "email deputy"},
        rows=f"""SELECT id, until::timestamptz AS at, 'absence' AS ref, 'staff' AS party, {NO_TIES}, NULL::text AS keep
            FROM partners_absence""",
        forget=_forget_absences,
        days=365,
    ),
)

not_personal("Names and addresses of colleagues, kept with what they asked and answered",
             partners__Ask="asker_name asker_email to_email acknowledged_by answered_by answered_via",
             partners__AskHistory="*", partners__AskMessage="author_name via")  # fmt: skip
not_personal("The form of an answer, keys, channels", partners__Ask="form key", partners__AskMessage="external_id",
             partners__Dispatch="channel", partners__Reminder="*")  # fmt: skip
not_personal("The working agreement: functions and their contacts in the company", partners__CharterVersion="*")
