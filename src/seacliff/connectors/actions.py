"""What a person does with something that came in and that no program dared to decide on."""

from django.db import transaction

from seacliff.connectors.email.replies import take_by_hand
from seacliff.connectors.models import Incoming
from seacliff.partners import channels
from seacliff.partners.models import Dispatch
from seacliff.people.problems import Conflict, Invalid
from seacliff.record.actions import Actor, Subject, happened

State = Incoming.State


def take(row: Incoming, actor: Actor) -> Incoming:
    """It is from whom the mail was for: do what it says, on this person's word. Raises Conflict, Invalid."""
    with transaction.atomic():
        row = _waiting(row)
        if row.ask is None or row.dispatch is None:
            raise Invalid("It is not known which ask this is about. Write to the ask yourself, then set it aside.")
        take_by_hand(row)
        row.state = State.HANDLED
        row.save(update_fields=["state", "kind", "reason", "message"])
        data = {"channel": row.channel, "from": row.sender, "as": row.kind}
        happened("ask.reply-taken", Subject("ask", row.ask.id), actor, story=row.ask.id, data=data)
    return row


def set_aside(row: Incoming, actor: Actor, reason: str) -> None:
    """Nothing follows from it. It stays, with the reason on the record. Raises Conflict, Invalid."""
    if not reason.strip():
        raise Invalid("Say why.", errors=[{"pointer": "#/reason", "detail": "Say why."}])
    with transaction.atomic():
        row = _waiting(row)
        row.state = State.HANDLED
        row.save(update_fields=["state"])
        subject = Subject("ask", row.ask_id) if row.ask_id else Subject("incoming", row.id)
        data = {"channel": row.channel, "from": row.sender}
        happened("ask.reply-set-aside", subject, actor, story=row.ask_id, reason=reason.strip(), data=data)


def send_again(dispatch: Dispatch, actor: Actor) -> None:
    """Its address was mended, or the other side is back."""
    with transaction.atomic():
        channels.send_again(dispatch)
        subject = Subject("ask", dispatch.ask_id) if dispatch.ask_id else Subject("dispatch", dispatch.id)
        data = {"purpose": dispatch.purpose, "channel": dispatch.channel, "to": dispatch.recipient_name}
        happened("ask.news-sent-again", subject, actor, story=dispatch.ask_id, data=data)


def _waiting(row: Incoming) -> Incoming:
    found = Incoming.objects.select_for_update(of=["self"]).select_related("dispatch", "ask__from_function",
        "ask__to_function", "ask__charter").get(id=row.id)  # fmt: skip
    if found.state != State.NEEDS_HUMAN:
        raise Conflict("This does not wait for a person any more: somebody else was faster.")
    return found
