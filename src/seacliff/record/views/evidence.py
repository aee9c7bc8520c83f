"""Evidence, served so that it can hurt nobody: pictures redrawn, text inert, everything else only as a download."""

import re
from collections.abc import Iterator
from uuid import UUID

from django.core.files.base import File
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from seacliff.record import actions, evidence, showing
from seacliff.record.access import EVIDENCE_VIEW, actor_of, attachment_to_show, facts, needs
from seacliff.record.actions import Subject
from seacliff.record.models import Attachment, Evidence
from seacliff.record.raw import INERT

RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")  # RFC 9110, section 14.1.2; one range only
CHUNK = 256 * 1024
READABLE = (Evidence.Kind.TEXT, Evidence.Kind.MAIL, Evidence.Kind.JSON)
PLAYABLE = (Evidence.Kind.VIDEO, Evidence.Kind.AUDIO)


@needs(EVIDENCE_VIEW, secluded=True)
@require_safe
def show(request: HttpRequest, attachment_id: UUID) -> HttpResponseBase:
    """One attachment as itself; `?as=preview`, a blur which is no look at it; `?as=file`, the original to download."""
    story = evidence.story_in(attachment_id, request.GET.get("in", ""))
    attachment = attachment_to_show(request, attachment_id, story)
    wanted = request.GET.get("as", "")
    try:
        response = _answer(request, attachment, wanted)
    except showing.CannotShow as reason:
        response = HttpResponse(str(reason), status=422, content_type="text/plain; charset=utf-8")
    except evidence.EvidenceMissing as reason:
        raise Http404(str(reason)) from reason
    if wanted != "preview" and _is_a_look(request, response):
        subject = Subject(attachment.subject_kind, attachment.subject_id)
        data = {**facts(attachment), "as": "file" if wanted == "file" else "shown"}
        actions.happened("evidence.opened", subject, actor_of(request), story=story, data=data)
    if wanted or attachment.evidence.kind not in READABLE:  # those are pages of the console, under its own policy
        response.headers["Content-Security-Policy"] = INERT
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def _answer(request: HttpRequest, attachment: Attachment, wanted: str) -> HttpResponseBase:
    kind = attachment.evidence.kind
    if wanted == "preview":
        return _preview(attachment)
    if wanted == "file" or kind == Evidence.Kind.OTHER:
        return _download(attachment)
    if kind == Evidence.Kind.IMAGE:
        content, media_type = showing.picture(evidence.read(attachment.evidence))
        return HttpResponse(content, content_type=media_type)
    if kind in PLAYABLE:
        return _stream(request, attachment)
    return _page(request, attachment)


def _is_a_look(request: HttpRequest, response: HttpResponseBase) -> bool:
    """A player asks for one file in many ranges: the one that begins at the beginning counts."""
    first = RANGE.match(request.headers.get("Range", ""))
    return response.status_code < 300 and (response.status_code != 206 or (first is not None and first.group(1) == "0"))


def _preview(attachment: Attachment) -> HttpResponse:
    if attachment.evidence.kind != Evidence.Kind.IMAGE:
        raise Http404("Only pictures have a preview.")
    content, media_type = showing.preview(evidence.read(attachment.evidence))
    response = HttpResponse(content, content_type=media_type)
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def _download(attachment: Attachment) -> FileResponse:
    name = attachment.name or attachment.evidence_id[:12]
    file = evidence.opened(attachment.evidence)
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/octet-stream")


def _page(request: HttpRequest, attachment: Attachment) -> HttpResponse:
    """A text, mail or JSON: as a part for htmx, otherwise as a page of its own."""
    content = evidence.read(attachment.evidence, showing.TEXT_MOST * 4)
    context = {
        "attachment": attachment,
        "item": evidence.shown([attachment], evidence.story_in(attachment.id, request.GET.get("in", "")))[0],
        "readable": showing.readable(attachment.evidence, content),
        "is_json": attachment.evidence.kind == Evidence.Kind.JSON,
        "title": attachment.name or _("Unnamed file"),
    }
    part = bool(getattr(request, "htmx", False))
    return render(request, "record/parts/readable.html" if part else "record/evidence.html", context)


def _stream(request: HttpRequest, attachment: Attachment) -> HttpResponseBase:
    size = attachment.evidence.size
    asked = RANGE.match(request.headers.get("Range", ""))
    first, last = _range(asked, size) if asked else (0, size - 1)
    headers = {"Accept-Ranges": "bytes"}
    if first > last:
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    headers["Content-Length"] = str(last - first + 1)
    if asked:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    pieces = _pieces(evidence.opened(attachment.evidence), first, last)
    status, media_type = 206 if asked else 200, attachment.evidence.media_type
    return StreamingHttpResponse(pieces, status=status, headers=headers, content_type=media_type)


def _range(asked: re.Match[str], size: int) -> tuple[int, int]:
    """First and last byte; first > last when there is nothing there."""
    first, last = asked.groups()
    if not first:  # "bytes=-500": the last 500
        return (max(0, size - int(last)), size - 1) if last and int(last) else (1, 0)
    return int(first), min(int(last), size - 1) if last else size - 1


def _pieces(file: File, first: int, last: int) -> Iterator[bytes]:
    left = last - first + 1
    with file:
        file.seek(first)
        while left > 0 and (piece := file.read(min(CHUNK, left))):
            left -= len(piece)
            yield piece
