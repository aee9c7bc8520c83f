"""What the worker does for intake by itself."""

from django.conf import settings

from seacliff.intake.actions import read_waiting
from seacliff.intake.mailbox import poll
from seacliff.record.desks import desk


@desk("reading", every=5.0, wake="intake_message")
def read_messages() -> int:
    """Kept messages become reports, or wait for a person."""
    return read_waiting()


@desk("mailbox", every=30.0)
def look_into_mailbox() -> int:
    """Mails in the mailbox of SEACLIFF_IMAP_URL are kept."""
    return poll(settings.IMAP_URL) if settings.IMAP_URL else 0
