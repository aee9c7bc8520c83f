"""What follows from a mail to a reply address: an answer, a message, a failed delivery, nothing, or a person's look."""

import email
import email.policy
import re
from datetime import timedelta

from flufl.bounce import all_failures

from seacliff.connectors.email import addresses
from seacliff.connectors.email.reading import File, Reply, read_reply
from seacliff.connectors.hearing import Heard, hear, speaker
from seacliff.connectors.incoming import done, ignored, needs_human
from seacliff.connectors.models import Incoming
from seacliff.partners import channels
from seacliff.partners.directory import Recipient
from seacliff.partners.models import Ask, Dispatch
from seacliff.people.problems import Problem
from seacliff.record import evidence
from seacliff.record.actions import SYSTEM, Subject, happened
from seacliff.record.models import Evidence

MANY, WITHIN = 20, timedelta(hours=1)  # mails of one sender about one ask; more look like two robots talking
Kind = Incoming.Kind
_DIAGNOSTIC = re.compile(rb"^Diagnostic-Code:[ \t]*(?:[\w-]+;)?[ \t]*(.{1,300})", re.MULTILINE | re.IGNORECASE)


def settle(row: Incoming) -> None:
    """Read a kept mail and do what it says, inside the caller's transaction."""
    if row.dispatch is None or row.ask is None:
        needs_human(row, "The reply address is none that was given out here: its signature does not fit.")
        return
    row.dispatch.ask = row.ask  # it came with its functions and charter; nobody need look it up again
    raw = bytes(row.raw)
    reply = read_reply(raw)
    if reply.automatic == "bounce":
        _bounced(row, row.dispatch, raw)
    elif reply.automatic:
        _automatic(row, row.ask, reply)
    elif why := _why_not(row, row.dispatch, reply):
        needs_human(row, why)
    else:
        _heard(row, row.ask, row.dispatch, reply)


def take_by_hand(row: Incoming) -> None:
    """Do what a mail says on a person's word that its recipient wrote it. Raises Problem."""
    assert row.dispatch is not None and row.ask is not None
    reply = read_reply(bytes(row.raw))
    _do(row, row.ask, row.dispatch, reply)


def _why_not(row: Incoming, dispatch: Dispatch, reply: Reply) -> str:
    """Why a person must look before anything follows; empty when nothing stands against it."""
    if reply.sender != dispatch.address.lower():
        return f"It came from {reply.sender or 'nobody'}; this reply address was made for {dispatch.address}."
    if reply.doubt:
        return reply.doubt
    if closed := addresses.why_closed(dispatch, row.received_at):
        return closed
    since = row.received_at - WITHIN
    lately = Incoming.objects.filter(ask=row.ask, sender__iexact=reply.sender, received_at__gt=since)
    if lately.count() > MANY:
        return (
            f"More than {MANY} mails of {reply.sender} came within an hour: two programs may be answering each other."
        )
    return ""


def _heard(row: Incoming, ask: Ask, dispatch: Dispatch, reply: Reply) -> None:
    try:
        _do(row, ask, dispatch, reply)
    except Problem as problem:
        needs_human(row, problem.detail)


def _do(row: Incoming, ask: Ask, dispatch: Dispatch, reply: Reply) -> None:
    by = speaker(ask, dispatch.address, dispatch.recipient_name or reply.sender_name, "email")
    files, left_out = _kept(reply.files)
    text = "\n\n".join(filter(None, [reply.text, *left_out]))
    heard = hear(row, by, ask, text, files=files, purpose=dispatch.purpose)
    _tell_how(row, ask, dispatch, heard)


def _kept(files: tuple[File, ...]) -> tuple[list[tuple[Evidence, str]], list[str]]:
    kept, left_out = [], []
    for file in files:
        try:
            kept.append((evidence.keep(file.content), file.name))
        except evidence.EvidenceTooLarge as problem:
            left_out.append(f"({file.name} is left out. {problem})")
    return kept, left_out


def _tell_how(row: Incoming, ask: Ask, dispatch: Dispatch, heard: Heard) -> None:
    """Whoever answered by mail hears how it was understood: a program read it, and may be wrong."""
    if heard.kind == Kind.ANSWER or heard.problem:
        to = Recipient("email", dispatch.address, dispatch.recipient_name)
        channels.order(ask, Dispatch.Purpose.UNDERSTOOD, str(row.id), [to], said=heard.said, problem=heard.problem)


def _automatic(row: Incoming, ask: Ask, reply: Reply) -> None:
    sentence = {
        "receipt": "A receipt that the mail was opened.",
        "ours": "A mail of Seacliff's own that came back in a circle.",
    }.get(reply.automatic, f"{reply.sender or 'A mailbox'} answered by itself: {reply.subject or 'no subject'}")
    ignored(row, Kind.AUTOMATIC, sentence)
    if reply.automatic == "auto-reply":
        happened("ask.auto-reply", Subject("ask", ask.id), SYSTEM, story=ask.id, reason=row.reason[:500])


def _bounced(row: Incoming, dispatch: Dispatch, raw: bytes) -> None:
    """A delivery status (RFC 3464) or one of the older forms. A delay is none: the mail server goes on trying."""
    delayed, failed = all_failures(email.message_from_bytes(raw, policy=email.policy.compat32))
    gone = sorted(_text(address) for address in failed)
    if not gone and delayed:
        ignored(row, Kind.BOUNCE, "The mail server goes on trying to deliver the mail.")
        return
    if not gone:
        row.kind = Kind.BOUNCE
        needs_human(row, "A mail came back, but not in a form that says why.")
        return
    said = _DIAGNOSTIC.search(raw)
    why = " ".join(said[1].decode("utf-8", "replace").split()) if said else "no reason given"
    channels.came_back(dispatch, f"The mail to {', '.join(gone)} could not be delivered: {why}")
    done(row, Kind.BOUNCE)
    row.reason = why


def _text(address: bytes | str) -> str:
    return address.decode("utf-8", "replace") if isinstance(address, bytes) else address
