"""What somebody meant who answers in their own words: the first word decides, and only if it stands alone.

"No." is an answer, "No problem" is none: whatever is not plain goes into the conversation, where a person reads it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from seacliff.partners.answers import Field

Words = dict[str, tuple[str, ...]]

# English, German, Spanish. "si" without its accent also means "if", which no comma or full stop follows.
ANSWERS: Words = {
    "yes": ("yes", "ja", "sí", "si"),
    "partly": ("partly", "partially", "in part", "teilweise", "zum teil", "teils", "en parte", "parcialmente"),
    "no": ("no", "nein"),
}
OUTCOMES: Words = {
    "helped": ("helped", "it helped", "hat geholfen", "geholfen", "ayudó", "ha ayudado"),
    "partly": ("partly", "in part", "teilweise", "zum teil", "en parte", "parcialmente"),
    "nothing": ("nothing", "nichts", "nada"),
    "open": ("too early", "open", "zu früh", "offen", "demasiado pronto"),
}
QUESTIONS: Words = {"question": ("question", "rückfrage", "frage", "pregunta")}
STANDS_ALONE = r"(?=[ \t]*(?:\Z|\n|[.,:;!–—]|-[ \t]|[ \t]-))"
LABELLED = re.compile(r"^[ \t*]*([^:\n]{1,80}?)[ \t*]*:[ \t]*(.*)$")


@dataclass(frozen=True, slots=True)
class Understood:
    """`said`: the key of the word found, empty for none. `rest`: what follows it, or everything."""

    said: str
    rest: str


def _pattern(words: Words) -> re.Pattern[str]:
    every = sorted((word for each in words.values() for word in each), key=len, reverse=True)
    return re.compile(rf"[\s*_\"'“„»>]*({'|'.join(map(re.escape, every))})[*_\"'”“«]*{STANDS_ALONE}", re.IGNORECASE)


def _meaning(words: Words) -> dict[str, str]:
    return {word: key for key, each in words.items() for word in each}


_READ = {id(words): (_pattern(words), _meaning(words)) for words in (ANSWERS, OUTCOMES, QUESTIONS)}


def first_word(text: str, words: Words) -> Understood:
    """Which of ANSWERS, OUTCOMES or QUESTIONS a text begins with."""
    pattern, meaning = _READ[id(words)]
    found = pattern.match(text)
    if found is None:
        return Understood("", text.strip())
    return Understood(meaning[found[1].lower()], text[found.end() :].lstrip(" \t\n.,:;!–—-*").strip())


def asks_something(text: str) -> bool:
    """Whether it ends with a question: "Yes, but which one?" is no answer yet."""
    return text.rstrip(" \n\t*_\"')”").endswith(("?", "？"))


def filled_in(fields: Sequence[Field], said: str, text: str) -> tuple[dict[str, str], str]:
    """The form's values in a text, written as "Label: value" lines; what is left of the text.

    When one text alone is still needed for the answer, what is left of the words is that.
    """
    by_label = {name.lower(): field for field in fields for name in (field.label, field.key)}
    values: dict[str, list[str]] = {}
    left: list[str] = []
    into = left
    for line in text.splitlines():
        found = LABELLED.match(line)
        field = by_label.get(" ".join(found[1].lower().split())) if found else None
        if found and field:
            into = values.setdefault(field.key, [])
            line = found[2]
        elif not line.strip():
            into = left
        into.append(line)
    filled = {key: "\n".join(lines).strip() for key, lines in values.items()}
    rest = "\n".join(left).strip()
    missing = [field for field in fields if said in field.needed_for and not filled.get(field.key)]
    if rest and len(missing) == 1 and missing[0].type in ("text", "line"):
        filled[missing[0].key] = rest
        rest = "" if said == "yes" else rest
    return filled, rest
