"""Setting all open reports of a reporter aside at once, and taking that back; what a reporter is."""

import json

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.intake.models import Reporter
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.record import clocks
from seacliff.record.actions import SYSTEM, Actor, Subject, event, happened, write
from seacliff.review.access import NotValid, Refused, must, person
from seacliff.review.models import AsideWork, Brigade, Case, CaseReport, SetAside, Work
from seacliff.review.reporters.trust import subject_of

BATCH = 100
PLAIN = [Reporter.Kind.PERSON, Reporter.Kind.USER, Reporter.Kind.ORGANISATION]


def name_kind(user: User, reporter: Reporter, kind: str) -> None:
    """Say what somebody is. Trusted flaggers are made and ended on terms of their own (trust.py)."""
    must(user, Permission.QUEUE_MANAGE)
    if kind not in PLAIN:
        raise NotValid(_("Choose what this reporter is."), "kind")
    with transaction.atomic():
        reporter = Reporter.objects.select_for_update().get(id=reporter.id)
        if reporter.kind == Reporter.Kind.TRUSTED_FLAGGER:
            raise Refused(_("They are a trusted flagger: end that first."), "trusted")
        before = reporter.kind
        Reporter.objects.filter(id=reporter.id).update(kind=kind)
        happened("reporter.kind-changed", subject_of(reporter), person(user), data={"from": before, "to": kind})


def set_aside(
    user: User, reporter: Reporter, reason: str, *, brigade: Brigade | None = None, actor: Actor | None = None
) -> SetAside:
    """Set aside every report of theirs in a case that is open and in nobody's hands.

    Cases that others reported as well stay where they are, with that report counted no more. The rest leave the queue,
    their clocks standing still, until this is taken back or somebody else reports the same.
    """
    must(user, Permission.QUEUE_MANAGE)
    if not reason.strip():
        raise NotValid(_("Say why: it is looked at when they ask, or when it is taken back."), "reason")
    actor = actor or person(user)
    with transaction.atomic():
        rows = CaseReport.objects.filter(reporter_key=reporter.key, set_aside=None, case__state=Case.State.OPEN)
        cases = list(
            Case.objects.filter(id__in=rows.values("case_id"), work__holder=None, work__held_until=None)
            .order_by("id")
            .select_for_update(of=["self"])
        )
        made = SetAside.objects.create(reporter_key=reporter.key, reason=reason.strip(), by=user, brigade=brigade)
        taken = rows.filter(case__in=cases)
        made.reports = taken.update(set_aside=made)
        if not made.reports:
            raise Refused(_("There is no open report of theirs that nobody holds."), "nothing-open")
        made.save(update_fields=["reports"])
        for case in cases:
            _recount(case)
            if not case.reporter_count and not _others(case):
                _out_of_the_queue(case, made, actor)
        data = {"reports": made.reports, "cases": len(cases)}
        happened("reporter.set-aside", subject_of(reporter), actor, reason=reason, data=data)
    return made


def take_back(user: User, made: SetAside, *, actor: Actor | None = None) -> None:
    """As if it had never been: reports count again, cases return to their queues with the time they had left."""
    must(user, Permission.QUEUE_MANAGE)
    with transaction.atomic():
        made = SetAside.objects.select_for_update().get(id=made.id)
        if made.reversed_at is not None:
            raise Refused(_("This was taken back already."), "reversed")
        made.reversed_at, made.reversed_by = timezone.now(), user
        made.save(update_fields=["reversed_at", "reversed_by"])
        ids = list(CaseReport.objects.filter(set_aside=made).values_list("case_id", flat=True))
        cases = list(Case.objects.filter(id__in=ids).order_by("id").select_for_update(of=["self"]))
        CaseReport.objects.filter(set_aside=made).update(set_aside=None)
        for case in cases:
            _recount(case)
        _into_the_queue(
            AsideWork.objects.filter(set_aside=made),
            actor or person(user),
            _("Setting the reporter aside was taken back"),
        )
        reporter = Reporter.objects.get(key=made.reporter_key)
        happened(
            "reporter.set-aside-reversed", subject_of(reporter), actor or person(user), data={"reports": made.reports}
        )


def revive() -> int:
    """The desk: cases that were set aside with their only reporter and have another one now."""
    with transaction.atomic():
        joined = CaseReport.objects.filter(set_aside=None).values("case_id")
        waiting = AsideWork.objects.filter(case__in=joined).select_for_update(skip_locked=True, of=["self"])
        return _into_the_queue(waiting, SYSTEM, _("Somebody else reported it"))


def _others(case: Case) -> bool:
    return CaseReport.objects.filter(case=case, set_aside=None).exists()


def _recount(case: Case) -> None:
    counted = CaseReport.objects.filter(case=case, set_aside=None)
    case.report_count = counted.count()
    case.reporter_count = counted.filter(duplicate_of=None).count()
    case.save(update_fields=["report_count", "reporter_count"])


def _out_of_the_queue(case: Case, made: SetAside, actor: Actor) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM review_work w WHERE case_id = %s RETURNING to_jsonb(w)", [case.id])
        row = cursor.fetchone()[0]
    AsideWork.objects.create(case=case, set_aside=made, work=json.loads(row) if isinstance(row, str) else row)
    case.state = Case.State.HELD
    case.save(update_fields=["state"])
    clocks.pause(Subject("case", case.id), Case.CLOCK)
    happened("case.set-aside", Subject("case", case.id), actor, story=case.id, reason=made.reason)


def _into_the_queue(asides: QuerySet[AsideWork], actor: Actor, reason: str) -> int:
    rows = list(asides.select_related("case")[:BATCH])
    cases = [row.case_id for row in rows]
    for row in rows:
        case = row.case
        clock = clocks.resume(Subject("case", case.id), Case.CLOCK)
        case.state = Case.State.OPEN
        if clock is not None:
            case.due_at = clock.due_at
        case.save(update_fields=["state", "due_at"])
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO review_work SELECT * FROM jsonb_populate_record(NULL::review_work, %s::jsonb)",
                [json.dumps({"barred": []} | row.work)],
            )
        Work.objects.filter(case=case).update(due_at=case.due_at, severity=case.severity)
        row.delete()
    write([event("case.resumed", Subject("case", id), actor, story=id, reason=reason) for id in cases])
    return len(rows)
