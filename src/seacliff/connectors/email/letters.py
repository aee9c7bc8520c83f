"""The mails about asks, worded by what they are for, and written twice from the same blocks: plain text and modest HTML."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.timesince import timeuntil

from seacliff.connectors.email import places
from seacliff.connectors.email.addresses import reply_address
from seacliff.connectors.email.reading import MARKER
from seacliff.partners import answers, thanks
from seacliff.partners.charters.document import charter_of
from seacliff.partners.models import Ask, Dispatch
from seacliff.record import evidence
from seacliff.record.models import Calendar

WIDTH = 76
SUBJECT_MOST = 70
Purpose = Dispatch.Purpose
WANTED = {
    "review": "asks {to} to review something",
    "approve": "asks {to} to approve something",
    "advise": "asks {to} for advice",
    "build": "asks {to} to build something",
    "publish": "asks {to} to publish something",
    "inform": "tells {to} something",
}
OUTCOMES = {"helped": "It changed the outcome.", "partly": "It helped in part.", "nothing": "Nothing came of it."}


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a mail: `kind` is text, words (somebody's, set off), facts, link or small."""

    kind: str
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    blocks: list[Block]
    answerable: bool = False

    def text(self) -> str:
        """As plain text: lines of at most WIDTH, addresses on lines of their own."""
        pieces = [MARKER] if self.answerable else []
        return "\n\n".join([*pieces, *filter(None, map(_plain, self.blocks)), f"-- \n{_signature()}"]) + "\n"

    def html(self) -> str:
        facts = {"letter": self, "marker": MARKER, "signature": _signature()}
        return render_to_string("connectors/mail/letter.html", facts)


def _signature() -> str:
    return f"Trust & Safety, {settings.COMPANY_NAME}"


def _plain(block: Block) -> str:
    match block.kind:
        case "facts":
            return "\n".join(_fact(label, value) for label, value in block.facts)
        case "words":
            return textwrap.indent(_wrapped(block.text, WIDTH - 4), "    ")
        case "link":
            return f"{block.text}\n{block.url}" if block.url else ""
    return _wrapped(block.text, WIDTH)


def _fact(label: str, value: str) -> str:
    whole = f"{label}: {value}"
    return (
        whole
        if len(whole) <= WIDTH and "\n" not in value
        else f"{label}:\n{textwrap.indent(_wrapped(value, WIDTH - 4), '    ')}"
    )


def _wrapped(text: str, width: int) -> str:
    lines = (
        textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False) if line.strip() else ""
        for line in text.strip().splitlines()
    )
    return "\n".join(lines)


def letter_of(dispatch: Dispatch) -> Letter:
    """The mail of a dispatch, as things are now."""
    ask = dispatch.ask
    if ask is None:
        return _free(dispatch)
    matter = Matter(dispatch, ask)
    blocks = WORDED[Purpose(dispatch.purpose)](matter)
    again = "" if dispatch.purpose == Purpose.ASKED and not dispatch.data.get("handed_on_by") else "Re: "
    title = " ".join(ask.question.split())
    title = title if len(title) <= SUBJECT_MOST else f"{title[: SUBJECT_MOST - 1].rstrip()}…"
    return Letter(f"{again}[{ask.ref}] {title}", blocks, matter.answerable)


@dataclass(slots=True)
class Matter:
    """A dispatch with what every wording needs at hand."""

    dispatch: Dispatch
    ask: Ask
    zone: ZoneInfo = field(init=False)
    answerable: bool = field(init=False)
    to_asker: bool = field(init=False)

    def __post_init__(self) -> None:
        self.zone = _zone(self.ask)
        self.answerable = bool(reply_address(self.dispatch))
        self.to_asker = self.dispatch.address.lower() == self.ask.asker_email.lower()

    def said(self, name: str) -> str:
        return str(self.dispatch.data.get(name) or "")

    def time(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%A %-d %B %Y, %H:%M} ({self.zone.key})"

    def due(self) -> str:
        now = timezone.now()
        if self.ask.due_at > now:
            return f"{self.time(self.ask.due_at)}, in {timeuntil(self.ask.due_at, now, depth=1)}"
        return f"{self.time(self.ask.due_at)}, {timeuntil(now, self.ask.due_at, depth=1)} ago"

    def who(self) -> str:
        return f"{self.ask.asker_name} ({self.ask.from_function.name})"


def _zone(ask: Ask) -> ZoneInfo:
    slug = charter_of(ask.charter).calendar
    name = Calendar.objects.filter(slug=slug).values_list("time_zone", flat=True).first() if slug else None
    return ZoneInfo(name or "UTC")


def text(words: str) -> Block:
    return Block("text", words)


def words(said: str) -> Block:
    return Block("words", said)


def facts(*pairs: tuple[str, str]) -> Block:
    return Block("facts", facts=tuple((label, value) for label, value in pairs if value))


def _asked(matter: Matter) -> list[Block]:
    ask, passed = matter.ask, matter.said("handed_on_by")
    wanted = WANTED[ask.kind].format(to=ask.to_function.name)
    blocks = [text(f"{matter.who()} {wanted}.")]
    if passed:
        blocks = [text(f"{passed} has handed this ask of {matter.who()} on to you.")]
        blocks += [words(matter.said("note"))] if matter.said("note") else []
    blocks += [words(ask.question), *_about(matter)]
    return [*blocks, *_how_to_answer(matter)]


def _about(matter: Matter) -> list[Block]:
    ask = matter.ask
    head = facts(("Please answer by", matter.due()), ("It is about", ask.about_label))
    shared = [(str(piece["label"]), str(piece["text"])) for piece in ask.shared]
    return [head, *([facts(*shared)] if shared else [])]


def _how_to_answer(matter: Matter) -> list[Block]:
    """To whoever was asked: by reply, by link, or by both; nothing when there is neither or nothing to answer."""
    ask, url = matter.ask, places.to_answer(matter.dispatch)
    if not ask.is_open or matter.to_asker:
        return _to_open(matter)
    blocks = []
    if matter.answerable:
        blocks.append(text(
            "To answer, reply to this mail. Begin with Yes, Partly or No and a full stop, then say why. To ask something "
            "back, begin with “Question:”. Anything else goes into the conversation."
        ))  # fmt: skip
        wanted = [field for field in answers.fields_of(ask.form) if field.needed_for]
        if len(wanted) > 1 or any(field.type not in ("text", "line") for field in wanted):
            lines = "\n".join(f"{field.label}: {_example(field)}" for field in wanted)
            blocks += [text("An answer also needs, each on a line of its own:"), words(lines)]
    if url:
        how = "Or answer on this page" if matter.answerable else "Answer on this page"
        whose = "" if places.account_of(matter.dispatch.address) else ", without an account; it is for you alone"
        blocks.append(Block("link", f"{how}{whose}:", url=url))
    return blocks


def _example(field: answers.Field) -> str:
    if field.type == "choice":
        return " or ".join(field.choices)
    return {"date": "2027-01-31", "number": "12", "url": "https://…", "yes-no": "yes or no"}.get(field.type, "…")


def _to_open(matter: Matter) -> list[Block]:
    url = places.to_answer(matter.dispatch)
    return [Block("link", "The whole ask:", url=url)] if url else []


def _reminder(matter: Matter) -> list[Block]:
    step = matter.said("step")
    late = timezone.now() >= matter.ask.due_at
    begins = {
        "hand": f"{matter.who()} waits for your answer and asked for this reminder.",
        "due": "This ask is due now.",
    }.get(step) or ("This ask is late; its answer is still waited for." if late else "This ask is due soon.")
    return [text(begins), words(matter.ask.question), *_about(matter), *_how_to_answer(matter)]


def _escalated(matter: Matter) -> list[Block]:
    ask = matter.ask
    if matter.to_asker:
        first = f"{ask.to_function.name} has not answered in time. By the charter it has now been told further up."
    else:
        first = (
            f"{ask.to_function.name} has not answered this ask of {matter.who()} in time. By the charter between both, "
            "you are told."
        )
    return [text(first), words(ask.question), *_about(matter), *_how_to_answer(matter)]


def _message(matter: Matter) -> list[Block]:
    ask, message = matter.ask, matter.dispatch.message
    if message is None:
        return [text("Somebody wrote about this ask."), *_to_open(matter)]
    asks_back = message.side == "asked" and ask.state == Ask.State.CLARIFYING
    first = f"{message.author_name} {'asks back; the clock stands still until you answer' if asks_back else 'writes'}:"
    files = [attachment.name for attachment in evidence.of_many([message.id])[message.id]]
    blocks = [text(first), words(message.body or "(no text)")]
    blocks += [facts(("With it came", ", ".join(files)))] if files else []
    if matter.to_asker:
        more = "Reply to this mail to write back." if matter.answerable else ""
        return [*blocks, *([text(more)] if more else []), *_to_open(matter), _reminded_of(matter)]
    return [*blocks, _reminded_of(matter), *_how_to_answer(matter)]


def _reminded_of(matter: Matter) -> Block:
    return facts(("The ask was", matter.ask.question))


def _acknowledged(matter: Matter) -> list[Block]:
    by = matter.ask.acknowledged_by or matter.ask.to_function.name
    return [text(f"{by} has seen your ask and takes it on. An answer is due by {matter.due()}."),
            _reminded_of(matter), *_to_open(matter)]  # fmt: skip


def _answered(matter: Matter) -> list[Block]:
    ask = matter.ask
    answer = {"yes": "Yes", "partly": "Partly", "no": "No"}.get(ask.answer, "")
    if not answer:  # it was opened again before this was sent
        return [text("This ask was answered and is open again."), _reminded_of(matter), *_to_open(matter)]
    labels = {each.key: each.label for each in answers.fields_of(ask.form)}
    given = [(labels.get(key, key), value) for key, value in ask.form_answers.items()]
    blocks = [text(f"{ask.answered_by} of {ask.to_function.name} answers: {answer}.")]
    blocks += [words(ask.reason)] if ask.reason else []
    blocks += [facts(*given)] if given else []
    return [*blocks, _reminded_of(matter), *_to_open(matter), *_how_it_was(matter)]


def _how_it_was(matter: Matter) -> list[Block]:
    """With the thanks, what a room above would like to know."""
    url = thanks.address_of(matter.ask, matter.dispatch.address)
    return (
        [Block("link", "Two questions, if you have half a minute: how was it to work with us?", url=url)] if url else []
    )


def _withdrawn(matter: Matter) -> list[Block]:
    first = f"{matter.who()} no longer needs an answer to this. You need not do anything."
    return [text(first), *([words(matter.ask.reason)] if matter.ask.reason else []), _reminded_of(matter)]


def _changed(matter: Matter) -> list[Block]:
    first = {
        "paused": "The clock of this ask stands still for now.",
        "resumed": f"The clock of this ask runs again. It is due by {matter.due()}.",
        "due": f"This ask has another due time: {matter.due()}.",
        "reopened": f"The answer leaves something open, so this is asked on. It is due by {matter.due()}.",
    }.get(matter.said("changed"), "Something about this ask has changed.")
    reason = matter.said("reason")
    return [text(first), *([words(reason)] if reason else []), _reminded_of(matter), *_how_to_answer(matter)]


def _outcome_wanted(matter: Matter) -> list[Block]:
    how = (
        "To say what came of it, reply and begin with Helped, Partly, Nothing or Too early, and a full stop."
        if matter.answerable
        else "Say in Seacliff what came of it."
    )
    first = f"{matter.ask.to_function.name} answered you. What came of it? They hear of it, and see that it mattered."
    return [text(first), _reminded_of(matter), text(how), *_to_open(matter)]


def _outcome(matter: Matter) -> list[Block]:
    ask = matter.ask
    first = f"{matter.who()} tells what came of your answer: {OUTCOMES.get(ask.outcome, 'It is too early to say.')}"
    return [text(first), *([words(ask.outcome_text)] if ask.outcome_text else []), _reminded_of(matter)]


def _unreached(matter: Matter) -> list[Block]:
    first = (
        f"A mail about your ask did not reach {matter.said('to') or 'its recipient'}, who may know nothing of it. "
        "Ask somebody else of the function, or have the address in its charter mended."
    )
    return [text(first), words(matter.said("problem")), _reminded_of(matter), *_to_open(matter)]


def _understood(matter: Matter) -> list[Block]:
    said, problem = matter.said("said"), matter.said("problem")
    if said:
        first = f"Thank you. Your reply was recorded as the answer: {said.capitalize()}."
        return [text(first), text("If that is not what you meant, reply to this mail and say so."),
                _reminded_of(matter), *_how_it_was(matter)]  # fmt: skip
    first = "Your reply was kept as a message; an answer could not be made of it:"
    return [text(first), words(problem), _reminded_of(matter), *_how_to_answer(matter)]


def _digest(matter: Matter) -> list[Block]:
    return _free_blocks(matter.dispatch)


WORDED: dict[Dispatch.Purpose, Callable[[Matter], list[Block]]] = {
    Purpose.ASKED: _asked,
    Purpose.REMINDER: _reminder,
    Purpose.ESCALATED: _escalated,
    Purpose.MESSAGE: _message,
    Purpose.ACKNOWLEDGED: _acknowledged,
    Purpose.ANSWERED: _answered,
    Purpose.WITHDRAWN: _withdrawn,
    Purpose.CHANGED: _changed,
    Purpose.OUTCOME_WANTED: _outcome_wanted,
    Purpose.OUTCOME: _outcome,
    Purpose.DIGEST: _digest,
    Purpose.UNREACHED: _unreached,
    Purpose.UNDERSTOOD: _understood,
}


def _free(dispatch: Dispatch) -> Letter:
    """A mail about no single ask, such as the digest. `data`: {"subject", "intro", "url", "sections": [{"title", "lines"}]}."""
    subject = " ".join(str(dispatch.data.get("subject") or "News of the work with Trust & Safety").split())
    return Letter(subject[:200], _free_blocks(dispatch))


def _free_blocks(dispatch: Dispatch) -> list[Block]:
    data = dispatch.data
    blocks = [text(str(data["intro"]))] if data.get("intro") else []
    for section in data.get("sections", []):
        lines = "\n".join(f"• {line}" for line in section.get("lines", []))
        blocks += [Block("title", str(section.get("title", ""))), text(lines or "Nothing this time.")]
    if data.get("url") and places.account_of(dispatch.address):  # for others the console is a closed door
        blocks.append(Block("link", "More:", url=str(data["url"])))
    return blocks
