"""Answering an ask, opening it again, and saying later what came of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.partners import answers, channels, thanks
from seacliff.partners.access import By, must_speak
from seacliff.partners.actions.asking import close, locked, must_be_open, story_of, subject_of
from seacliff.partners.actions.timing import set_clock
from seacliff.partners.models import Ask, AskMessage, Dispatch
from seacliff.people.problems import Conflict, Invalid
from seacliff.record.actions import happened

LONGEST = 10_000


def answer(by: By, asked: Ask, said: str, reason: str = "", form: Mapping[str, Any] | None = None) -> Ask:
    """Yes, partly or no, with the kind's form. Raises Invalid naming each field, Conflict when it is closed."""
    with transaction.atomic():
        asked = locked(asked)
        must_speak(by, asked, AskMessage.Side.ASKED)
        must_be_open(asked)
        values = _checked(asked, said, reason.strip(), form or {})
        now = timezone.now()
        asked.state, asked.answer, asked.reason = Ask.State.ANSWERED, said, reason.strip()
        asked.form_answers, asked.answered_at = values, now
        asked.answered_by, asked.answered_via = by.name, by.via
        close(asked)
        channels.to_asker(asked, Dispatch.Purpose.ANSWERED, str(asked.round))
        channels.to_mirrors(asked, Dispatch.Purpose.ANSWERED, str(asked.round), by.via)
        data = {"answer": said, "via": by.via, "late": now > asked.due_at}
        thanks.answered(asked, by)
        happened("ask.answered", subject_of(asked), by.actor, story=story_of(asked), reason=reason, data=data)
    return asked


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
