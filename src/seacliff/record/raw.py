"""What came in from outside, as it came: shown whole on a page (record/parts/raw.html), and as a file no browser opens."""

from typing import Any

from django.http import HttpResponse

from seacliff.record.models import Evidence
from seacliff.record.showing import readable

MOST = 200_000  # bytes of the source on the page; the download has all
INERT = "default-src 'none'; sandbox"


def shown(raw: bytes, kind: Evidence.Kind) -> dict[str, Any]:
    """What record/parts/raw.html takes."""
    return {
        "readable": readable(Evidence(size=len(raw), kind=kind), raw),
        "is_mail": kind == Evidence.Kind.MAIL,
        "source": raw[:MOST].decode("utf-8", "backslashreplace"),
        "cut": len(raw) > MOST,
        "size": len(raw),
    }


def download(raw: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(raw, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Security-Policy"] = INERT
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
