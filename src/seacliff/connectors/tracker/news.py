"""What follows from news in an issue: comments are heard like any reply; its state answers the ask, or asks what came of it."""

import json
from typing import Any

from seacliff.connectors.hearing import Words, hear, name_of, tell
from seacliff.connectors.incoming import done, ignored, needs_human
from seacliff.connectors.models import Incoming
from seacliff.partners import actions, answers, channels
from seacliff.partners.access import By, by_address
from seacliff.partners.models import Ask, Dispatch
from seacliff.people.problems import Problem

Kind = Incoming.Kind


def settle(row: Incoming) -> None:
    ask = row.ask
    if ask is None:
        needs_human(row, "It belongs to no ask.")
        return
    said = json.loads(bytes(row.raw))
    by = by_address("", f"{row.sender} ({row.channel})" if row.sender != row.channel else row.channel, row.channel)
    try:
        match said["what"]:
            case "comment":
                _commented(row, ask, by, said["text"])
            case "assigned":
                actions.acknowledge(by, ask)
                done(row, Kind.STATE)
            case "closed":
                _closed(row, ask, by, said)
            case _:
                row.message = actions.say(
                    by, ask, f"The issue was opened again: {said['url']}", external_id=name_of(row)
                )
                done(row, Kind.STATE)
    except Problem as problem:
        needs_human(row, problem.detail)


def _commented(row: Incoming, ask: Ask, by: By, text: str) -> None:
    if not text.strip():
        ignored(row, Kind.MESSAGE, "The comment is empty.")
        return
    heard = hear(Words(row, by, ask, text))
    if heard.problem:
        tell(row, ask, heard.problem)


def _closed(row: Incoming, ask: Ask, by: By, said: dict[str, Any]) -> None:
    """Made: yes, and the asker is asked what came of it. Not wanted: no."""
    if ask.is_open:
        _answer(ask, by, said)
    else:
        words = "made" if said["done"] else "not wanted"
        row.message = actions.say(by, ask, f"The issue was closed as {words}: {said['url']}", external_id=name_of(row))
    if said["done"]:
        channels.to_asker(ask, Dispatch.Purpose.OUTCOME_WANTED, f"closed.{said['at']}")
    done(row, Kind.STATE)


def _answer(ask: Ask, by: By, said: dict[str, Any]) -> None:
    known = {field.key for field in answers.fields_of(ask.form)}
    given = {"planned_for": said["at"][:10], "tracker_url": said["url"]}
    form = {key: value for key, value in given.items() if key in known and value}
    if said["done"]:
        actions.answer(by, ask, Ask.Answer.YES, "The issue was closed as made.", form)
    else:
        actions.answer(by, ask, Ask.Answer.NO, f"The issue was closed as not wanted: {said['url']}", form)
