"""What follows from something said or pressed in a chat."""

import json
from collections.abc import Mapping
from typing import Any

from seacliff.connectors.hearing import Words, hear, speakers, tell
from seacliff.connectors.incoming import done, ignored, needs_human
from seacliff.connectors.models import Incoming
from seacliff.partners import actions
from seacliff.partners.access import By
from seacliff.partners.models import Ask
from seacliff.people.problems import Problem

Kind = Incoming.Kind


def settle(row: Incoming) -> None:
    """`raw` is JSON with "name", "email" and "what": "comment" (with "text"), "taken-on", "answer" ("said", "reason", "form")."""
    ask = row.ask
    if ask is None:
        needs_human(row, "It belongs to no ask.")
        return
    said = json.loads(bytes(row.raw))
    (by,) = speakers([(ask, said.get("email", ""), said.get("name", ""))], row.channel)
    try:
        _do(row, ask, by, said)
    except Problem as problem:
        if said["what"] == "comment":
            needs_human(row, problem.detail)
        else:
            ignored(row, Kind.ANSWER, problem.detail)
            tell(row, ask, problem.detail)


def _do(row: Incoming, ask: Ask, by: By, said: Mapping[str, Any]) -> None:
    match said["what"]:
        case "taken-on":
            actions.acknowledge(by, ask)
            done(row, Kind.STATE)
            tell(row, ask)
        case "answer":
            actions.answer(by, ask, said["said"], said.get("reason", ""), said.get("form", {}))
            done(row, Kind.ANSWER)
            tell(row, ask, thanked=by)
        case _:
            heard = hear(Words(row, by, ask, said["text"]))
            if heard.kind == Kind.ANSWER:
                tell(row, ask, thanked=by)
            elif heard.problem:
                tell(row, ask, heard.problem)
