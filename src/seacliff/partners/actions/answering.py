"""Answering an ask, opening it again, and saying later what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.partners import answers, channels, thanks
from seacliff.partners.access import By, must_speak
from seacliff.partners.actions.asking import close, locked, must_be_open, story_of, subject_of
from seacliff.partners.actions.timing import set_clock
from seacliff.partners.directory import asker_of
from seacliff.partners.models import Ask, AskMessage, Dispatch
from seacliff.people.problems import Conflict, Invalid, Problem
from seacliff.record.actions import event, happened, write
from seacliff.record.models import Event

LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Answering:
    """Somebody's answer to a locked ask."""

    by: By
    ask: Ask
    said: str
    reason: str = ""
    form: Mapping[str, Any] = field(default_factory=dict)


def answer(by: By, asked: Ask, said: str, reason: str = "", form: Mapping[str, Any] | None = None) -> Ask:
    """Yes, partly or no, with the kind's form. Raises Invalid naming each field, Conflict when it is closed."""
    with transaction.atomic():
        (found,) = answer_locked([Answering(by, locked(asked), said, reason, form or {})])
    if isinstance(found, Problem):
        raise found
    return found


def answer_locked(given: Sequence[Answering]) -> list[Ask | Problem]:
    """Each ask answered, or the Problem there is with it, which changes nothing. Inside the caller's transaction, one
    statement a table; the asks are locked (locked_many) and none comes twice."""
    found = [_answered(each) for each in given]
    done = [each for each, problem in zip(given, found, strict=True) if problem is None]
    close([each.ask for each in done])
    channels.leave([row for each in done for row in _news(each)])
    thanks.answered([(each.ask, each.by) for each in done])
    write([_event(each) for each in done])
    return [problem or each.ask for each, problem in zip(given, found, strict=True)]


def _answered(given: Answering) -> Problem | None:
    """Put the answer into the ask, not yet saved; or say why not."""
    ask, reason = given.ask, given.reason.strip()
    try:
        must_speak(given.by, ask, AskMessage.Side.ASKED)
        must_be_open(ask)
        values = _checked(ask, given.said, reason, given.form)
    except Problem as problem:
        return problem
    ask.state, ask.answer, ask.reason = Ask.State.ANSWERED, given.said, reason
    ask.form_answers, ask.answered_at = values, timezone.now()
    ask.answered_by, ask.answered_via = given.by.name, given.by.via
    return None


def _news(given: Answering) -> list[Dispatch]:
    ask, what = given.ask, str(given.ask.round)
    recipients = [*asker_of(ask), *channels.mirrors_beside(ask, given.by.via)]
    return channels.drafted(ask, Dispatch.Purpose.ANSWERED, what, recipients)


def _event(given: Answering) -> Event:
    ask = given.ask
    assert ask.answered_at is not None
    data = {"answer": given.said, "via": given.by.via, "late": ask.answered_at > ask.due_at}
    return event("ask.answered", subject_of(ask), given.by.actor, story=story_of(ask), reason=given.reason, data=data)


def _checked(asked: Ask, said: str, reason: str, form: Mapping[str, Any]) -> dict[str, str]:
    faults = []
    if said not in Ask.Answer.values:
        faults.append(("answer", _("Answer yes, partly or no.")))
    if said in (Ask.Answer.PARTLY, Ask.Answer.NO) and not reason:
        why = _("Say why only partly.") if said == Ask.Answer.PARTLY else _("Say why not.")
        faults.append(("reason", why))
    if len(reason) > LONGEST:
        faults.append(("reason", _("At most %s characters.") % LONGEST))
    if faults:
        raise Invalid(
            " ".join(sentence for _field, sentence in faults),
            errors=[{"pointer": f"#/{name}", "detail": sentence} for name, sentence in faults],
        )
    return answers.checked(asked.form, said, form)


def reopen(by: By, asked: Ask, reason: str, hours: float = 24) -> Ask:
    """The answer does not answer the question: ask on, with a new due time. The first answer stays in the record."""
    if not reason.strip():
        raise Invalid("Say what is still open.", errors=[{"pointer": "#/reason", "detail": "Say what is still open."}])
    with transaction.atomic():
        asked = locked(asked)
        must_speak(by, asked, AskMessage.Side.ASKER)
        if asked.state != Ask.State.ANSWERED:
            raise Conflict(f"{asked.ref} is not answered.")
        before = {"answer": asked.answer, "reason": asked.reason, "form": asked.form_answers}
        now = timezone.now()
        asked.state = Ask.State.ACKNOWLEDGED if asked.acknowledged_at else Ask.State.ASKED
        asked.answer = asked.reason = asked.answered_by = asked.answered_via = ""
        asked.answered_at, asked.closed_at, asked.form_answers = None, None, {}
        set_clock(asked, now + timedelta(hours=hours), now)
        channels.to_asked(asked, Dispatch.Purpose.CHANGED, f"reopened.{asked.round}", changed="reopened", reason=reason)
        happened("ask.reopened", subject_of(asked), by.actor, story=story_of(asked), reason=reason, data=before)
    return asked


def record_outcome(by: By, asked: Ask, outcome: str, text: str = "") -> Ask:
    """What came of it, said by the asker when it shows; told to whoever answered. It may be said anew."""
    if outcome not in Ask.Outcome.values:
        sentence = f"Choose what came of it: {', '.join(Ask.Outcome.values)}."
        raise Invalid(sentence, errors=[{"pointer": "#/outcome", "detail": sentence}])
    with transaction.atomic():
        asked = locked(asked)
        must_speak(by, asked, AskMessage.Side.ASKER)
        if asked.state != Ask.State.ANSWERED:
            raise Conflict(f"{asked.ref} has no answer yet that something could come of.")
        asked.outcome, asked.outcome_text, asked.outcome_at = outcome, text.strip()[:LONGEST], timezone.now()
        asked.save(update_fields=["outcome", "outcome_text", "outcome_at"])
        if outcome != Ask.Outcome.OPEN:
            channels.to_asked(asked, Dispatch.Purpose.OUTCOME, f"{asked.round}.{outcome}")
        happened("ask.outcome", subject_of(asked), by.actor, story=story_of(asked), reason=text,
                 data={"outcome": outcome})  # fmt: skip
    return asked
