"""Files that go with messages of an ask: taken in, and given out as downloads to whoever may read the ask."""

from collections.abc import Sequence
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404
from django.utils.translation import gettext as _

from seacliff.partners.access import By
from seacliff.partners.actions.asking import story_of, subject_of
from seacliff.partners.models import Ask
from seacliff.people.problems import Invalid
from seacliff.record import evidence
from seacliff.record.access import facts
from seacliff.record.actions import happened
from seacliff.record.models import Attachment, Evidence

FILES_MOST = 5


def kept(files: Sequence[UploadedFile]) -> list[tuple[Evidence, str]]:
    """What was uploaded, stored. Raises Invalid for too many or too large ones."""
    if len(files) > FILES_MOST:
        sentence = _("Please choose at most %s files.") % FILES_MOST
        raise Invalid(sentence, errors=[{"pointer": "#/files", "detail": sentence}])
    try:
        return [(evidence.keep(file.read()), file.name or "") for file in files]
    except evidence.EvidenceTooLarge as problem:
        raise Invalid(str(problem), errors=[{"pointer": "#/files", "detail": str(problem)}]) from None


def download(by: By, ask: Ask, id: UUID) -> FileResponse:
    """A file of the ask's thread, to be saved and never shown. Http404 for any other file, and for what is restricted."""
    messages = ask.messages.values("id")
    found = Attachment.objects.select_related("evidence").filter(
        id=id, subject_kind="ask-message", subject_id__in=messages).first()  # fmt: skip
    if found is None or found.evidence.restricted:
        raise Http404(_("There is no such file."))
    try:
        file = evidence.opened(found.evidence)
    except evidence.EvidenceMissing as problem:
        raise Http404(str(problem)) from None
    happened("evidence.opened", subject_of(ask), by.actor, story=story_of(ask), data={**facts(found), "as": "file"})
    name = found.name or found.evidence_id[:12]
    answer = FileResponse(file, as_attachment=True, filename=name, content_type="application/octet-stream")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
