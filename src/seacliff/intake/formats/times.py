"""Points in time as other people write them: RFC 5322, ISO 8601, Unix seconds, and the forms found in abuse reports."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

_MONTHS = {
    m: i for i, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
# Zone names still appear in feedback reports, though RFC 5322 section 4.3 calls them obsolete.
_ZONES = {
    "utc": 0, "gmt": 0, "ut": 0, "z": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "mez": 60, "cest": 120,
    "mesz": 120, "eet": 120, "eest": 180, "msk": 180, "ist": 330, "hkt": 480, "sgt": 480, "jst": 540, "kst": 540,
    "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780, "brt": -180, "est": -300, "edt": -240, "cst": -360,
    "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "akst": -540, "hst": -600,
}  # fmt: skip
_ZONE = r"\s*(?P<zone>[+-]\d{2}:?\d{2}|[A-Za-z]{1,4}\b)?"
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?\s?(?P<half>[AaPp][Mm])?"
_ISO = re.compile(rf"(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}})(?:[T ,]\s?{_CLOCK}{_ZONE})?")
_DAY_FIRST = re.compile(
    r"(?P<day>\d{1,2})[ /-](?P<name>[A-Za-z]{3})[a-z]{0,6}\.?,?[ /-](?P<year>\d{4})"
    rf"(?:[ ,:]\s?{_CLOCK}{_ZONE})?"
)
_DOTTED = re.compile(rf"(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}})(?:[ ,]\s?{_CLOCK}{_ZONE})?")
_FORMS = (_ISO, _DAY_FIRST, _DOTTED)
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def read_time(value: Any) -> datetime | None:
    """The moment a value names, UTC and aware, or None when it names none. A time without a zone is taken as UTC.

    Accepts datetime, Unix seconds or milliseconds (number or digits), RFC 5322, ISO 8601 and common written forms.
    Moments before 1990 or after 2200 are refused: they are always a clock that was never set.
    """
    try:
        moment = _read(value)
        if moment is None:
            return None
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return moment if _EARLIEST <= moment <= _LATEST else None
    except (ValueError, OverflowError, OSError, TypeError, IndexError, AttributeError):
        return None


def find_time(text: str) -> datetime | None:
    """The first moment written in a piece of text (at most its first 2,000 characters are searched)."""
    text = text[:2000]
    hits = [match for form in _FORMS if (match := form.search(text))]
    return read_time(min(hits, key=lambda match: match.start()).group()) if hits else None


def _read(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_seconds(float(value))
    if not isinstance(value, str):
        return None
    text = value.strip().strip("'\"")[:100]
    if not text:
        return None
    if text[0].isdigit():
        if text.isascii() and text.replace(".", "", 1).isdigit() and 9 <= len(text) <= 17:
            return _from_seconds(float(text))
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    return _by_form(text) or parsedate_to_datetime(text)


def _from_seconds(number: float) -> datetime:
    return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)


def _by_form(text: str) -> datetime | None:
    for form in _FORMS:
        match = form.search(text)
        if match:
            return _from_match(match)
    return None


def _from_match(match: re.Match[str]) -> datetime | None:
    parts = match.groupdict()
    month = int(parts["month"]) if parts.get("month") else _MONTHS.get(parts["name"].lower())
    if month is None:
        return None
    hour = int(parts["hour"] or 0)
    if parts["half"]:
        hour = hour % 12 + (12 if parts["half"].lower() == "pm" else 0)
    local = datetime(
        int(parts["year"]), month, int(parts["day"]), hour, int(parts["minute"] or 0), int(parts["second"] or 0), 0, UTC
    )
    return local - timedelta(minutes=_offset(parts["zone"]))


def _offset(zone: str | None) -> int:
    """Minutes east of UTC."""
    if not zone:
        return 0
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "")
        return (-1 if zone[0] == "-" else 1) * (int(digits[:2]) * 60 + int(digits[2:]))
    return _ZONES.get(zone.lower(), 0)
