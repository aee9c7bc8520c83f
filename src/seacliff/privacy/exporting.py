"""A person's data as a ZIP: JSON for machines, HTML for people, their own files. Two colleagues look before it goes out."""

import hashlib
import io
import zipfile
from datetime import timedelta
from typing import Any

import msgspec
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from seacliff.intake.models import Report
from seacliff.people.models import User
from seacliff.privacy import sifting
from seacliff.privacy.asking import _end, _must_be, _open
from seacliff.privacy.asking import subject_of as subject_of_request
from seacliff.privacy.models import Export, Request
from seacliff.privacy.plan import in_force
from seacliff.privacy.running import subject_of_request as whose
from seacliff.record import evidence
from seacliff.record.actions import PUBLIC, Actor, happened
from seacliff.record.personal import REGISTRY
from seacliff.review.access import NotPermitted, Refused, person
from seacliff.review.models import CaseReport
from seacliff.review.personal import files_of

OPEN_FOR = timedelta(minutes=30)  # how long a colleague's link to look at it holds
OUT_FOR = timedelta(days=7)  # how long the person's link holds
MASK = "[somebody else]"
SHORTEST_NAME = 4


def prepare(user: User, request: Request) -> Export:
    """Put together what they may see. An earlier export of the same request is emptied."""
    with transaction.atomic():
        request = _open(user, request)
        _must_be(request, Request.State.IDENTIFIED, Request.State.CHECKING)
        if request.kind != Request.Kind.ACCESS:
            raise Refused(_("They asked to have their data erased, not to see it."), "kind")
        content = zipped(request)
        Export.objects.filter(request=request).update(content=b"", expires_at=None, released_at=None)
        made = Export.objects.create(
            request=request,
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            made_by=user,
        )
        request.state, request.prepared_by = Request.State.CHECKING, user
        request.save(update_fields=["state", "prepared_by"])
        happened("privacy-export.made", subject_of_request(request), person(user),
                 data={"size": made.size, "sha256": made.sha256})  # fmt: skip
    return made


def data_of(request: Request) -> dict[str, Any]:
    """Everything that is theirs to see, by class; what is left out, and why."""
    subject = whose(request)
    plan = in_force().plan
    classes, withheld = [], []
    for one in REGISTRY.classes.values():
        rows = sifting.theirs(one, subject)
        if not rows:
            continue
        records = one.export(rows, subject.party) if one.export else []
        if one.withheld and (not records or subject.party == "affected"):
            withheld.append(one.withheld)
        if records:
            days = next((rule.days for rule in plan.rules_of(one.slug) if not rule.conditions), None)
            kept = f"{days} days {one.since}" if days else "no end is set"
            classes.append({"class": one.label, "kept_for": kept, "records": records})
    return {
        "about": request.asked_as,
        "known_as": request.get_party_display(),
        "made_at": timezone.now(),
        "classes": classes,
        "withheld": withheld,
    }


def others_in(request: Request) -> list[str]:
    """Keys, addresses and names of the reporters in their cases who are not themselves: no export may hold one."""
    subject = whose(request)
    joined = CaseReport.objects.all()
    if subject.reporter:
        cases = joined.filter(reporter_key=subject.reporter).values("case_id")
        reports = joined.filter(case__in=cases).exclude(reporter_key=subject.reporter)
    else:
        reports = joined.filter(case__target__in=subject.targets)
    found = Report.objects.filter(id__in=list(reports.values_list("report_id", flat=True)))
    words = {word for row in found.values_list("reporter_key", "reporter_email", "reporter_name") for word in row}
    words |= {word.partition(":")[2] for word in words if word.startswith("mail:")}
    return sorted((word for word in words if len(word) >= SHORTEST_NAME), key=len, reverse=True)


def masked(data: Any, words: list[str]) -> Any:
    """The same with these words blotted out of every text, whatever their case."""
    if isinstance(data, str):
        for word in words:
            place = data.lower().find(word.lower())
            while place >= 0:
                data = data[:place] + MASK + data[place + len(word) :]
                place = data.lower().find(word.lower(), place + len(MASK))
        return data
    if isinstance(data, dict):
        return {name: masked(value, words) for name, value in data.items()}
    return [masked(value, words) for value in data] if isinstance(data, list) else data


def zipped(request: Request) -> bytes:
    data = masked(data_of(request), others_in(request))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("data.json", msgspec.json.format(msgspec.json.encode(data, enc_hook=str), indent=2))
        with translation.override("en"):
            file.writestr("index.html", render_to_string("privacy/export.html", {"data": readable(data)}))
        subject = whose(request)
        if subject.reporter:
            for number, one in enumerate(files_of(sifting.theirs(REGISTRY.classes["evidence"], subject)), start=1):
                file.writestr(f"files/{number}-{one.name or 'unnamed'}", evidence.read(one.evidence))
    return out.getvalue()


def readable(data: dict[str, Any]) -> dict[str, Any]:
    """Each record as pairs of words, without what is empty."""
    classes = [
        group | {"records": [[(name.replace("_", " "), _plain(value)) for name, value in record.items() if value]
                             for record in group["records"]]}
        for group in data["classes"]
    ]  # fmt: skip
    return data | {"classes": classes}


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_plain(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(each)}" for name, each in value.items() if each)
    return f"{value:%Y-%m-%d %H:%M} UTC" if hasattr(value, "hour") else str(value)


def look_signature(user: User, export: Export) -> str:
    """For the link by which this colleague looks at it; it ends after half an hour."""
    return _signer(export).sign(str(user.id))


def _signer(export: Export) -> TimestampSigner:
    return TimestampSigner(salt=f"privacy.export {export.id}")


def opened(user: User, export: Export, signature: str) -> bytes:
    """The content, for a colleague whose link still holds; the look is an event before the first byte leaves."""
    try:
        whom = _signer(export).unsign(signature, max_age=OPEN_FOR)
    except BadSignature:
        whom = ""
    if whom != str(user.id) or not export.content:
        raise Refused(_("This link has ended. Open the request again for a new one."), "expired")
    with transaction.atomic():
        export = Export.objects.select_for_update(of=["self"]).select_related("request").get(id=export.id)
        export.opened_by = sorted({*export.opened_by, str(user.id)})
        export.save(update_fields=["opened_by"])
        happened("privacy-export.looked-at", subject_of_request(export.request), person(user))
    return bytes(export.content)


def check(user: User, request: Request) -> Export:
    """Somebody who looked says: this is theirs, and nobody else's."""
    with transaction.atomic():
        request = _open(user, request)
        _must_be(request, Request.State.CHECKING)
        export = newest(request)
        if str(user.id) not in export.opened_by:
            raise Refused(_("Look at it first."), "unseen")
        if export.first_check_id == user.id:
            raise NotPermitted(_("You checked it already: somebody else must, too."), "two-people")
        if export.second_check_id is not None:
            raise Refused(_("Two people have checked it."), "checked")
        if export.first_check_id is None:
            export.first_check = user
        else:
            export.second_check = user
        export.save(update_fields=["first_check", "second_check"])
        happened("privacy-export.checked", subject_of_request(request), person(user))
    return export


def newest(request: Request) -> Export:
    export = Export.objects.select_for_update(of=["self"]).filter(request=request).order_by("-id").first()
    if export is None:
        raise Refused(_("There is no export yet."), "no-export")
    return export


def release(user: User, request: Request, *, actor: Actor | None = None) -> Export:
    """Open the person's link for a week. It is for whoever holds it: send it where their identity was checked."""
    with transaction.atomic():
        request = _open(user, request)
        _must_be(request, Request.State.CHECKING)
        export = newest(request)
        if export.second_check_id is None:
            raise Refused(_("Two people must have checked it first."), "unchecked")
        now = timezone.now()
        export.released_at, export.expires_at = now, now + OUT_FOR
        export.save(update_fields=["released_at", "expires_at"])
        _end(request, user, Request.State.DONE, _("They were given a copy of their data."))
        happened("privacy-export.released", subject_of_request(request), actor or person(user))
    return export


def downloaded(export: Export) -> None:
    happened("privacy-export.downloaded", subject_of_request(export.request), PUBLIC, data={"sha256": export.sha256})
