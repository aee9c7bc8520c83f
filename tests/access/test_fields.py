"""Need to know: every place in an answer (of JSON, CSV or a ZIP), and every page that shows somebody, by role.

fields.csv says who gets what. A new place fails here until the table has its row; SEACLIFF_WRITE_ACCESS_MATRIX=1 writes
them with a guess of their kind, which is then to be read with care. The kinds, and what a role must hold to receive one:
"""

import csv
import os
import re
from pathlib import Path

import pytest

from seacliff.people.permissions import GRANTS, Permission, Role

from .world import STRANGER

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).with_name("fields.csv")
P = Permission
NEEDS = {
    "reporter": {P.REPORT_VIEW, P.PRIVACY_REQUEST},  # who reported, or by what one could tell
    "affected": {P.CASE_VIEW, P.PANEL_SIT, P.APPEAL_VIEW},  # the person or customer a case is about
    "words": {P.CASE_VIEW, P.REPORT_VIEW, P.APPEAL_VIEW, P.INTAKE_TRIAGE, P.PANEL_SIT},  # what people outside wrote
    "colleague": {P.CONSOLE_USE},  # one of us
    "ask": {P.ASK_VIEW},  # what functions ask each other, as far as it is theirs
    "another's ask": {P.ASK_VIEW_ALL},  # between functions that are not one's own
    "secret": {P.ENDPOINT_MANAGE},  # what opens something
}
# A name like this never stands in the table without a kind.
TELLING = re.compile(r"email|reporter_(?!count)|secret|password|token|address|phone|statement|members", re.IGNORECASE)
GUESS = [
    ("", r"/policies"),  # the rules are everybody's
    ("ask", r"/asks"),
    ("colleague", r"/me "),
    ("secret", r"secret|password"),
    ("reporter", r"reporter_(key|email|name)|members|reporters.* (items\[\]\.)?(key|name|email)$"),
    ("affected", r"(target|tree\[\]|targets.*)\.?(name|email)$|target_name|email"),
    ("words", r"text$|statement|subject$|\.url$"),
    ("colleague", r"(holder|reviewer|decided_by|author|actor|by|assigned_to)(_id|_name)?$"),
]  # fmt: skip


@pytest.fixture(scope="module")
def found(walked) -> dict[tuple[str, str], set[str]]:
    """(operation, place) -> who got it. A null or an empty list tells nothing that a fuller answer does not."""
    inner = {(operation, place[: at.start()]) for operation, place in walked.fields
             for at in re.finditer(r"(?<=\])\.|\.|\[\]", place)}  # fmt: skip
    places = {key: who for key, who in walked.fields.items() if key not in inner}
    shown = {(operation, f"page: {name}"): who for (operation, name), who in walked.planted.items()}
    return places | {key: who for key, who in shown.items() if not key[0].split()[1].startswith("/")}


def table() -> dict[tuple[str, str], dict[str, str]]:
    if not TABLE.exists():
        return {}
    with TABLE.open() as file:
        return {(row["operation"], row["field"]): row for row in csv.DictReader(file)}


def write(found: dict[tuple[str, str], set[str]]) -> None:
    said = table()
    with TABLE.open("w") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["operation", "field", "kind", "roles"])
        for key in sorted(found):
            kind = said[key]["kind"] if key in said else guess(" ".join(key))
            writer.writerow([*key, kind, " ".join(sorted(found[key]))])


def guess(words: str) -> str:
    if "page: " in words:
        kinds = {
            "who reported": "reporter",
            "who is affected": "affected",
            "an ask of another function": "another's ask",
        }
        return kinds.get(words.partition("page: ")[2], "")
    return next((kind for kind, pattern in GUESS if re.search(pattern, words)), "")


def test_everybody_receives_the_fields_that_the_table_says(found):
    if os.environ.get("SEACLIFF_WRITE_ACCESS_MATRIX"):
        write(found)
    said = table()
    unknown = [f"{operation}: {place} (for {', '.join(sorted(found[operation, place]))})"
               for operation, place in sorted(set(found) - set(said))]  # fmt: skip
    assert not unknown, "fields.csv has no row for these; say who needs them:\n" + "\n".join(unknown)
    wrong = [
        f"{key[0]}: {key[1]} reaches {' '.join(sorted(who))}; the table says {said[key]['roles']}"
        for key, who in sorted(found.items())
        if " ".join(sorted(who)) != said[key]["roles"]
    ]
    assert not wrong, "\n".join(wrong)


def test_the_table_speaks_of_operations_that_there_are(walked):
    there = {f"{method} {address}" for address, method in walked.rows}
    assert not {operation for operation, _place in table()} - there


def test_what_is_personal_or_secret_reaches_nobody_without_need():
    """The table itself is held to the grants: reading it wrongly is caught here."""
    wrong = []
    for (operation, place), row in table().items():
        if row["kind"] == "":
            continue
        by_link = STRANGER in row["roles"].split() and operation.split()[1] in BY_LINK
        for who in row["roles"].split():
            holds = GRANTS[Role(who)] if who in Role.values else frozenset()
            if not holds & NEEDS[row["kind"]] and not by_link:
                wrong.append(f"{operation}: {place} is {row['kind']} and reaches {who}")
    assert not wrong, "\n".join(wrong)


# Whoever holds the link is the person it was sent to.
BY_LINK = {"enforcement:public-notice", "appeals:of-notice", "appeals:of-status", "review:status", "intake:received",
           "partners:by-link"}  # fmt: skip


def test_a_field_whose_name_tells_of_a_person_has_its_kind():
    bare = [key for key, row in table().items() if TELLING.search(key[1]) and not row["kind"] and key not in TOLD]
    assert not bare, "\n".join(map(str, bare))


TOLD: set[tuple[str, str]] = set()
