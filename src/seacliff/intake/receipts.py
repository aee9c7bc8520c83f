"""What a reporter is given: a short code to name the report by, and a private link to follow it. Neither is stored.

The code is the millisecond of the report's id, stirred so that neighbours look different, in Crockford's base 32, which
has no letters that are mistaken for digits. The link carries the id and a keyed digest of it.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from seacliff.record import tokens
from seacliff.record.ids import first_id, time_of

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MISREAD = str.maketrans("OIL", "011")
BITS = 40  # of milliseconds: codes come again after 34 years
STIR = 0x9E3779B97F | 1  # odd, so that multiplying can be undone modulo 2**40
UNSTIR = pow(STIR, -1, 1 << BITS)
MASK = (1 << BITS) - 1
TOKEN_DAYS = 730  # after which a status link is refused
PURPOSE = "status"


def code_of(report_id: UUID) -> str:
    """The receipt code, such as "R-7Q2M-X4KD"."""
    number = ((report_id.int >> 80) * STIR) & MASK
    letters = "".join(ALPHABET[(number >> shift) & 31] for shift in range(BITS - 5, -1, -5))
    return f"R-{letters[:4]}-{letters[4:]}"


def ids_of(code: str, now: datetime | None = None) -> tuple[UUID, UUID] | None:
    """The range of ids, first and last excluded, that a receipt code names; None when it is no code."""
    letters = code.strip().upper().removeprefix("R").replace("-", "").replace(" ", "").translate(MISREAD)
    if len(letters) != BITS // 5 or any(letter not in ALPHABET for letter in letters):
        return None
    number = 0
    for letter in letters:
        number = number << 5 | ALPHABET.index(letter)
    low = (number * UNSTIR) & MASK
    present = int((now or timezone.now()).timestamp() * 1000)
    cycle = present >> BITS
    moment = cycle << BITS | low
    if moment > present + 86_400_000:
        moment -= 1 << BITS
    start = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=moment)
    return first_id(start), first_id(start + timedelta(milliseconds=1))


def token_of(report_id: UUID) -> str:
    """The secret part of the report's status link."""
    return tokens.token_of(PURPOSE, report_id)


def report_of(token: str) -> UUID | None:
    """The report a status link belongs to; None for a link that was made up, changed, or is older than TOKEN_DAYS."""
    report_id = tokens.id_of(PURPOSE, token)
    if report_id is None or timezone.now() - time_of(report_id) >= timedelta(days=TOKEN_DAYS):
        return None
    return report_id


@lru_cache(maxsize=1)
def _status_path() -> str:
    try:
        return reverse("review:status", args=["TOKEN"])
    except NoReverseMatch:
        return "/status/TOKEN"


def status_url(report_id: UUID) -> str:
    """The whole private address of the report's status page."""
    return settings.BASE_URL + _status_path().replace("TOKEN", token_of(report_id))
