"""Writing a charter, proposing it to the function, and what their answer makes of it."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from seacliff.partners import actions as asks
from seacliff.partners import channels
from seacliff.partners.access import By
from seacliff.partners.actions import NewAsk
from seacliff.partners.charters.document import Charter, charter_of, content_of
from seacliff.partners.directory import Recipient
from seacliff.partners.models import Absence, Ask, CharterVersion, Dispatch
from seacliff.people.models import Function, User
from seacliff.people.problems import Conflict, Invalid
from seacliff.record.actions import SYSTEM, Actor, Subject, happened

State = CharterVersion.State
REMINDED_BEFORE = timedelta(days=14)
REMINDED_EVERY = timedelta(days=14)


@transaction.atomic
def draft(actor: Actor, user: User | None, function: Function, charter: Charter, change: str = "") -> CharterVersion:
    """Write the draft: a new version, or new words for the one being written. Nobody is bound by a draft."""
    Function.objects.select_for_update().get(id=function.id)
    making = CharterVersion.objects.filter(function=function, state__in=[State.DRAFT, State.PROPOSED]).first()
    if making is not None and making.state == State.PROPOSED:
        raise Conflict(f"Version {making.number} waits for the answer of {function.name}. Take it back to change it.")
    if making is None:
        last = CharterVersion.objects.filter(function=function).aggregate(n=Max("number"))["n"] or 0
        making = CharterVersion(function=function, number=last + 1, created_by=user)
        happened("charter.drafted", _subject(function), actor, data={"number": making.number})
    making.content, making.change = content_of(charter), change.strip()
    making.save()
    return making


@transaction.atomic
def propose(by: By, version: CharterVersion) -> Ask:
    """Ask the function to agree. Their yes puts it in force, their no sends it back with reasons."""
    version = _locked(version)
    _must_be(version, State.DRAFT)
    if not version.change.strip():
        raise Invalid("Say what changes and why: they read it first.", errors=[
            {"pointer": "#/change", "detail": "Say what changes and why."}])  # fmt: skip
    version.state = State.PROPOSED
    version.save(update_fields=["state"])
    question = f"Do you agree to our charter, version {version.number}? {version.change}"
    new = NewAsk("approve", version.function, question, severity=4, about=Subject("charter", version.id),
                 share=["charter", "changes"], key=f"charter:{version.id}:{timezone.now().isoformat()}")  # fmt: skip
    asked = asks.ask(by, new)
    happened("charter.proposed", _subject(version.function), by.actor, reason=version.change,
             data={"number": version.number, "ask": asked.ref})  # fmt: skip
    return asked


@transaction.atomic
def take_back(by: By, version: CharterVersion, reason: str) -> None:
    """A proposal becomes a draft again; its ask is withdrawn."""
    version = _locked(version)
    _must_be(version, State.PROPOSED)
    open_ask = Ask.objects.filter(about_id=version.id, closed_at=None).first()
    if open_ask is not None:
        asks.withdraw(by, open_ask, reason or "The proposal is taken back")
    version.state = State.DRAFT
    version.save(update_fields=["state"])
    happened("charter.taken-back", _subject(version.function), by.actor, reason=reason, data={"number": version.number})


@transaction.atomic
def discard(actor: Actor, version: CharterVersion) -> None:
    version = _locked(version)
    _must_be(version, State.DRAFT)
    data = {"number": version.number}
    version.delete()
    happened("charter.discarded", _subject(version.function), actor, data=data)


def follow_answers() -> int:
    """The desk: proposals whose ask was answered. How many."""
    answered = Ask.objects.filter(about_kind="charter", state=Ask.State.ANSWERED)
    proposed = CharterVersion.objects.filter(state=State.PROPOSED)
    done = 0
    for version in proposed.filter(id__in=answered.values("about_id"))[:20]:
        with transaction.atomic():
            version = _locked(version)
            ask = answered.filter(about_id=version.id).order_by("-id").first()
            if version.state == State.PROPOSED and ask is not None:
                _settle(version, ask)
                done += 1
    return done


def _settle(version: CharterVersion, ask: Ask) -> None:
    """In force on a yes. "Partly" and "no" name what must change: back to a draft."""
    data: dict[str, Any] = {"number": version.number, "ask": ask.ref, "by": ask.answered_by}
    if ask.answer != Ask.Answer.YES:
        version.state = State.DRAFT
        version.save(update_fields=["state"])
        happened("charter.declined", _subject(version.function), SYSTEM, reason=ask.reason, data=data)
        return
    agree(version, ask.answered_by, SYSTEM, data)


def agree(version: CharterVersion, name: str, actor: Actor, data: dict[str, Any] | None = None) -> None:
    """Put a locked version in force in place of the one before."""
    now = timezone.now()
    CharterVersion.objects.filter(function=version.function, state=State.AGREED).update(
        state=State.RETIRED, ended_at=now
    )
    version.state, version.agreed_by, version.agreed_at = State.AGREED, name, now
    version.review_on = now.date() + timedelta(days=charter_of(version).review_after_days)
    version.save()
    happened("charter.agreed", _subject(version.function), actor, data=data or {"number": version.number, "by": name})


@transaction.atomic
def renew(actor: Actor, version: CharterVersion, said: str) -> None:
    """Both sides looked at it and change nothing: it is due again in a term. `said`: who looked, and what they found."""
    if not said.strip():
        sentence = "Say who looked at it with you."
        raise Invalid(sentence, errors=[{"pointer": "#/said", "detail": sentence}])
    version = _locked(version)
    _must_be(version, State.AGREED)
    version.review_on = timezone.now().date() + timedelta(days=charter_of(version).review_after_days)
    version.review_reminded_on = None
    version.save(update_fields=["review_on", "review_reminded_on"])
    data = {"number": version.number, "review_on": str(version.review_on)}
    happened("charter.reviewed", _subject(version.function), actor, reason=said.strip()[:2000], data=data)


def remind_of_reviews(today: date | None = None) -> int:
    """The desk: charters that are due to be looked at again; both sides get a mail, at most one a fortnight."""
    today = today or timezone.now().date()
    with transaction.atomic():
        due = CharterVersion.objects.select_for_update(skip_locked=True, of=["self"]).select_related("function").filter(
            state=State.AGREED, review_on__lte=today + REMINDED_BEFORE)  # fmt: skip
        rows = [
            row for row in due if row.review_reminded_on is None or row.review_reminded_on <= today - REMINDED_EVERY
        ]
        for row in rows:
            row.review_reminded_on = today
            row.save(update_fields=["review_reminded_on"])
            channels.order(None, Dispatch.Purpose.DIGEST, f"charter-review.{row.id}.{today}", _both_sides(row),
                           **_review_mail(row))  # fmt: skip
            happened("charter.review-reminded", _subject(row.function), SYSTEM, data={"review_on": str(row.review_on)})
    return len(rows)


def _both_sides(version: CharterVersion) -> list[Recipient]:
    theirs = [(contact.email, contact.name) for contact in charter_of(version).contacts[:1]]
    ours = User.objects.filter(is_active=True, roles__contains=["lead"]).order_by("email")[:5]
    return [Recipient("email", email, name) for email, name in [*theirs, *((user.email, user.name) for user in ours)]]


def _review_mail(version: CharterVersion) -> dict[str, Any]:
    return {
        "subject": f"Our charter with {version.function.name} is due for a review",
        "intro": f"The charter between Trust & Safety and {version.function.name}, version {version.number}, is to be "
        f"looked at again by {version.review_on:%d %B %Y}.\n\nDo the answer times still hold? Are the contacts right? Is "
        "there a decision that nobody knew who takes?\n\nA lead writes the changes under Functions; you agree by "
        "answering the ask that comes of it.\n",
    }


@transaction.atomic
def add_absence(actor: Actor, function: Function, email: str, since: date, until: date, deputy: str = "") -> Absence:
    """Somebody is away, and who stands in. Raises Invalid."""
    if until < since:
        raise Invalid("The last day lies before the first.", errors=[
            {"pointer": "#/until", "detail": "Choose a day on or after the first."}])  # fmt: skip
    made = Absence.objects.create(email=email.lower(), since=since, until=until, deputy=deputy.lower())
    data = {"since": str(since), "until": str(until), "deputy": bool(deputy)}
    happened("absence.added", _subject(function), actor, data=data)
    return made


@transaction.atomic
def end_absence(actor: Actor, function: Function, absence: Absence) -> None:
    absence.delete()
    happened("absence.removed", _subject(function), actor)


def _locked(version: CharterVersion) -> CharterVersion:
    return CharterVersion.objects.select_for_update(of=["self"]).select_related("function").get(id=version.id)


def _must_be(version: CharterVersion, state: CharterVersion.State) -> None:
    if version.state != state:
        raise Conflict(
            f"Version {version.number} is {version.get_state_display().lower()}; this needs {state.label.lower()}."
        )


def _subject(function: Function) -> Subject:
    return Subject("function", function.id)
