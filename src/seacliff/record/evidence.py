"""Evidence: what people send along. Stored once under its SHA-256, attached to any number of records."""

import contextlib
import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.core.signing import BadSignature, Signer
from django.db import connection, transaction
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from seacliff.record.actions import Subject
from seacliff.record.models import Attachment, Evidence
from seacliff.record.sniffing import sniff

LONGEST_NAME = 200
UNSPEAKABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class EvidenceTooLarge(ValueError):
    """The content is over the limit; the message says by how much."""


class EvidenceMissing(Exception):
    """The row is there, the file is not: storage was lost or points elsewhere."""


def keep(content: bytes, *, restricted: bool = False) -> Evidence:
    """Store `content` and say what it is. The same content is stored once; once restricted, it stays restricted.

    Raises EvidenceTooLarge. The file is there before the row is: a transaction that fails leaves a file nobody names.
    """
    if len(content) > settings.EVIDENCE_MAX_BYTES:
        size, most = filesizeformat(len(content)), filesizeformat(settings.EVIDENCE_MAX_BYTES)
        raise EvidenceTooLarge(f"This file has {size}; the most that is kept is {most}. Send a smaller one.")
    sha256 = hashlib.sha256(content).hexdigest()
    with transaction.atomic(savepoint=False):
        _lock(sha256, "_shared")
        known = Evidence.objects.filter(sha256=sha256).first()
        if known is None or not is_stored(known):
            _store(sha256, content)
        if known is None:
            media_type, kind = sniff(content)
            facts = {"size": len(content), "media_type": media_type, "kind": kind, "restricted": restricted}
            Evidence.objects.bulk_create([Evidence(sha256=sha256, **facts)], ignore_conflicts=True)
            known = Evidence.objects.get(sha256=sha256)  # somebody else may have been faster
    if restricted and not known.restricted:
        Evidence.objects.filter(sha256=sha256).update(restricted=True)
        known.restricted = True
    return known


def _place(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def _store(sha256: str, content: bytes) -> None:
    """Write the file under exactly its own name, whoever else is writing the same at this moment."""
    place = _place(sha256)
    for _attempt in range(3):
        if default_storage.exists(place):
            if default_storage.size(place) == len(content):
                break
            default_storage.delete(place)  # what a writer left that was killed half way
        saved = default_storage.save(place, ContentFile(content))
        if saved == place:
            break
        default_storage.delete(saved)  # somebody was faster: look at theirs
    _to_disk(place)


def _to_disk(place: str) -> None:
    """Where storage is a directory, wait until the disk has the file: what is acknowledged outlives a power cut."""
    with contextlib.suppress(NotImplementedError):
        path = default_storage.path(place)
        for name in (path, os.path.dirname(path)):  # noqa: PTH120  storages give strings
            handle = os.open(name, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def is_stored(evidence: Evidence) -> bool:
    place = _place(evidence.sha256)
    return default_storage.exists(place) and default_storage.size(place) == evidence.size


def opened(evidence: Evidence) -> File:
    """The stored file, to read. Raises EvidenceMissing."""
    try:
        return default_storage.open(_place(evidence.sha256), "rb")
    except FileNotFoundError as error:
        raise EvidenceMissing(
            f"The file of this evidence ({evidence.sha256[:12]}...) is not in the evidence storage. "
            "Tell whoever runs Seacliff here: `seacliff doctor` says where it is looked for."
        ) from error


def read(evidence: Evidence, most: int = -1) -> bytes:
    """Its content, or the first `most` bytes. Raises EvidenceMissing."""
    with opened(evidence) as file:
        return file.read(most)


@transaction.atomic
def attach(evidence: Evidence, subject: Subject, name: str = "", declared_type: str = "") -> Attachment:
    """Attach evidence to a record under the name its sender gave; the same again changes nothing."""
    attachment, _made = Attachment.objects.get_or_create(
        subject_id=subject.id,
        evidence=evidence,
        name=safe_name(name),
        defaults={"subject_kind": subject.kind, "declared_type": UNSPEAKABLE.sub("", declared_type)[:100]},
    )
    return attachment


def attach_many(wanted: Sequence[tuple[Evidence, Subject, str]]) -> None:
    """Attach each evidence to its record under a name, in one statement; the same again changes nothing."""
    Attachment.objects.bulk_create(
        [
            Attachment(subject_kind=subject.kind, subject_id=subject.id, evidence=kept, name=safe_name(name))
            for kept, subject, name in wanted
        ],
        ignore_conflicts=True,
    )


def _lock(sha256: str, how: str = "") -> None:
    """Keep whoever stores a content and whoever removes it apart, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock{how}(hashtextextended(%s, 0))", [f"evidence {sha256}"])


def detach(attachments: Iterable[UUID]) -> int:
    """Delete attachments; a content that nothing is attached to any more goes with them, its file after the commit."""
    found = Attachment.objects.filter(id__in=list(attachments))
    hashes = sorted(set(found.values_list("evidence_id", flat=True)))
    count = found.delete()[0]
    for sha256 in hashes:
        if not Attachment.objects.filter(evidence=sha256).exists():
            Evidence.objects.filter(sha256=sha256).delete()
            transaction.on_commit(partial(_remove, sha256))
    return count


def _remove(sha256: str) -> None:
    with transaction.atomic():
        _lock(sha256)
        if not Evidence.objects.filter(sha256=sha256).exists():
            default_storage.delete(_place(sha256))


def safe_name(given: str) -> str:
    """The last part of a file's name without characters that hide or reorder others; the end stays when it is long."""
    name = PurePosixPath(UNSPEAKABLE.sub("", given).replace("\\", "/")).name.strip()
    return name if len(name) <= LONGEST_NAME else "..." + name[3 - LONGEST_NAME :]


def of(subject: Subject) -> list[Attachment]:
    """What is attached to a record, in the order it came, each with its evidence."""
    return of_many([subject.id])[subject.id]


def of_many(subject_ids: Iterable[UUID]) -> dict[UUID, list[Attachment]]:
    """of() for many records, in one query; a record without evidence answers with an empty list."""
    found: dict[UUID, list[Attachment]] = defaultdict(list)
    for attachment in (
        Attachment.objects.filter(subject_id__in=list(subject_ids)).select_related("evidence").order_by("id")
    ):
        found[attachment.subject_id].append(attachment)
    return found


@dataclass(frozen=True, slots=True)
class Shown:
    """One attachment as record/parts/evidence.html draws it."""

    id: UUID
    kind: str
    name: str
    facts: str
    url: str
    preview_url: str
    file_url: str
    restricted: bool
    description: str


def shown(attachments: Iterable[Attachment], story: UUID | None = None) -> list[Shown]:
    """For `{% include "record/parts/evidence.html" with items=... %}`. Opening one is an event in the story."""
    return [_shown(attachment, story) for attachment in attachments]


def _shown(attachment: Attachment, story: UUID | None) -> Shown:
    evidence = attachment.evidence
    name = _("Restricted file") if evidence.restricted else attachment.name or _("Unnamed file")
    return Shown(
        id=attachment.id,
        kind=evidence.kind,
        name=name,
        facts=f"{evidence.media_type}, {filesizeformat(evidence.size)}",
        url=address(attachment, story),
        preview_url=address(attachment, story, view="preview"),
        file_url=address(attachment, story, view="file"),
        restricted=evidence.restricted,
        description=_("Evidence: %(name)s") % {"name": name},
    )


def address(attachment: Attachment, story: UUID | None = None, *, view: str = "") -> str:
    """Where an attachment is served. The story is signed, so that nobody writes into another case's story."""
    query = {"as": view, "in": _story_signer(attachment.id).sign(str(story)) if story else ""}
    return reverse("record:evidence", args=[attachment.id], query={key: value for key, value in query.items() if value})


def story_in(attachment_id: UUID, signed: str) -> UUID | None:
    """The story that address() was given, or None."""
    try:
        return UUID(_story_signer(attachment_id).unsign(signed))
    except (BadSignature, ValueError):
        return None


def _story_signer(attachment_id: UUID) -> Signer:
    return Signer(salt=f"record.evidence {attachment_id}")
