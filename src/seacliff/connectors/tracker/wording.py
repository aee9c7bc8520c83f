"""Issues and comments in words, as Markdown that also reads as plain text."""

from seacliff.partners.models import Ask, Dispatch

Purpose = Dispatch.Purpose
TITLE_MOST = 200
OUTCOMES = {"helped": "It changed the outcome.", "partly": "It helped in part.", "nothing": "Nothing came of it."}


def title(ask: Ask) -> str:
    words = " ".join(ask.question.split())
    return f"[{ask.ref}] {words if len(words) <= TITLE_MOST else words[: TITLE_MOST - 1] + '…'}"


def text(ask: Ask) -> str:
    """The issue's text: the question, what goes with it, and how an issue answers an ask."""
    shared = [f"**{piece['label']}:** {piece['text']}" for piece in ask.shared]
    about = [f"It is about: {ask.about_label}"] if ask.about_label else []
    return "\n\n".join([
        f"{ask.asker_name} ({ask.from_function.name}) asks {ask.to_function.name}, by {_time(ask)}:",
        plain(ask.question),
        *map(plain, about + shared),
        "Comments here are read by whoever asked. A comment that begins with “Yes.”, “Partly.” or “No.” and says why answers "
        "the ask; so does closing the issue.",
    ])  # fmt: skip


def _time(ask: Ask) -> str:
    return f"{ask.due_at:%Y-%m-%d %H:%M} UTC"


def plain(words: str) -> str:
    """Somebody's words, which name nobody in the tracker: no @ calls a person or a team."""
    return words.replace("@", "@\u200b").replace("<!--", "<! --")


def comment(dispatch: Dispatch, ask: Ask) -> str:
    """What a dispatch says in the issue; empty for what the issue itself says."""
    said = {key: str(value) for key, value in dispatch.data.items()}
    match dispatch.purpose:
        case Purpose.MESSAGE if dispatch.message is not None:
            return f"{dispatch.message.author_name} writes:\n\n{plain(dispatch.message.body or '(a file)')}"
        case Purpose.REMINDER | Purpose.ESCALATED:
            return f"This is due by {_time(ask)}; {ask.asker_name} waits for the answer."
        case Purpose.ANSWERED:
            return plain("\n\n".join(filter(None, [f"{ask.answered_by} has answered: {ask.answer}.", ask.reason])))
        case Purpose.WITHDRAWN:
            return plain(f"{ask.asker_name} no longer needs this. {ask.reason}".strip())
        case Purpose.CHANGED:
            first = {"paused": "The clock of this ask stands still for now.", "due": f"It is now due by {_time(ask)}.",
                     "resumed": f"The clock runs again; it is due by {_time(ask)}.",
                     "reopened": f"The answer leaves something open; it is due by {_time(ask)}."}  # fmt: skip
            return plain(
                f"{first.get(said.get('changed', ''), 'Something about this ask has changed.')} {said.get('reason', '')}"
            )
        case Purpose.UNDERSTOOD:
            return plain(f"That was kept as a message, an answer could not be made of it. {said.get('problem', '')}")
        case Purpose.OUTCOME:
            return plain(f"What came of it: {OUTCOMES.get(ask.outcome, '')} {ask.outcome_text}".strip())
    return ""
