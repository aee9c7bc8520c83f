"""What follows from a mail to a reply address: an answer, a message, a failed delivery, nothing, or a person's look."""

import email
import email.policy
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from flufl.bounce import all_failures

from seacliff.connectors.email import addresses
from seacliff.connectors.email.reading import File, Reply, read_reply
from seacliff.connectors.hearing import Heard, Words, hear, hear_many, meant, speakers
from seacliff.connectors.incoming import done, ignored, needs_human
from seacliff.connectors.models import Incoming
from seacliff.partners import actions, channels
from seacliff.partners.access import By, side_of
from seacliff.partners.directory import Recipient
from seacliff.partners.models import Ask, AskMessage, Dispatch
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
    raw = bytes(row.raw)
    reply = read_reply(raw)
    if reply.automatic == "bounce":
        _bounced(row, row.dispatch, raw)
    elif reply.automatic:
        _automatic(row, row.ask, reply)
    elif why := Doubts([row]).about(row, reply):
        needs_human(row, why)
    else:
        try:
            _do(row, reply)
        except Problem as problem:
            needs_human(row, problem.detail)


def settle_many(rows: Sequence[Incoming]) -> list[Incoming]:
    """Settle those that are plainly an answer or a message of whoever was asked; the others are given back as they came. No
    two rows are about one ask."""
    asks = actions.locked_many(row.ask_id for row in rows if row.ask_id is not None)
    known = [row for row in rows if row.dispatch is not None and row.ask_id in asks]
    for row in known:
        row.ask = asks.get(row.ask_id) if row.ask_id else None  # read once, for all that follows
    doubts = Doubts(known)
    read = [(row, read_reply(bytes(row.raw))) for row in known]
    words = _words([(row, reply) for row, reply in read if not reply.automatic and not doubts.about(row, reply)])
    plain = [each for each in words if side_of(each.by, each.ask) == AskMessage.Side.ASKED
             and meant(each).kind in (Kind.ANSWER, Kind.MESSAGE)]  # fmt: skip
    heard = hear_many(plain)
    channels.leave(
        [news for each, found in zip(plain, heard, strict=True) for news in _how_understood(each.row, found)]
    )
    settled = {each.row.id for each in plain}
    return [row for row in rows if row.id not in settled]


def take_by_hand(row: Incoming) -> None:
    """Do what a mail says on a person's word that its recipient wrote it. Raises Problem."""
    _do(row, read_reply(bytes(row.raw)))


class Doubts:
    """Why a person must look at mails before anything follows; asked of the database once for many."""

    def __init__(self, rows: Sequence[Incoming]) -> None:
        self.revoked = addresses.revoked({row.ask_id for row in rows if row.ask_id})
        self.lately = _lately(rows)

    def about(self, row: Incoming, reply: Reply) -> str:
        """A sentence; empty when nothing stands against it."""
        assert row.dispatch is not None and row.ask is not None
        address = row.dispatch.address
        if reply.sender != address.lower():
            return f"It came from {reply.sender or 'nobody'}; this reply address was made for {address}."
        if reply.doubt:
            return reply.doubt
        if closed := addresses.why_closed(row.ask, row.received_at):
            return closed
        if (row.ask_id, address.lower()) in self.revoked:
            return f"The access of {address} to this ask was revoked."
        if self.lately.get(row.id, 0) > MANY:
            return f"More than {MANY} mails of {reply.sender} came within an hour: two programs may be answering each other."
        return ""


LATELY = """
SELECT n.id, count(*) FROM unnest(%(rows)s::uuid[]) AS n (id) JOIN connectors_incoming row ON row.id = n.id
JOIN partners_dispatch d ON d.id = row.dispatch_id
JOIN connectors_incoming other ON other.ask_id = row.ask_id AND upper(other.sender) = upper(d.address)
    AND other.received_at > row.received_at - %(within)s
GROUP BY n.id
"""


def _lately(rows: Sequence[Incoming]) -> dict[UUID, int]:
    """How many mails of the one whom each mail's address was made for came about its ask within the hour before."""
    values: dict[str, Any] = {"rows": [row.id for row in rows], "within": WITHIN}
    with connection.cursor() as cursor:
        cursor.execute(LATELY, values)
        return dict(cursor.fetchall())


def _do(row: Incoming, reply: Reply) -> None:
    (words,) = _words([(row, reply)])
    channels.leave(_how_understood(row, hear(words)))


def _words(read: Sequence[tuple[Incoming, Reply]]) -> list[Words]:
    """What was written, by whom, with the files kept."""
    by = speakers([_writer(row, reply) for row, reply in read], "email")
    return [_with_files(row, who, reply) for who, (row, reply) in zip(by, read, strict=True)]


def _writer(row: Incoming, reply: Reply) -> tuple[Ask, str, str]:
    assert row.dispatch is not None and row.ask is not None
    return row.ask, row.dispatch.address, row.dispatch.recipient_name or reply.sender_name


def _with_files(row: Incoming, by: By, reply: Reply) -> Words:
    assert row.dispatch is not None and row.ask is not None
    files, left_out = _kept(reply.files)
    text = "\n\n".join(filter(None, [reply.text, *left_out]))
    return Words(row, by, row.ask, text, files, row.dispatch.purpose)


def _kept(files: tuple[File, ...]) -> tuple[list[tuple[Evidence, str]], list[str]]:
    kept, left_out = [], []
    for file in files:
        try:
            kept.append((evidence.keep(file.content), file.name))
        except evidence.EvidenceTooLarge as problem:
            left_out.append(f"({file.name} is left out. {problem})")
    return kept, left_out


def _how_understood(row: Incoming, heard: Heard) -> list[Dispatch]:
    """Whoever answered by mail hears how it was understood: a program read it, and may be wrong."""
    if heard.kind != Kind.ANSWER and not heard.problem:
        return []
    assert row.dispatch is not None
    to = Recipient("email", row.dispatch.address, row.dispatch.recipient_name)
    return channels.drafted(
        row.ask, Dispatch.Purpose.UNDERSTOOD, str(row.id), [to], said=heard.said, problem=heard.problem
    )


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
