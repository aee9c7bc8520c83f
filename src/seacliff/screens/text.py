"""Text that people wrote, made safe to show: markdown, JSON, hostile characters, differences."""

import json
import re
from difflib import SequenceMatcher
from functools import cache
from typing import Any, NamedTuple

import nh3
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "s", "a", "blockquote", "code", "pre"),
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"),
}
CONTEXT = 3  # unchanged lines shown around a change
LINKED = ("http://", "https://", "mailto:")
LONGEST = 4000  # lines or characters a difference is looked for in; beyond, a block is shown as replaced

# Characters that draw nothing or turn the reading direction round, so that text can pretend to be other text:
# controls, Unicode's bidirectional marks (UAX 9, section 2) and zero-width characters.
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")


def render_markdown(source: str) -> SafeString:
    """CommonMark with tables as clean HTML: raw HTML is shown as text, images become links, links are not followed."""
    html = _parser().render(source)
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )
    return mark_safe(clean)


def markdown_tree(source: str) -> list[dict[str, Any]]:
    """The same Markdown as nested nodes, for paper: `type` as markdown-it names it, `text` of leaves, `children` of the others; a
    heading's `level`, a list's `start`, a link's `href` where the HTML would link too."""
    return [_node(child) for child in SyntaxTreeNode(_parser().parse(source)).children]


def _node(node: SyntaxTreeNode) -> dict[str, Any]:
    made: dict[str, Any] = {"type": node.type}
    if node.type == "heading":
        made["level"] = int(node.tag[1:])
    elif node.type == "ordered_list":
        made["start"] = int(node.attrs.get("start", 1))
    elif node.type == "link" and str(node.attrs.get("href", "")).startswith(LINKED):
        made["href"] = str(node.attrs["href"])
    if node.children:
        made["children"] = [_node(child) for child in node.children]
    else:
        made["text"] = node.content
    return made


def pretty_json(value: Any) -> str:
    """`value` as indented JSON text, not yet escaped. A string that holds JSON is read first, others are kept."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    try:
        parsed = json.loads(value) if isinstance(value, str) else value
        return json.dumps(parsed, indent=2, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        return str(value)


def show_hidden(text: str) -> str:
    """`text` with every character that hides or reorders text spelled out as \\u202e and the like."""
    return HIDDEN.sub(lambda found: f"\\u{ord(found.group()):04x}", text.replace("\r\n", "\n"))


class DiffRow(NamedTuple):
    """One line of a side-by-side difference. kind: same, changed, removed, added or gap; numbers start at 1."""

    kind: str
    old_number: int | None = None
    old: str | SafeString = ""
    new_number: int | None = None
    new: str | SafeString = ""


def diff_rows(old: str, new: str) -> list[DiffRow]:
    """The rows which show how `old` became `new`, unchanged stretches folded to three lines of context."""
    before, after = old.splitlines(), new.splitlines()
    if len(before) + len(after) > LONGEST:
        return _replaced(before, 0, after, 0)
    rows: list[DiffRow] = []
    groups = SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(CONTEXT)
    for group in groups:
        if rows or group[0][1] > 0:
            rows.append(DiffRow("gap"))
        for tag, a, b, c, d in group:
            if tag == "equal":
                pairs = zip(before[a:b], after[c:d], strict=True)
                rows += [DiffRow("same", a + n, x, c + n, y) for n, (x, y) in enumerate(pairs, 1)]
            else:
                rows += _replaced(before[a:b], a, after[c:d], c)
    return rows


def _replaced(before: list[str], a: int, after: list[str], c: int) -> list[DiffRow]:
    rows = []
    for n in range(max(len(before), len(after))):
        if n >= len(after):
            rows.append(DiffRow("removed", a + n + 1, before[n]))
        elif n >= len(before):
            rows.append(DiffRow("added", None, "", c + n + 1, after[n]))
        else:
            old, new = _words_marked(before[n], after[n])
            rows.append(DiffRow("changed", a + n + 1, old, c + n + 1, new))
    return rows


def _words_marked(old: str, new: str) -> tuple[str | SafeString, str | SafeString]:
    """Both lines, escaped, with the words that differ in <del> and <ins>."""
    if len(old) + len(new) > LONGEST:
        return old, new
    a, b = re.findall(r"\s+|\w+|[^\w\s]", old), re.findall(r"\s+|\w+|[^\w\s]", new)
    left: list[tuple[str, str]] = []
    right: list[tuple[str, str]] = []
    for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        left.append(("" if tag == "equal" else "del", "".join(a[i:j])))
        right.append(("" if tag == "equal" else "ins", "".join(b[k:m])))
    return _marked(left), _marked(right)


def _marked(parts: list[tuple[str, str]]) -> SafeString:
    pieces = [
        format_html("<{0}>{1}</{0}>", mark_safe(mark), text) if mark else format_html("{}", text)
        for mark, text in parts
        if text
    ]
    return format_html_join("", "{}", ((piece,) for piece in pieces))
