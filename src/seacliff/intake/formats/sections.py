"""Lists in a mail's text: a heading that says what happened, then bare addresses or links, one to a line."""

import re

from .categories import category_of_feed, guess_category
from .clues import is_own, target_of
from .reading import MAX_ROWS, MAX_SUBJECT, Found, Reading
from .times import find_time

_HEADING = re.compile(r"^[ \t]*([A-Za-z][^:.?!\n]{4,100}):[ \t]*$")  # a title, not a sentence
_ENTRY = re.compile(r"^[ \t*•-]{0,8}(\S{4,500})(?:[ \t]+\([^)\n]{0,80}\))?[ \t]*$")
_SMALLEST = 2  # entries; a single line is a sentence's link, not a list


def read_sections(text: str, subject: str, sender: str, warnings: list[str]) -> list[Reading]:
    """Readings of a text that is such a list; [] when it is not one. Indented lines under an entry belong to it."""
    entries = [entry for entry in _entries(text) if not (entry[1] == "url" and is_own(entry[2], sender))]
    if len(entries) < _SMALLEST or not any(heading for heading, *_ in entries):
        return []
    if len(entries) > MAX_ROWS:
        warnings.append(f"The message lists {len(entries)} entries; the first {MAX_ROWS} were read.")
    return [_reading(*entry, subject) for entry in entries[:MAX_ROWS]]


def _entries(text: str) -> list[tuple[str, str, str, list[str]]]:
    """(heading, target kind, target, lines that belong to it)."""
    entries: list[tuple[str, str, str, list[str]]] = []
    heading, open_entry = "", False
    for line in text.splitlines()[:20_000]:
        title = _HEADING.match(line)
        entry = _ENTRY.match(line) if not title else None
        kind, target = target_of(entry[1]) if entry and ("." in entry[1] or ":" in entry[1]) else ("other", "")
        if title and not line.startswith(("  ", "\t")):
            heading, open_entry = title[1].strip(), False
        elif heading and (kind == "ip" or (kind == "url" and "://" in entry[1])):  # type: ignore[index]
            entries.append((heading, kind, target, []))
            open_entry = True
        elif open_entry and line.startswith((" ", "\t")) and line.strip():
            if len(entries[-1][3]) < 200:
                entries[-1][3].append(line.strip())
        elif not line.strip():
            open_entry = False
        elif not line.startswith((" ", "\t")):
            heading, open_entry = "", False
    return entries


def _reading(heading: str, kind: str, target: str, lines: list[str], subject: str) -> Reading:
    category = category_of_feed(heading)
    category = guess_category(heading, subject) if category == "unsorted" else category
    body = "\n".join([f"{heading}:", target, *lines])
    return Reading(
        category=category, target_kind=kind, target_ref=target, subject=f"{target}: {heading}"[:MAX_SUBJECT], text=body,
        url=target if kind == "url" else "", occurred_at=find_time("\n".join(lines)),
        evidence=(Found("listed.txt", "text/plain", body.encode("utf-8", "replace")),), extra={"section": heading},
    )  # fmt: skip
