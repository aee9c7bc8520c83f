"""What this room keeps about people: what came from outside about asks, as it came."""

from seacliff.connectors.models import Incoming
from seacliff.partners.personal import ABOUT
from seacliff.record.personal import DataClass, Rows, emptied, not_personal, register


def _forget_incoming(rows: Rows) -> int:
    return emptied(Incoming, rows, raw=b"", sender="", subject="", reason="")


register(
    DataClass(
        slug="incoming",
        of_a_case=True,
        label="Mails and chat messages that came about asks, whole",
        way="Emptied; when it came and what it was understood as stay",
        since="after it was settled and its ask was answered",
        covers={"connectors.Incoming": "raw sender subject reason"},
        rows=f"""SELECT i.id, greatest(i.settled_at, q.closed_at) AS at, 'incoming ' || i.channel AS ref,
            'affected' AS party, {ABOUT},
            CASE WHEN i.state IN ('kept', 'needs-human') THEN 'It has yet to be handled'
                 WHEN q.id IS NOT NULL AND q.closed_at IS NULL THEN 'The ask has yet to be answered' END AS keep
            FROM connectors_incoming i LEFT JOIN partners_ask q ON q.id = i.ask_id WHERE i.raw <> ''""",
        forget=_forget_incoming,
        days=183,
    ),
)

not_personal("Names of things in other systems", connectors__Incoming="channel key",
             connectors__Thread="*")  # fmt: skip
