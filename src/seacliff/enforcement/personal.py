"""What this room keeps about people: what was said to them, and what was sent about them to the product."""

from typing import Any

from seacliff.enforcement.models import Delivery, Notice
from seacliff.record.personal import DataClass, Rows, emptied, not_personal, register


def _forget_notices(rows: Rows) -> int:
    return emptied(Notice, rows, subject="", body="", address="", last_error="")


def _forget_deliveries(rows: Rows) -> int:
    return Delivery.objects.filter(id__in=rows).delete()[0]


def _notices(rows: Rows, party: str) -> list[dict[str, Any]]:
    fields = ("sent_at", "outcome", "language", "address", "subject", "body")
    return list(Notice.objects.filter(id__in=rows, audience=party).order_by("id").values(*fields))


def _deliveries(rows: Rows, party: str) -> list[dict[str, Any]]:
    found = Delivery.objects.filter(id__in=rows).select_related("action").order_by("id")
    return [{"delivered_at": one.delivered_at, "action": one.action.kind if one.action else one.type} for one in found]


register(
    DataClass(
        slug="notices",
        of_a_case=True,
        label="Notices, word for word",
        way="Emptied; audience, outcome, language and time stay",
        since="after it was sent and its case was decided",
        covers={"enforcement.Notice": "address subject body last_error"},
        rows="""SELECT n.id, coalesce(n.sent_at, n.not_before) AS at, 'notice ' || n.outcome AS ref, n.audience AS party,
            n.report_id, n.case_id, n.target_id, NULL::text AS reporter_key,
            CASE WHEN n.state = 'pending' THEN 'It has yet to be sent' END AS keep
            FROM enforcement_notice n WHERE n.body <> '' OR n.address <> ''""",
        forget=_forget_notices,
        days=730,
        export=_notices,
    ),
    DataClass(
        slug="deliveries",
        label="Messages to programs (webhooks)",
        way="Deleted; the action they carried stays",
        since="after it was delivered or given up",
        covers={"enforcement.Delivery": "payload last_error"},
        rows="""SELECT d.id, coalesce(d.delivered_at, d.give_up_at) AS at, d.type AS ref, 'affected' AS party,
            NULL::uuid AS report_id, a.case_id, a.target_id, NULL::text AS reporter_key,
            CASE WHEN d.state = 'pending' THEN 'It has yet to be delivered' END AS keep
            FROM enforcement_delivery d LEFT JOIN enforcement_action a ON a.id = d.action_id""",
        forget=_forget_deliveries,
        days=90,
        export=_deliveries,
    ),
)

not_personal("What was done: kinds, days, features", enforcement__Action="parameters", enforcement__Notice="language",
             enforcement__Delivery="type", enforcement__FanOut="name")  # fmt: skip
not_personal("A program's address and secrets", enforcement__Endpoint="*", enforcement__EndpointHistory="*")
