"""Notice texts as templates: what they may use, whether they are well formed, how they read with sample data.

They are Django templates for plain text, without tag libraries and without other templates to load.
"""

from typing import Any

from django.template import Context, Engine, TemplateSyntaxError

ENGINE = Engine(autoescape=False)

VARIABLES = {
    "product": "the product's name",
    "case_ref": "the case's number",
    "what": "what the decision is about",
    "facts": "the reviewer's statement of facts",
    "rule_title": "the policy's title",
    "rule_text": "the policy in a sentence or two",
    "action": "what was done",
    "duration": "for how long",
    "redress": "how to object",
    "status_url": "the private status page",
    "received_on": "when the report came",
    "automated": "whether a machine took part, as a sentence",
    "own_initiative": "true when nobody reported it",
    "answer": "the answer to an appeal, in the reviewer's words",
    "due_on": "by when an appeal is decided",
    "reversed": "what was taken back after an appeal",
}

SAMPLE: dict[str, Any] = {
    "product": "Example Meetings",
    "case_ref": "C-4807",
    "what": "the event “Friday webinar” (spam)",
    "facts": "The event was announced to 12,400 addresses which had no relation to the host.",
    "rule_title": "Spam",
    "rule_text": "We do not allow unsolicited bulk invitations, messages or registrations.",
    "action": "a limit on some features",
    "duration": "30 days",
    "redress": "If you think that we are wrong, you can object on this page: https://example.org/status/…",
    "status_url": "https://example.org/status/…",
    "received_on": "3 March 2026",
    "automated": "A person took the decision; no automated means decided.",
    "own_initiative": False,
    "answer": "The list had agreed to be invited.",
    "due_on": "10 March 2026",
    "reversed": "Suspend the account",
}


def problem_of(source: str) -> str:
    """Why a text can't be used, in a sentence; empty when it can."""
    try:
        template = ENGINE.from_string(source)
    except TemplateSyntaxError as error:
        return f"This is not a well-formed text: {error}"
    try:
        template.render(Context(SAMPLE))
    except Exception as error:  # whatever a tag raises is the writer's to see
        return f"This text can't be filled in: {error}"
    return ""


def preview(source: str, values: dict[str, Any] | None = None) -> str:
    """The text as a reader would get it; the problem as a sentence if it has one."""
    return problem_of(source) or ENGINE.from_string(source).render(Context(SAMPLE | (values or {})))
