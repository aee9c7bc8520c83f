"""The form that Slack shows for an answer which needs words."""

import json
from collections.abc import Mapping
from typing import Any

from seacliff.connectors.chat.words import needs_form
from seacliff.partners import answers
from seacliff.partners.models import Ask

LONGEST = 3_000
TITLES = {"yes": "Yes", "partly": "Partly", "no": "No"}


def is_needed(ask: Ask, said: str) -> bool:
    return said != "yes" or bool(needs_form(ask, said))


def modal(ask: Ask, said: str) -> dict[str, Any]:
    """Reason and what the kind of ask needs for this answer; the rest of the form can be given in the console."""
    blocks = [_input(field) for field in needs_form(ask, said)]
    if said != "yes":
        blocks.insert(0, _input(answers.Field("reason", "Why" if said == "no" else "What, and what not", "text")))
    return {
        "type": "modal", "callback_id": "answer", "private_metadata": json.dumps({"ask": str(ask.id), "said": said}),
        "title": {"type": "plain_text", "text": f"{ask.ref}: {TITLES[said]}"[:24]},
        "submit": {"type": "plain_text", "text": "Answer"}, "blocks": blocks,
    }  # fmt: skip


def _input(field: answers.Field) -> dict[str, Any]:
    element: dict[str, Any] = {"action_id": "given"}
    match field.type:
        case "date":
            element |= {"type": "datepicker"}
        case "choice" | "yes-no":
            options = field.choices or ("yes", "no")
            shown = [{"text": {"type": "plain_text", "text": one[:75]}, "value": one} for one in options[:100]]
            element |= {"type": "static_select", "options": shown}
        case kind:
            element |= {"type": "plain_text_input", "multiline": kind == "text", "max_length": LONGEST}
    return {"type": "input", "block_id": field.key, "label": {"type": "plain_text", "text": field.label[:2000]},
            "element": element}  # fmt: skip


def given(view: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The ask's id, and the answer that a form which was sent gives. Raises KeyError, ValueError for another's form."""
    about = json.loads(view["private_metadata"])
    values: dict[str, str] = {}
    for key, block in view["state"]["values"].items():
        each = block.get("given") or {}
        picked = (each.get("selected_option") or {}).get("value")
        values[key] = str(each.get("value") or each.get("selected_date") or picked or "")
    return about["ask"], {"what": "answer", "said": about["said"], "reason": values.pop("reason", ""), "form": values}
