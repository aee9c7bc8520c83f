"""Everything into one file, and back from it elsewhere."""

import hashlib
import os
import subprocess
import sys
import tarfile
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from seacliff import embedded
from seacliff.intake import queries
from seacliff.intake.models import Report
from seacliff.operate import backup as room
from seacliff.operate.backup import CannotDo, backup
from seacliff.record import evidence, seals
from seacliff.record.actions import SYSTEM, Subject, event, write
from seacliff.sample.seed import seed

INHERITED = ("DATABASE_URL", "SEACLIFF_SECRET_KEY", "PYTEST_VERSION")  # not passed on: the commands run as in earnest
COUNTED = ("record_event", "intake_report", "review_case", "review_decision", "record_attachment", "people_user")


def run(*arguments, data, **environ):
    clean = {name: value for name, value in os.environ.items() if name not in INHERITED}
    command = [sys.executable, "-m", "seacliff", *arguments]
    return subprocess.run(
        command, env=clean | {"SEACLIFF_DATA_DIR": str(data)} | environ, capture_output=True, text=True, check=False
    )


@pytest.fixture
def sample(transactional_db, settings, tmp_path, monkeypatch):
    """A company in the test database, its evidence and its secret key."""
    settings.DATA_DIR = tmp_path / "here"
    settings.DATA_DIR.mkdir()
    (settings.DATA_DIR / "secret-key").write_text(settings.SECRET_KEY)
    queries.forget()
    seed(reports=40)
    for number in range(3):
        evidence.keep(b"piece %d" % number)
    seals.seal_all()
    with connection.cursor() as cursor:  # the transaction numbers of a cluster that has worked for a while
        cursor.execute("DO $$ BEGIN FOR i IN 1..20000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$")
    write([event("company.sampled", Subject("company", uuid4()), SYSTEM)])  # waits for its seal
    given = settings.DATABASES["default"]
    address = f"postgresql:///{given['NAME']}?host={given['HOST']}&port={given['PORT']}&user={given['USER']}"
    monkeypatch.setenv("DATABASE_URL", address)
    return address


def counts(connection):
    return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in COUNTED}


def test_a_backup_restores_elsewhere_equal_and_verified(sample, tmp_path):
    made = backup(tmp_path / "all.tar")
    assert made.pieces > 3
    there = tmp_path / "there"
    ended = run("restore", str(tmp_path / "all.tar"), data=there)
    assert ended.returncode == 0, ended.stderr
    server = embedded.start(there / "postgres")
    try:
        with psycopg.connect(server.url) as restored, psycopg.connect(sample) as original:
            assert counts(restored) == counts(original)
    finally:
        server.stop()
    kept = list((there / "evidence").glob("??/??/*"))
    assert len(kept) == made.pieces
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == path.name for path in kept)
    assert (there / "secret-key").read_text() == settings.SECRET_KEY
    verified = run("verify", data=there)
    assert "Nothing was changed" in verified.stdout, verified.stdout + verified.stderr
    again = run("restore", str(tmp_path / "all.tar"), data=there)
    assert again.returncode == 1
    assert "There is data here already" in again.stderr
    assert run("restore", str(tmp_path / "all.tar"), "--replace", data=there).returncode == 0
    assert not list(there.glob(".restore-*"))


def test_a_cut_or_changed_archive_is_refused_before_anything_is_touched(sample, tmp_path):
    whole = tmp_path / "all.tar"
    backup(whole)
    reports = Report.objects.count()
    cut = tmp_path / "cut.tar"
    cut.write_bytes(whole.read_bytes()[:-30_000])
    changed = tmp_path / "changed.tar"
    with tarfile.open(whole) as archive:
        place = next(member for member in archive if member.name == room.DUMP).offset_data
    raw = bytearray(whole.read_bytes())
    raw[place + 5_000] ^= 1
    changed.write_bytes(raw)
    words = tmp_path / "words.tar"
    words.write_text("no archive")
    for path, said in ((cut, "cut off|missing"), (changed, "damaged or changed"), (words, "no backup of Seacliff")):
        ended = run("restore", str(path), "--replace", data=tmp_path / "elsewhere")
        assert ended.returncode == 1
        assert any(part in ended.stderr for part in said.split("|")), ended.stderr
        assert "Traceback" not in ended.stderr
    assert Report.objects.count() == reports


def test_no_half_written_archive_stays(sample, tmp_path, monkeypatch):
    def broken(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(room, "_add_evidence", broken)
    with pytest.raises(CannotDo, match="No space left"):
        backup(tmp_path / "all.tar")
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


def test_a_backup_never_overwrites(tmp_path):
    there = tmp_path / "all.tar"
    there.write_text("precious")
    with pytest.raises(CannotDo, match="Name another file"):
        backup(there)
    assert there.read_text() == "precious"


def test_a_restore_waits_for_nobody_it_refuses_while_seacliff_runs(sample, tmp_path):
    backup(tmp_path / "all.tar")
    with psycopg.connect(sample), pytest.raises(CannotDo, match="Stop it"):
        room.restore(tmp_path / "all.tar", replace=True)
