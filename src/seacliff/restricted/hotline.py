"""Sending to the hotline: open a report, upload its files with their details, finish. Each step is kept as it is done,
so that a try after an outage goes on where the last one stopped and nothing is doubled.

The test system is the default. The live one is used only where SEACLIFF_HOTLINE_LIVE says so and two people let it go.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog
from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from seacliff.enforcement import outbound
from seacliff.record import evidence
from seacliff.record.actions import SYSTEM, happened
from seacliff.record.desks import desk
from seacliff.record.models import Attachment
from seacliff.restricted.actions import subject_of
from seacliff.restricted.cybertip import NotWellFormed, file_xml, report_xml
from seacliff.restricted.models import Referral

log = structlog.get_logger("seacliff.hotline")
TRIES = 12
LEASE = timedelta(minutes=10)
PRESERVED = timedelta(days=365)  # 18 U.S.C. 2258A(h)(1), as amended in 2024
LIVE_HOST = "report.cybertip.org"
XML = {"Content-Type": "text/xml; charset=utf-8"}


class HotlineError(Exception):
    """The hotline did not take a step; `final` when the same again would be refused again."""

    def __init__(self, sentence: str, *, final: bool = False) -> None:
        super().__init__(sentence)
        self.final = final


@desk("hotline", every=5.0)
def send_due() -> int:
    """Send one approved referral that is due."""
    now = timezone.now()
    with transaction.atomic():
        due = Referral.objects.filter(state=Referral.State.APPROVED, next_at__lte=now).order_by("next_at", "id")
        referral = due.select_for_update(skip_locked=True, of=["self"]).first()
        if referral is None:
            return 0
        referral.attempts += 1
        referral.next_at = now + LEASE
        referral.save(update_fields=["attempts", "next_at"])
    try:
        with _client() as http:
            _send(http, referral)
    except (HotlineError, httpx.HTTPError, NotWellFormed, evidence.EvidenceMissing) as error:
        _put_off(referral, error)
    return 1


def _client() -> httpx.Client:
    http = outbound.client()
    http.auth = httpx.BasicAuth(settings.HOTLINE_USER, settings.HOTLINE_PASSWORD)
    http.timeout = httpx.Timeout(120.0, connect=10.0)
    return http


def _send(http: httpx.Client, referral: Referral) -> None:
    _must_be_meant(referral)
    if referral.report_id is None:
        answer = _post(http, "submit", content=report_xml(referral), headers=XML)
        _keep(referral, report_id=int(answer["reportId"]))
    for attachment in Attachment.objects.filter(id__in=referral.files).select_related("evidence").order_by("id"):
        _send_file(http, referral, attachment)
    _post(http, "finish", data={"id": str(referral.report_id)})
    now = timezone.now()
    with transaction.atomic():
        _keep(referral, state=Referral.State.SUBMITTED, submitted_at=now, last_error="",
              preserve_until=now.date() + PRESERVED)  # fmt: skip
        data = {"report": referral.report_id, "live": referral.live, "preserve_until": str(referral.preserve_until)}
        happened("referral.submitted", subject_of(referral), SYSTEM, story=referral.case_id, data=data)


def _send_file(http: httpx.Client, referral: Referral, attachment: Attachment) -> None:
    key = str(attachment.id)
    if key not in referral.uploaded:
        with evidence.opened(attachment.evidence) as file:
            answer = _post(http, "upload", data={"id": str(referral.report_id)}, files={"file": ("file", file)})
        happened("evidence.sent-to-hotline", subject_of(referral), SYSTEM, story=referral.case_id,
                 data={"attachment": key})  # fmt: skip
        _keep(referral, uploaded=referral.uploaded | {key: answer["fileId"]})
    if attachment.id not in referral.described:
        _post(http, "fileinfo", content=file_xml(referral, attachment, referral.uploaded[key]), headers=XML)
        _keep(referral, described=[*referral.described, attachment.id])


def _must_be_meant(referral: Referral) -> None:
    """The live hotline is reached by nobody by mistake, and nothing meant for it ends in the test system."""
    live_address = urlsplit(settings.HOTLINE_URL).hostname == LIVE_HOST
    if live_address and not settings.HOTLINE_LIVE:
        raise HotlineError(
            "The live hotline is set up, but SEACLIFF_HOTLINE_LIVE is not: nothing was sent.", final=True
        )
    if referral.live != settings.HOTLINE_LIVE:
        raise HotlineError(
            "It was approved for the other of the live and the test system. Approve it again.", final=True
        )


def _post(http: httpx.Client, step: str, **request: Any) -> dict[str, str]:
    """One step; its answer as a dictionary. Raises HotlineError, httpx.HTTPError."""
    with http.stream("POST", f"{settings.HOTLINE_URL.rstrip('/')}/{step}", **request) as answer:
        content = outbound.beginning(answer)
    if answer.status_code >= 500 or answer.status_code in (408, 429):
        raise HotlineError(f"{step}: the hotline answered {answer.status_code}.")
    if answer.status_code != 200:
        raise HotlineError(f"{step}: the hotline refused it with {answer.status_code}.", final=True)
    try:
        root = ElementTree.fromstring(content, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException) as error:
        raise HotlineError(f"{step}: the hotline's answer is no XML: {error}") from error
    said = {node.tag.rpartition("}")[2]: (node.text or "").strip() for node in root.iter()}
    if said.get("responseCode") != "0":
        code, why = said.get("responseCode", "?"), said.get("responseDescription", "")
        raise HotlineError(f"{step}: the hotline refused it ({code}): {why}"[:500], final=not code.startswith("1"))
    return said


def _keep(referral: Referral, **facts: Any) -> None:
    for name, value in facts.items():
        setattr(referral, name, value)
    referral.save(update_fields=list(facts))


def _put_off(referral: Referral, error: Exception) -> None:
    final = getattr(error, "final", isinstance(error, NotWellFormed)) or referral.attempts >= TRIES
    wait = timedelta(seconds=min(30 * 2**referral.attempts, 6 * 3600))
    with transaction.atomic():
        _keep(
            referral,
            last_error=str(error)[:1000] or type(error).__name__,
            state=Referral.State.FAILED if final else Referral.State.APPROVED,
            next_at=None if final else timezone.now() + wait,
        )
        if final:
            happened(
                "referral.failed", subject_of(referral), SYSTEM, story=referral.case_id, reason=referral.last_error
            )
    log.error("a referral was not taken by the hotline", referral=str(referral.id), final=final)
