"""Looks into a mailbox over IMAP: what is unseen there is kept here, then marked as seen. Nothing is deleted."""

import imaplib
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import SplitResult, unquote, urlsplit

import structlog
from imap_tools import AND, BaseMailBox, MailBox, MailBoxUnencrypted, MailMessageFlags
from imap_tools.errors import ImapToolsError

from seacliff.intake.mail_door import MOST_BYTES, NoProduct, receive

log = structlog.get_logger("seacliff.intake")
AT_ONCE = 50
WITHIN = 30.0  # seconds for the mail server to answer
_trouble = ""  # what was logged last: the same trouble is told once


class BadMailbox(ValueError):
    """What is wrong with SEACLIFF_IMAP_URL, in a sentence without the password."""


def poll(address: str) -> int:
    """Keep up to AT_ONCE unseen mails; how many. A mailbox that can't be reached is logged, and tried again later."""
    global _trouble
    try:
        with _open(urlsplit(address)) as box:
            done = sum(_keep(box, uid) for uid in box.uids(AND(seen=False, flagged=False))[:AT_ONCE])
    except (OSError, imaplib.IMAP4.error, ImapToolsError, BadMailbox, NoProduct) as error:
        sentence = str(error) or type(error).__name__
        if sentence != _trouble:
            log.warning("the mailbox can't be read", host=urlsplit(address).hostname, error=sentence)
        _trouble = sentence
        return 0
    _trouble = ""
    return done


@contextmanager
def _open(parts: SplitResult) -> Iterator[BaseMailBox]:
    if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
        raise BadMailbox("SEACLIFF_IMAP_URL reads like imaps://user:password@host/INBOX.")
    box: BaseMailBox
    if parts.scheme == "imaps":
        box = MailBox(parts.hostname, parts.port or 993, timeout=WITHIN)
    else:
        box = MailBoxUnencrypted(parts.hostname, parts.port or 143, timeout=WITHIN)
    folder = unquote(parts.path.strip("/")) or "INBOX"
    with box.login(unquote(parts.username), unquote(parts.password or ""), initial_folder=folder):
        yield box


def _keep(box: BaseMailBox, uid: str) -> int:
    """Keep one mail. It is marked only after it is on disk; one that is too large is flagged for a person to look at."""
    _status, answer = box.client.uid("fetch", uid, "(BODY.PEEK[])")
    raw = next((part[1] for part in answer if isinstance(part, tuple)), None)
    if raw is None:  # somebody took it out of the mailbox meanwhile
        return 0
    if len(raw) > MOST_BYTES:
        log.warning("a mail in the mailbox is too large to be kept", uid=uid, bytes=len(raw))
        box.flag(uid, MailMessageFlags.FLAGGED, True)
        return 0
    receive(raw, source="imap")
    box.flag(uid, MailMessageFlags.SEEN, True)
    return 1
