"""Every verb that the code writes to the record has a sentence, and every sentence a verb that is written."""

import ast
import re
from pathlib import Path

import pytest

import seacliff
from seacliff.playbooks.models import Run
from seacliff.record.actions import PUBLIC, SYSTEM, Subject, event
from seacliff.record.ids import uuid7
from seacliff.record.wording import sentence_of, sentences

ROOT = Path(seacliff.__file__).parent
VERB = re.compile(r"([a-z]+(?:-[a-z]+)*)\.([a-z]+(?:-[a-z]+)*)")
IN_SQL = re.compile(r"'([a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*)'")
WRITERS = {"event", "happened", "tell", "_told"}
# Names of files, what rules on routing may ask for, the kind of a webhook: no verbs, though they look like them.
FILES = re.compile(r".*\.(?:typ|json|eml|xml|html|txt|py|csv|pdf|ics|id|slug|org|com|ch|net)")
OTHERS = {"report.hour", "report.category", "reporter.kind", "reporter.reports", "endpoint.ping"}


def _strings(tree: ast.AST) -> list[str]:
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def _written() -> dict[str, str]:
    """Verb to the file that writes it: what is handed to a writer, and what else is of a noun that is written about."""
    trees = {
        path: ast.parse(path.read_text())
        for path in ROOT.rglob("*.py")
        if not {"tests", "migrations", "sample"} & set(path.relative_to(ROOT).parts) and path.name != "sentences.py"
    }
    found = {}
    for path, tree in trees.items():
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
        for call in calls:
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name in WRITERS:
                found |= {text: path.name for text in _strings(call.args[0]) if VERB.fullmatch(text)}
        named = [n.value for n in ast.walk(tree) if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "verb"]
        found |= {text: path.name for value in named for text in _strings(value) if VERB.fullmatch(text)}
        found |= {verb: path.name for text in _strings(tree) if "SELECT" in text for verb in IN_SQL.findall(text)}
    nouns = {verb.split(".")[0] for verb in found}
    for path, tree in trees.items():
        found |= {text: path.name for text in _strings(tree) if (is_one := VERB.fullmatch(text)) and is_one[1] in nouns}
    found |= {f"run.{state}": "engine.py" for state in Run.State.values if state not in ("running", "started")}
    return {verb: path for verb, path in found.items() if verb not in OTHERS and not FILES.fullmatch(verb)}


def test_every_verb_has_a_sentence_and_every_sentence_a_verb():
    written = _written()
    assert len(written) > 150, "the search finds too little to be trusted"
    assert sorted(verb for verb in written if verb not in sentences()) == []
    assert sorted(set(sentences()) - set(written)) == []


@pytest.mark.parametrize(
    ("verb", "actor", "data", "says"),
    [
        ("run.step-begun", SYSTEM, {"step": "Facts", "of": "Legal"}, "began the step “Facts”, which is for Legal"),
        ("run.step-begun", SYSTEM, {"step": "Facts", "of": ""}, "began the step “Facts”"),
        ("case.escalated", SYSTEM, {"from": 1, "to": 2}, "escalated the case from tier 1 to tier 2"),
        ("report.received", PUBLIC, {}, "Somebody outside sent a report"),
        ("case.decided", SYSTEM, {"finding": str(uuid7())}, "decided the case"),
        ("nobody.knows", SYSTEM, {}, "nobody knows"),
    ],
)
def test_a_sentence_says_what_the_event_carries_and_no_more(verb, actor, data, says):
    assert sentence_of(event(verb, Subject("case", uuid7()), actor, data=data)) == says
