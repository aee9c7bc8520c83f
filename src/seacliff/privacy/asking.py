"""What people ask about their data, from the first letter to the answer. A month by the calendar (GDPR art. 12(3))."""

import calendar
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.intake.incoming import reporter_key
from seacliff.intake.models import Reporter
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.privacy import running
from seacliff.privacy.models import Request, Run
from seacliff.record import clocks
from seacliff.record.actions import Actor, Subject, happened
from seacliff.review.access import NotPermitted, NotValid, Refused, must, person
from seacliff.targets.models import Target

LARGE = 50  # rows that one person may not erase alone


def subject_of(request: Request) -> Subject:
    return Subject("privacy-request", request.id)


def a_month_after(at: datetime) -> datetime:
    """The same day of the next month, or its last (Regulation 1182/71 art. 3)."""
    year, month = (at.year, at.month + 1) if at.month < 12 else (at.year + 1, 1)
    return at.replace(year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1]))


def find(party: str, asked_as: str) -> Reporter | Target | None:
    """Whose data it is, by what they gave: an address, a reporter's key, a target's identifier."""
    words = asked_as.strip()
    if party == Request.Party.REPORTER:
        key = reporter_key("", email=words) if "@" in words and ":" not in words else words
        return Reporter.objects.filter(key=key).first()
    found = Target.objects.filter(ref=words).order_by("id")[:2] if "@" not in words else []
    found = list(found) or list(Target.objects.filter(email__iexact=words).order_by("id")[:2])
    return found[0] if len(found) == 1 else None


def take(
    user: User, *, kind: str, party: str, asked_as: str, contact: str = "", said: str = "",
    received_at: datetime | None = None, actor: Actor | None = None, thing: Reporter | Target | None = None,
) -> Request:  # fmt: skip
    """Write down a request and start its clock. Whose data it is may be found now, or named later."""
    must(user, Permission.PRIVACY_REQUEST)
    now = timezone.now()
    received_at = received_at or now
    if kind not in Request.Kind.values or party not in Request.Party.values:
        raise NotValid(_("Say what they ask for, and who they are to us."), "kind")
    if not asked_as.strip():
        raise NotValid(_("Give the address or identifier by which they are known here."), "asked_as")
    if received_at > now:
        raise NotValid(_("It can't have arrived in the future."), "received_at")
    found = thing or find(party, asked_as)
    with transaction.atomic():
        request = Request.objects.create(
            kind=kind, party=party, asked_as=asked_as.strip(), contact=contact.strip(), said=said.strip(),
            reporter=found if isinstance(found, Reporter) else None, target=found if isinstance(found, Target) else None,
            received_at=received_at, due_at=a_month_after(received_at), taken_by=user,
        )  # fmt: skip
        request.refresh_from_db(fields=["number"])
        clocks.start(subject_of(request), Request.CLOCK, "order", due_at=request.due_at, at=received_at)
        happened("privacy-request.received", subject_of(request), actor or person(user),
                 data={"kind": kind, "party": party, "found": found is not None})  # fmt: skip
    return request


def name_subject(user: User, request: Request, asked_as: str) -> Request:
    """Say whose data it is, when what they gave first was not found."""
    found = find(request.party, asked_as)
    if found is None:
        raise NotValid(_("Nothing here is known by “%s”. An identifier that fits two targets names neither.") % asked_as,
                       "asked_as")  # fmt: skip
    with transaction.atomic():
        request = _open(user, request)
        _must_be(request, Request.State.RECEIVED)
        request.reporter = found if isinstance(found, Reporter) else None
        request.target = found if isinstance(found, Target) else None
        request.asked_as = asked_as.strip()
        request.save(update_fields=["reporter", "target", "asked_as"])
        happened("privacy-request.subject-named", subject_of(request), person(user))
    return request


def _open(user: User, request: Request) -> Request:
    must(user, Permission.PRIVACY_REQUEST)
    request = Request.objects.select_for_update(of=["self"]).select_related("reporter", "target").get(id=request.id)
    if request.closed_at is not None:
        raise Refused(_("%s was answered already.") % request, "closed")
    return request


def _must_be(request: Request, *states: str) -> None:
    if request.state not in states:
        raise Refused(_("%(request)s is past that step: %(state)s.")
                      % {"request": request, "state": request.get_state_display()}, "state")  # fmt: skip


def identify(user: User, request: Request, how: str) -> Request:
    """Write down how it is known that they are who they say: nobody is shown, or loses, somebody else's data."""
    if not how.strip():
        raise NotValid(_("Say how their identity was checked, such as a reply from the address itself."), "how")
    with transaction.atomic():
        request = _open(user, request)
        _must_be(request, Request.State.RECEIVED)
        if not request.subject_known:
            raise Refused(_("Say first whose data it is."), "unknown")
        request.state, request.identified_how, request.identified_by = Request.State.IDENTIFIED, how.strip(), user
        request.save(update_fields=["state", "identified_how", "identified_by"])
        happened("privacy-request.identified", subject_of(request), person(user))
    return request


def prepare_erasure(user: User, request: Request) -> Run:
    """Have the worker look what would go, and what stays for which reason."""
    with transaction.atomic():
        request = _open(user, request)
        _must_be(request, Request.State.IDENTIFIED)
        if request.kind != Request.Kind.ERASURE:
            raise Refused(_("They asked to see their data, not to erase it."), "kind")
        for old in Run.objects.filter(request=request, finished_at=None):
            running._close(old, Run.State.CANCELLED)
        request.prepared_by = user
        request.save(update_fields=["prepared_by"])
        run = Run.objects.create(request=request, made_by=user)
        happened("erasure.prepared", subject_of(request), person(user))
        running.wake(running.CHANNEL)
    return run


def approve_erasure(user: User, request: Request, *, actor: Actor | None = None) -> Run:
    """Carry it out. A large one takes somebody else than who prepared it."""
    with transaction.atomic():
        request = _open(user, request)
        _must_be(request, Request.State.IDENTIFIED)
        run = Run.objects.select_for_update().filter(request=request, state=Run.State.READY).order_by("-id").first()
        if run is None:
            raise Refused(_("Prepare it first: what goes is shown before it goes."), "not-shown")
        if problem := running.why_not(run):
            raise Refused(problem, "stale")
        if run.goes > LARGE and user.id == run.made_by_id:
            raise NotPermitted(
                _("More than %s rows would go, and you prepared it: somebody else must approve it.") % LARGE,
                "two-people",
            )
        request.state = Request.State.RUNNING
        request.save(update_fields=["state"])
        running.start(run, user, actor or person(user))
    return run


def erased(run: Run) -> None:
    """The run is done: the request is answered, with what stays and why. Called within the run's transaction."""
    request = run.request
    assert request is not None
    now = timezone.now()
    request.state, request.closed_at, request.closed_by = Request.State.DONE, now, run.approved_by
    request.outcome = answer_of(run)
    request.save(update_fields=["state", "closed_at", "closed_by", "outcome"])
    clocks.stop(subject_of(request), Request.CLOCK, now)


def answer_of(run: Run) -> str:
    """What the person is told: how much went; what stays, and by which right."""
    from seacliff.privacy.sifting import reason_of
    from seacliff.record.personal import REGISTRY

    records = "1 record" if run.gone == 1 else f"{run.gone} records"
    erased = f"{records} about you: erased or put under a random pseudonym."
    lines = [erased if run.gone else "Nothing could be erased yet."]
    for line in run.preview:
        label = REGISTRY.classes[line["slug"]].label if line["slug"] in REGISTRY.classes else line["slug"]
        lines += [f"Kept: {label} ({count}): {reason_of(why)}." for why, count in line["kept"].items()]
    if run.spared:
        lines.append(f"Kept after all, because something came up meanwhile: {run.spared}.")
    return "\n".join(lines)


def refuse(user: User, request: Request, reason: str, *, actor: Actor | None = None) -> Request:
    """Not who they say, nothing here, or excessive (GDPR art. 12(5)): they are told why, and of the authority."""
    if not reason.strip():
        raise NotValid(_("Say why, in words that they are told."), "reason")
    with transaction.atomic():
        request = _open(user, request)
        if request.state == Request.State.RUNNING:
            raise Refused(_("It is being erased already."), "running")
        for run in Run.objects.filter(request=request, finished_at=None):
            running._close(run, Run.State.CANCELLED)
        _end(request, user, Request.State.REFUSED, reason.strip())
        happened("privacy-request.refused", subject_of(request), actor or person(user))
    return request


def _end(request: Request, user: User, state: Request.State, outcome: str) -> None:
    now = timezone.now()
    request.state, request.closed_by, request.closed_at, request.outcome = state, user, now, outcome
    request.save(update_fields=["state", "closed_by", "closed_at", "outcome"])
    clocks.stop(subject_of(request), Request.CLOCK, now)
