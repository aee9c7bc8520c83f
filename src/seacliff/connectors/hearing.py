"""What somebody wrote in a mail, a chat or a tracker, done: an answer, a question back, what came of it, or a message."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models.functions import Lower

from seacliff.connectors.incoming import done
from seacliff.connectors.models import Incoming, Thread
from seacliff.connectors.understanding import ANSWERS, OUTCOMES, QUESTIONS, asks_something, filled_in, first_word
from seacliff.partners import actions, answers, channels, thanks
from seacliff.partners.access import By, by_address, by_user, side_of
from seacliff.partners.actions import Answering, Saying
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


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody wrote about an ask, and the row it came as."""

    row: Incoming
    by: By
    ask: Ask
    text: str
    files: Files = ()
    purpose: str = ""

    @property
    def name(self) -> str:
        return name_of(self.row)


@dataclass(frozen=True, slots=True)
class Meant:
    """What words mean as the ask stands. `rest`: what follows the word that decided; `problem`: as Heard has it."""

    kind: Incoming.Kind
    said: str = ""
    rest: str = ""
    problem: str = ""


def speakers(of: Sequence[tuple[Ask, str, str]], via: str) -> list[By]:
    """Who writes about each ask from an address, under a name: the person with that account, if it speaks for a side, else
    the address itself."""
    addresses = {address.lower() for _ask, address, _name in of}
    accounts = User.objects.alias(lower=Lower("email")).filter(lower__in=addresses, is_active=True)
    users = {user.email.lower(): user for user in accounts}
    return [_speaker(ask, address.lower(), name, via, users.get(address.lower())) for ask, address, name in of]


def _speaker(ask: Ask, address: str, name: str, via: str, user: User | None) -> By:
    if user is not None and side_of(by := by_user(user, via), ask) is not None:
        return by
    return by_address(address, name, via)


def hear(words: Words) -> Heard:
    """Do what it says; the row keeps what was made of it. Raises Problem when it can't even be a message."""
    with transaction.atomic():
        words = replace(words, ask=actions.locked(words.ask))
        heard = _done(words, meant(words))
    _keep(words.row, heard)
    return heard


def hear_many(words: Sequence[Words]) -> list[Heard]:
    """hear() for many whose asks are locked, none of them twice, and that are answers or messages: one statement a table."""
    heard = _taken(words, [meant(each) for each in words])
    for each, found in zip(words, heard, strict=True):
        _keep(each.row, found)
    return heard


def _keep(row: Incoming, heard: Heard) -> None:
    row.message, row.reason = heard.message, heard.problem
    done(row, heard.kind)


def name_of(row: Incoming) -> str:
    """What a message that comes of it is known by, so that it is taken once."""
    return f"{row.channel}:{row.key}"


def meant(words: Words) -> Meant:
    """Nothing is changed by this."""
    ask, text = words.ask, words.text
    if side_of(words.by, ask) == AskMessage.Side.ASKER:
        outcome = first_word(text, OUTCOMES)
        wanted = words.purpose == Dispatch.Purpose.OUTCOME_WANTED and ask.state == Ask.State.ANSWERED
        return Meant(Kind.OUTCOME, outcome.said, outcome.rest) if wanted and outcome.said else Meant(Kind.MESSAGE)
    asked_back = first_word(text, QUESTIONS)
    if asked_back.said and asked_back.rest and ask.state in Ask.WAITING:
        return Meant(Kind.QUESTION, rest=asked_back.rest)
    understood = first_word(text, ANSWERS)
    if not understood.said or not ask.is_open:
        return Meant(Kind.MESSAGE)
    if asks_something(text):
        return Meant(Kind.MESSAGE, problem=A_QUESTION)
    return Meant(Kind.ANSWER, understood.said, understood.rest)


def _done(words: Words, what: Meant) -> Heard:
    match what.kind:
        case Kind.QUESTION:
            message = actions.ask_back(words.by, words.ask, what.rest, external_id=words.name, files=words.files)
            return Heard(Kind.QUESTION, message)
        case Kind.OUTCOME:
            actions.record_outcome(words.by, words.ask, what.said, what.rest)
            return Heard(Kind.OUTCOME, said=what.said)
    return _taken([words], [what])[0]


def _taken(words: Sequence[Words], meanings: Sequence[Meant]) -> list[Heard]:
    """Answer, and say the rest: what is a message, what can't be an answer, the files that go with one."""
    answering = [at for at, what in enumerate(meanings) if what.kind == Kind.ANSWER]
    answered = actions.answer_locked([_answering(words[at], meanings[at]) for at in answering])
    heard = [Heard(Kind.MESSAGE, problem=what.problem) for what in meanings]
    for at, found in zip(answering, answered, strict=True):
        answer = Heard(Kind.ANSWER, said=meanings[at].said)
        heard[at] = Heard(Kind.MESSAGE, problem=found.detail) if isinstance(found, Problem) else answer
    saying = {
        at: _saying(words[at], each.kind)
        for at, each in enumerate(heard)
        if each.kind != Kind.ANSWER or words[at].files
    }
    for at, message in zip(saying, actions.say_locked(list(saying.values())), strict=True):
        heard[at] = replace(heard[at], message=message)
    return heard


def _answering(words: Words, what: Meant) -> Answering:
    form, reason = filled_in(answers.fields_of(words.ask.form), what.said, what.rest)
    return Answering(words.by, words.ask, what.said, reason, form)


def _saying(words: Words, kind: Incoming.Kind) -> Saying:
    return Saying(words.by, words.ask, "" if kind == Kind.ANSWER else words.text, words.name, words.files)


def tell(row: Incoming, ask: Ask, problem: str = "", *, thanked: By | None = None) -> None:
    """Into the thread that something came from: what is lacking, or that it is to show how the ask stands; `thanked`: who
    has answered, for what goes with the thanks."""
    url = thanks.address_of(ask, thanked.email) if thanked else ""
    said: dict[str, Any] = {"problem": problem} | ({"thanked": thanked.name, "url": url} if thanked and url else {})
    for thread in Thread.objects.filter(ask=ask, channel=row.channel):
        to = [Recipient(thread.channel, thread.address, thread.address)]
        channels.order(ask, Dispatch.Purpose.UNDERSTOOD, str(row.id), to, **said)
