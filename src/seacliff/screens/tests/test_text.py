from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from seacliff.screens.text import DiffRow, diff_rows, pretty_json, render_markdown, show_hidden


def test_markdown_shows_raw_html_as_text():
    html = render_markdown("<b>bold</b> <script>alert(1)</script>\n\n<div onclick=x>y</div>")
    assert "<b>" not in html
    assert "<script" not in html
    assert "<div" not in html
    assert "&lt;script&gt;" in html


def test_markdown_links_are_not_followed_and_dangerous_ones_are_no_links():
    html = render_markdown(
        "[a](https://example.org) [b](javascript:alert(1)) [c](data:text/html,x) ![d](https://e.org/p.png)"
    )
    assert '<a href="https://example.org" rel="noopener nofollow">a</a>' in html
    assert "javascript:" not in html.replace("[b](javascript:alert(1))", "")
    assert 'href="data:' not in html
    assert "<img" not in html


def test_markdown_knows_tables_and_lists_without_inline_styles():
    html = render_markdown("| a | b |\n|:-:|--:|\n| 1 | 2 |\n\n- x\n- y")
    assert "<td>1</td>" in html
    assert "<li>x</li>" in html
    assert "style" not in html


@given(st.text(alphabet=st.sampled_from("<>\"'&[]()!*_`#|-\n abcjs:/script="), max_size=200))
def test_no_markdown_makes_an_element_that_is_not_allowed(source):
    html = render_markdown(source)
    for name in ("script", "img", "iframe", "style", "svg", "form", "input"):
        assert f"<{name}" not in html
    assert " on" not in "".join(part.split(">")[0] for part in html.split("<")[1:])


def test_json_in_a_string_is_read_and_other_text_is_left_alone():
    assert pretty_json('{"b":1,"a":["ü"]}') == '{\n  "b": 1,\n  "a": [\n    "ü"\n  ]\n}'
    assert pretty_json("not json") == "not json"
    assert pretty_json(b"\xff{") == "\ufffd{"
    assert pretty_json("[" * 100_000) == "[" * 100_000


def test_characters_that_hide_or_turn_text_are_spelled_out():
    assert show_hidden("a\u202egpj.exe\u200b\x00\r\nb\tc") == "a\\u202egpj.exe\\u200b\\u0000\nb\tc"


def test_a_diff_marks_the_words_that_changed_and_escapes_them():
    [row] = diff_rows("keep 30 <days>", "keep 90 <days>")
    assert row.kind == "changed"
    assert row.old == "keep <del>30</del> &lt;days&gt;"
    assert row.new == "keep <ins>90</ins> &lt;days&gt;"


def test_a_diff_folds_what_did_not_change():
    old = [f"line {n}" for n in range(1, 41)]
    new = [*old[:19], "another line", *old[20:]]
    rows = diff_rows("\n".join(old), "\n".join(new))
    assert rows[0] == DiffRow("gap")
    assert [row.kind for row in rows[1:]] == ["same"] * 3 + ["changed"] + ["same"] * 3
    assert rows[4].old_number == rows[4].new_number == 20


@given(st.lists(st.sampled_from("abc<"), max_size=8), st.lists(st.sampled_from("abc<"), max_size=8))
def test_both_sides_of_a_diff_keep_their_lines_and_their_numbers(old, new):
    rows = diff_rows("\n".join(old), "\n".join(new))
    assert all(a.old_number < b.old_number for a, b in _pairs([row for row in rows if row.old_number]))
    assert all(a.new_number < b.new_number for a, b in _pairs([row for row in rows if row.new_number]))
    shown = {row.new_number: row for row in rows if row.kind in ("added", "changed", "same")}
    assert all(row.new_number for row in shown.values())


def _pairs(rows):
    return pairwise(rows)


def test_a_diff_of_very_long_texts_answers_without_comparing_line_by_line():
    assert len(diff_rows("a\n" * 3000, "b\n" * 3000)) == 3000
