"""What somebody wrote in a mail, a chat or a tracker, done: an answer, a question back, what came of it, or a message."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from seacliff.connectors.incoming import done
from seacliff.connectors.models import Incoming, Thread
from seacliff.connectors.understanding import ANSWERS, OUTCOMES, QUESTIONS, asks_something, filled_in, first_word
from seacliff.partners import actions, answers, channels
from seacliff.partners.access import By, by_address, by_user, side_of
from seacliff.partners.directory import Recipient
from seacliff.partners.models import Ask, AskMessage, Dispatch
from seacliff.people.models import User
from seacliff.people.problems import Problem
from seacliff.record.models import Evidence

Kind = Incoming.Kind
Files = Sequence[tuple[Evidence, str]]
A_QUESTION = "It ends with a question, so it went into the conversation. To answer, write again without one."


@dataclass(frozen=True, slots=True)
class Heard:
    """`problem`: why what begins like an answer was kept as a message instead, in a sentence for whoever wrote it."""

    kind: Incoming.Kind
    message: AskMessage | None = None
    said: str = ""
    problem: str = ""


def speaker(ask: Ask, address: str, name: str, via: str) -> By:
    """Who writes from an address: the person with that account, if it speaks for a side, else the address itself."""
    user = User.objects.filter(email__iexact=address, is_active=True).first()
    if user is not None and side_of(by := by_user(user, via), ask) is not None:
        return by
    return by_address(address.lower(), name, via)


def hear(row: Incoming, by: By, ask: Ask, text: str, *, files: Files = (), purpose: str = "") -> Heard:
    """Do what it says; the row keeps what was made of it. Raises Problem when it can't even be a message."""
    heard = _done(by, ask, text, name_of(row), files, purpose)
    row.message, row.reason = heard.message, heard.problem
    done(row, heard.kind)
    return heard


def name_of(row: Incoming) -> str:
    """What a message that comes of it is known by, so that it is taken once."""
    return f"{row.channel}:{row.key}"


def _done(by: By, ask: Ask, text: str, external_id: str, files: Files, purpose: str) -> Heard:
    if side_of(by, ask) == AskMessage.Side.ASKER:
        return _from_asker(by, ask, text, external_id, files, purpose)
    asked_back = first_word(text, QUESTIONS)
    if asked_back.said and asked_back.rest and ask.state in Ask.WAITING:
        message = actions.ask_back(by, ask, asked_back.rest, external_id=external_id, files=files)
        return Heard(Kind.QUESTION, message)
    understood = first_word(text, ANSWERS)
    if not understood.said or not ask.is_open:
        return _said(by, ask, text, external_id, files)
    if asks_something(text):
        return _said(by, ask, text, external_id, files, A_QUESTION)
    return _answered(by, ask, text, external_id, files)


def _answered(by: By, ask: Ask, text: str, external_id: str, files: Files) -> Heard:
    understood = first_word(text, ANSWERS)
    form, reason = filled_in(answers.fields_of(ask.form), understood.said, understood.rest)
    try:
        with transaction.atomic():
            actions.answer(by, ask, understood.said, reason, form)
            message = actions.say(by, ask, "", external_id=external_id, files=files) if files else None
    except Problem as problem:
        return _said(by, ask, text, external_id, files, problem.detail)
    return Heard(Kind.ANSWER, message, said=understood.said)


def _from_asker(by: By, ask: Ask, text: str, external_id: str, files: Files, purpose: str) -> Heard:
    if purpose == Dispatch.Purpose.OUTCOME_WANTED and ask.state == Ask.State.ANSWERED:
        understood = first_word(text, OUTCOMES)
        if understood.said:
            actions.record_outcome(by, ask, understood.said, understood.rest)
            return Heard(Kind.OUTCOME, said=understood.said)
    return _said(by, ask, text, external_id, files)


def _said(by: By, ask: Ask, text: str, external_id: str, files: Files, problem: str = "") -> Heard:
    message = actions.say(by, ask, text, external_id=external_id, files=files)
    return Heard(Kind.MESSAGE, message, problem=problem)


def tell(row: Incoming, ask: Ask, problem: str = "") -> None:
    """Into the thread that something came from: what is lacking, or that it is to show how the ask stands."""
    for thread in Thread.objects.filter(ask=ask, channel=row.channel):
        to = [Recipient(thread.channel, thread.address, thread.address)]
        channels.order(ask, Dispatch.Purpose.UNDERSTOOD, str(row.id), to, problem=problem)
