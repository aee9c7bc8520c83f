"""`seacliff import`: what other systems export comes in, and what can't is put aside with its reason."""

import csv
import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from django.db import connection

from seacliff.intake import importing, queries
from seacliff.intake.importing import CannotImport, run
from seacliff.intake.models import Report
from seacliff.policy.models import Category, Policy
from seacliff.targets.models import Product

pytestmark = pytest.mark.django_db(transaction=True)
EXPORT = """id;Type;Target ID;target_type;Description;Email;Created at;Colour
T-1;spam;u-1;user;"Two lines
of text";ann@post.example;2026-03-01;red
T-2;spam;https://x.example/1;;Grüße;;2026-03-02T10:00:00+02:00;
T-3;nonsense;u-3;user;x;;;
T-4;spam;u-4;user;x;;tomorrow;
T-5;spam;;;no target;;;
T-6;spam;u-6;user;x;;;;surplus
"""


@pytest.fixture(autouse=True)
def meet():
    queries.forget()
    Category.objects.create(slug="spam", policy=Policy.objects.create(slug="spam"), names={"en": "Spam"})
    yield Product.objects.create(slug="meet", name="Meet")
    queries.forget()


def imported(path, **options):
    settings = {"product": "", "dry": False, "rejects": path.with_name("aside" + path.suffix)} | options
    return run(path, **settings)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_spreadsheets_export_is_understood(tmp_path, encoding):
    path = tmp_path / "export.csv"
    path.write_bytes(EXPORT.encode(encoding))
    done = imported(path)
    assert (done.created, done.repeated, done.rejected) == (2, 0, 4)
    first, second = Report.objects.order_by("received_at")
    assert (first.target_kind, first.target_ref, first.external_ref) == ("user", "u-1", "T-1")
    assert (first.text, first.extra, first.reporter_key) == (
        "Two lines\nof text",
        {"Colour": "red"},
        "mail:ann@post.example",
    )
    assert first.received_at == datetime(2026, 3, 1, tzinfo=UTC)
    assert (second.target_kind, second.text, second.channel) == ("url", "Grüße", "import")
    with (tmp_path / "aside.csv").open(encoding="utf-8") as aside:
        rows = {row["id"]: (row["line"], row["problem"]) for row in csv.DictReader(aside)}
    assert rows["T-3"][0] == "5"
    assert "no category 'nonsense'" in rows["T-3"][1]
    assert "is no date" in rows["T-4"][1]
    assert "target.ref" in rows["T-5"][1]
    assert "9 values for 8 columns" in rows["T-6"][1]


def test_json_lines_may_be_shaped_like_the_api_or_flat(tmp_path):
    path = tmp_path / "export.jsonl"
    whole = {"category": "spam", "target": {"kind": "user", "ref": "u-1"}, "received_at": "2026-03-01T00:00:00Z",
             "evidence": [{"content": "aGVsbG8=", "name": "note.txt"}]}  # fmt: skip
    flat = {"id": 77, "category": "spam", "target": "u-2", "tags": ["a"]}
    path.write_text("\n".join([json.dumps(whole), "", json.dumps(flat), "{broken", "[1]", '{"category":"spam"}']))
    done = imported(path)
    assert (done.created, done.rejected) == (2, 3)
    assert Report.objects.get(target_ref="u-2").extra == {"tags": '["a"]'}
    aside = [json.loads(line) for line in (tmp_path / "aside.jsonl").read_text().splitlines()]
    assert [row["line"] for row in aside] == [4, 5, 6]
    assert aside[0]["said"] == "{broken"


def test_rows_that_are_put_aside_run_nothing_in_a_spreadsheet_and_come_back_as_they_were(tmp_path):
    path = tmp_path / "export.csv"
    evil = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\tx"]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["category", "target_kind", "target_ref", "text", "=note"])
        writer.writerows(["nonsense", "user", f"u-{number}", text, text] for number, text in enumerate(evil))
    assert imported(path).rejected == 5
    aside = path.with_name("aside.csv")
    with aside.open(newline="") as file:
        rows = list(csv.reader(file))
    assert [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))] == []
    assert rows[0][-1] == "'=note"
    assert [row[-2] for row in rows[1:]] == [f"'{text}" for text in evil]
    mended = tmp_path / "mended.csv"
    mended.write_text(aside.read_text().replace("nonsense", "spam"), newline="")
    assert imported(mended).created == 5
    assert set(Report.objects.values_list("text", flat=True)) >= set(evil[:4])


def test_the_same_file_again_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 7)
    path = tmp_path / "many.csv"
    path.write_text("category,target_ref,text\n" + "".join(f"spam,u-{n},t\n" for n in range(50)))
    assert imported(path).created == 50
    with path.open("a") as file:
        file.write("spam,u-50,t\n")
    done = imported(path)
    assert (done.created, done.repeated, done.rejected) == (1, 50, 0)
    assert not (tmp_path / "aside.csv").exists()


def test_the_same_reference_with_other_words_is_put_aside(tmp_path):
    path = tmp_path / "twice.csv"
    path.write_text("id,category,target_ref,text\nT-1,spam,u-1,one\nT-1,spam,u-1,two\n")
    done = imported(path)
    assert (done.created, done.rejected) == (1, 1)
    assert next(iter(done.reasons)) == importing.SAME_NAME


def test_a_dry_run_writes_nothing(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(EXPORT)
    done = imported(path, dry=True)
    assert (done.created, done.rejected) == (2, 4)
    assert not Report.objects.exists()


def test_what_is_no_export_is_said_in_a_sentence(tmp_path):
    path = tmp_path / "picture.csv"
    path.write_bytes(os.urandom(5_000))
    with pytest.raises(CannotImport, match="first line"):
        imported(path)
    empty = tmp_path / "empty.csv"
    empty.touch()
    with pytest.raises(CannotImport, match="first line"):
        imported(empty)


def test_the_command_counts_and_ends_with_1_when_something_was_put_aside(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(EXPORT)
    settings = connection.settings_dict
    address = (
        f"postgresql:///{settings['NAME']}?host={settings['HOST']}&port={settings['PORT']}&user={settings['USER']}"
    )

    def command(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "seacliff", "import", *arguments],
            env=os.environ | {"DATABASE_URL": address},
            capture_output=True,
            text=True,
            check=False,
        )

    ended = command(str(path))
    assert ended.returncode == 1
    assert "6 rows" in ended.stdout
    assert "2 imported" in ended.stdout
    assert "export.rejects.csv" in ended.stderr
    assert Report.objects.count() == 2
    missing = command(str(tmp_path / "none.csv"))
    assert missing.returncode == 1
    assert "No such file" in missing.stderr
    assert "Traceback" not in missing.stderr
