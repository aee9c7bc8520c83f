"""What is done with restricted material: marked, unlocked by two people, referred to the hotline; and emergencies."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.record import clocks
from seacliff.record.actions import Subject, happened
from seacliff.record.models import Attachment, Clock, Evidence
from seacliff.restricted.access import must_handle
from seacliff.restricted.models import Emergency, Referral, Unlock
from seacliff.review.access import NotPermitted, NotValid, Refused, must, person
from seacliff.review.models import Case, CaseReport, Work

OPEN_FOR = timedelta(minutes=30)
EMERGENCY_WITHIN = timedelta(hours=1)


def mark(user: User, attachment: Attachment, case: Case) -> None:
    """From now on nobody is shown this content, wherever else it is attached."""
    must(user, Permission.EVIDENCE_VIEW)
    with transaction.atomic():
        if not Evidence.objects.filter(sha256=attachment.evidence_id, restricted=False).update(restricted=True):
            raise Refused(_("This file is restricted already."), "restricted")
        happened("evidence.restricted", _subject(attachment), person(user), story=case.id, data=_facts(attachment))


def ask(user: User, attachment: Attachment, reason: str) -> Unlock:
    must_handle(user)
    if not reason.strip():
        raise NotValid(_("Say what you need the file for: it is asked of the person who agrees, and of the auditor."),
                       "reason")  # fmt: skip
    with transaction.atomic():
        request = Unlock.objects.create(attachment=attachment, asked_by=user, reason=reason.strip())
        happened("unlock.asked", _subject(attachment), person(user), story=story_of(attachment), reason=reason,
                 data=_facts(attachment))  # fmt: skip
    return request


def answer(user: User, request: Unlock, agreed: bool) -> None:
    """Somebody else agrees, or does not."""
    must_handle(user)
    with transaction.atomic():
        request = Unlock.objects.select_for_update(of=["self"]).select_related("attachment").get(id=request.id)
        if request.asked_by_id == user.id:
            raise NotPermitted(_("You asked for this yourself: somebody else must agree."))
        if request.agreed is not None:
            raise Refused(_("This request was answered already."), "answered")
        now = timezone.now()
        request.answered_by, request.agreed, request.answered_at = user, agreed, now
        request.expires_at = now + OPEN_FOR if agreed else None
        request.save()
        verb = "unlock.agreed" if agreed else "unlock.refused"
        happened(verb, _subject(request.attachment), person(user), story=story_of(request.attachment),
                 data=_facts(request.attachment) | {"for": str(request.asked_by)})  # fmt: skip


def taken_out(user: User, request: Unlock) -> None:
    """The download itself, written before the first byte leaves."""
    attachment = request.attachment
    happened("evidence.unlocked", _subject(attachment), person(user), story=story_of(attachment),
             reason=request.reason, data=_facts(attachment) | {"agreed_by": str(request.answered_by)})  # fmt: skip


def story_of(attachment: Attachment) -> UUID | None:
    """The case whose story it belongs to."""
    joined = CaseReport.objects.filter(report_id=attachment.subject_id).first()
    return joined.case_id if joined else None


def _subject(attachment: Attachment) -> Subject:
    return Subject(attachment.subject_kind, attachment.subject_id)


def _facts(attachment: Attachment) -> dict[str, str]:
    """Not the hash: it could be looked up elsewhere by whoever reads the log."""
    return {"attachment": str(attachment.id)}


def draft_referral(
    user: User, case: Case, *, incident: str, incident_at: datetime, urgent: str, said: str, files: list[UUID]
) -> Referral:
    """Prepare a report to the hotline; somebody else must approve it before it goes anywhere."""
    must_handle(user)
    if incident not in Referral.Incident.values:
        raise NotValid(_("Choose the kind of incident."), "incident")
    if incident_at > timezone.now():
        raise NotValid(_("The incident can't be in the future."), "incident_at")
    known = set(files_of(case).values_list("id", flat=True))
    if unknown := set(files) - known:
        raise NotValid(_("%s of the files do not belong to this case.") % len(unknown), "files")
    with transaction.atomic():
        referral = Referral.objects.create(
            case=case, incident=incident, incident_at=incident_at, urgent=urgent.strip(), said=said.strip(),
            files=files, drafted_by=user,
        )  # fmt: skip
        data = {"incident": incident, "files": len(files)}
        happened("referral.drafted", subject_of(referral), person(user), story=case.id, data=data)
    return referral


def files_of(case: Case) -> QuerySet[Attachment]:
    """Everything that was sent along with the reports of a case."""
    reports = CaseReport.objects.filter(case=case).values("report_id")
    return Attachment.objects.filter(subject_id__in=reports).select_related("evidence").order_by("id")


def approve(user: User, referral: Referral) -> None:
    """A second person lets it go out: to the real hotline only where the installation says so."""
    must_handle(user)
    if not settings.HOTLINE_URL:
        raise Refused(_("No hotline is set up: SEACLIFF_HOTLINE_URL says where reports go."), "no-hotline")
    with transaction.atomic():
        referral = Referral.objects.select_for_update(of=["self"]).get(id=referral.id)
        if referral.drafted_by_id == user.id:
            raise NotPermitted(_("You drafted this yourself: somebody else must approve it."))
        if referral.state not in (Referral.State.DRAFT, Referral.State.FAILED):
            raise Refused(_("This referral is on its way already."), "approved")
        now = timezone.now()
        referral.state, referral.approved_by, referral.approved_at = Referral.State.APPROVED, user, now
        referral.next_at, referral.attempts, referral.live = now, 0, settings.HOTLINE_LIVE
        referral.save()
        happened("referral.approved", subject_of(referral), person(user), story=referral.case_id,
                 data={"live": referral.live})  # fmt: skip


def subject_of(referral: Referral) -> Subject:
    return Subject("referral", referral.id)


def is_preserved(sha256: str) -> bool:
    """Whether a content went to the hotline less than a year ago and must be kept (18 U.S.C. 2258A(h))."""
    ids = Attachment.objects.filter(evidence=sha256).values_list("id", flat=True)
    today = timezone.now().date()
    return Referral.objects.filter(files__overlap=list(ids), preserve_until__gte=today).exists()


def declare(user: User, case: Case, threat: str, country: str = "") -> Emergency:
    """Somebody's life is in danger: the case becomes the most urgent there is, and an hour runs."""
    must(user, Permission.CASE_DECIDE)
    if not threat.strip():
        raise NotValid(_("Say who is in danger, from what, when and where, as far as you know."), "threat")
    with transaction.atomic():
        case = Case.objects.select_for_update(of=["self"]).get(id=case.id)
        if Emergency.objects.filter(case=case).exists():
            raise Refused(_("%s is an emergency already.") % case.ref, "emergency")
        now = timezone.now()
        due = now + EMERGENCY_WITHIN
        declared = Emergency.objects.create(
            case=case, threat=threat.strip(), country=country.strip().upper()[:2], declared_by=user, due_at=due
        )
        clocks.start(Subject("emergency", declared.id), Emergency.CLOCK, "elapsed", EMERGENCY_WITHIN, at=now)
        if case.state != Case.State.DECIDED:
            case.severity, case.due_at = 1, min(case.due_at, due)
            case.save(update_fields=["severity", "due_at"])
            Work.objects.filter(case=case).update(severity=1, due_at=case.due_at)
            Clock.objects.filter(subject_id=case.id, name=Case.CLOCK, stopped_at=None).update(due_at=case.due_at)
        happened("emergency.declared", Subject("emergency", declared.id), person(user), story=case.id, reason=threat)
    return declared


def close(user: User, emergency: Emergency, told: str) -> None:
    """Write down who was told, what, when, with their reference."""
    must(user, Permission.CASE_DECIDE)
    if not told.strip():
        raise NotValid(_("Say who was told, when, and under which reference; or why nobody was."), "told")
    with transaction.atomic():
        emergency = Emergency.objects.select_for_update(of=["self"]).get(id=emergency.id)
        if emergency.closed_at is not None:
            raise Refused(_("This emergency is closed already."), "closed")
        emergency.told, emergency.closed_by, emergency.closed_at = told.strip(), user, timezone.now()
        emergency.save()
        clocks.stop(Subject("emergency", emergency.id), Emergency.CLOCK)
        happened("emergency.closed", Subject("emergency", emergency.id), person(user), story=emergency.case_id,
                 reason=told)  # fmt: skip
