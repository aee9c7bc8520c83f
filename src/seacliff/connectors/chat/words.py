"""What is said of an ask in a chat, as plain words; each chat escapes and decorates them in its own way."""

from seacliff.partners import answers
from seacliff.partners.models import Ask, Dispatch

Purpose = Dispatch.Purpose
OUTCOMES = {"helped": "It changed the outcome.", "partly": "It helped in part.", "nothing": "Nothing came of it."}
WANTED = {"review": "a review", "approve": "a yes", "advise": "advice", "build": "something to be built",
          "publish": "something to be published", "inform": "you to know something"}  # fmt: skip


def heading(ask: Ask) -> str:
    return f"{ask.ref}: {ask.asker_name} ({ask.from_function.name}) wants {WANTED[ask.kind]}"


def facts(ask: Ask) -> list[tuple[str, str]]:
    shared = [(str(piece["label"]), str(piece["text"])) for piece in ask.shared]
    return [("About", ask.about_label), *shared] if ask.about_label else shared


def due(ask: Ask) -> str:
    return f"{ask.due_at:%Y-%m-%d %H:%M} UTC"


def state(ask: Ask) -> str:
    """How it stands, for the end of the first message."""
    if ask.state == Ask.State.ANSWERED:
        return f"Answered by {ask.answered_by}: {ask.answer}."
    if ask.state == Ask.State.WITHDRAWN:
        return "Withdrawn: no answer is needed any more."
    taken = f"{ask.acknowledged_by} takes it on. " if ask.acknowledged_by else ""
    return f"{taken}Please answer by {due(ask)}."


def needs_form(ask: Ask, said: str) -> list[answers.Field]:
    """The fields that an answer can't do without."""
    return [field for field in answers.fields_of(ask.form) if said in field.needed_for]


def news(dispatch: Dispatch, ask: Ask) -> str:
    """What a later dispatch says in the thread; empty for what the first message says."""
    said = {key: str(value) for key, value in dispatch.data.items()}
    match dispatch.purpose:
        case Purpose.MESSAGE if dispatch.message is not None:
            return f"{dispatch.message.author_name} writes: {dispatch.message.body or '(a file)'}"
        case Purpose.REMINDER | Purpose.ESCALATED:
            return f"This is due by {due(ask)}; {ask.asker_name} waits for the answer."
        case Purpose.ANSWERED:
            return " ".join(filter(None, [f"{ask.answered_by} has answered: {ask.answer}.", ask.reason]))
        case Purpose.WITHDRAWN:
            return f"{ask.asker_name} no longer needs this. {ask.reason}".strip()
        case Purpose.CHANGED:
            first = {"paused": "The clock of this ask stands still for now.", "due": f"It is now due by {due(ask)}.",
                     "resumed": f"The clock runs again; it is due by {due(ask)}.",
                     "reopened": f"The answer leaves something open; it is due by {due(ask)}."}  # fmt: skip
            return f"{first.get(said.get('changed', ''), 'Something has changed.')} {said.get('reason', '')}".strip()
        case Purpose.OUTCOME:
            return f"What came of it: {OUTCOMES.get(ask.outcome, '')} {ask.outcome_text}".strip()
        case Purpose.UNDERSTOOD if "url" in said:
            return f"Thank you, {said['thanked']}. Two questions, if you have half a minute: {said['url']}"
        case Purpose.UNDERSTOOD:
            return said.get("problem", "")
    return ""
