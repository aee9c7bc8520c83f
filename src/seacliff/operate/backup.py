"""One file that holds everything: the database as of one moment, the evidence, the secret key.

The database is dumped first. Evidence is written before the row that names it and never changed, so the files read
afterwards hold all that the dump names. Each piece of evidence is its own checksum: its name is its SHA-256.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import environ
import psycopg
from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper
from django.utils import timezone
from psycopg.conninfo import conninfo_to_dict, make_conninfo

import seacliff
from seacliff import embedded
from seacliff.record import seals

DUMP, MANIFEST, KEY = "database.dump", "manifest.json", "secret-key"
EMPTY = """
SET LOCAL client_min_messages = warning;
DO $$
DECLARE thing record;
BEGIN
    FOR thing IN
        SELECT 'TABLE' AS kind, oid::regclass::text AS name FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND oid NOT IN
            (SELECT objid FROM pg_depend WHERE deptype = 'e')
        UNION ALL SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'VIEW' END, oid::regclass::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('S', 'v') AND oid NOT IN
            (SELECT objid FROM pg_depend WHERE deptype IN ('e', 'a', 'i'))
        UNION ALL SELECT 'ROUTINE', oid::regprocedure::text FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e')
        UNION ALL SELECT 'TYPE', oid::regtype::text FROM pg_type
        WHERE typnamespace = 'public'::regnamespace AND (typtype IN ('e', 'd') OR
            (SELECT relkind FROM pg_class WHERE pg_class.oid = typrelid) = 'c') AND oid NOT IN
            (SELECT objid FROM pg_depend WHERE deptype = 'e')
    LOOP
        CONTINUE WHEN thing.name ~ '^[0-9]+$';  -- it went with another a moment ago
        EXECUTE format('DROP %s IF EXISTS %s CASCADE', thing.kind, thing.name);
    END LOOP;
END $$
"""
Say = Callable[[str], None]


class CannotDo(Exception):
    """Why there is no backup, or why it can't be restored, in a sentence. Nothing was changed then."""


@dataclass(frozen=True, slots=True)
class Backed:
    """What a backup holds."""

    size: int
    pieces: int


def backup(to: Path, say: Say = lambda _text: None) -> Backed:
    """Write the archive; `to` appears when it is whole."""
    if to.exists():
        raise CannotDo(f"{to} is there already. Name another file.")
    partial = to.with_name(f".{to.name}.partial")
    try:
        with tempfile.TemporaryDirectory(dir=to.parent, prefix=".seacliff-backup-") as place:
            dump = Path(place) / DUMP
            say("dumping the database")
            _run("pg_dump", "--format=custom", "--no-owner", f"--file={dump}", _without_password())
            say("adding the evidence")
            with partial.open("wb") as file, tarfile.open(fileobj=file, mode="w") as archive:
                os.fchmod(file.fileno(), 0o600)
                archive.add(dump, DUMP)
                pieces = _add_evidence(archive)
                key = settings.DATA_DIR / KEY
                if key.is_file():
                    archive.add(key, KEY)
                _add_text(archive, MANIFEST, json.dumps(_manifest(dump, pieces), indent=1))
                file.flush()
                os.fsync(file.fileno())
        partial.rename(to)
    except OSError as error:
        raise CannotDo(f"The backup can't be written to {to}: {error.strerror or error}.") from error
    finally:
        partial.unlink(missing_ok=True)
    return Backed(to.stat().st_size, pieces)


def _manifest(dump: Path, pieces: int) -> dict[str, Any]:
    newest = seals.newest()
    return {
        "seacliff": seacliff.__version__,
        "made_at": timezone.now().isoformat(),
        "postgresql": connection.cursor().connection.info.server_version,
        "database_sha256": _digest(dump),
        "evidence_pieces": pieces,
        "newest_seal": bytes(newest.hash).hex() if newest else "",
    }


def _add_evidence(archive: tarfile.TarFile) -> int:
    """Every file of the evidence storage; how many. Another storage (S3, say) has copies of its own."""
    if not isinstance(default_storage, FileSystemStorage):
        return 0
    root = Path(default_storage.location)
    count = 0
    for path in sorted(root.glob("??/??/*")):
        if len(path.name) == 64:
            archive.add(path, f"evidence/{path.relative_to(root)}")
            count += 1
    return count


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(text.encode())
        info = tarfile.TarInfo(name)
        info.size, info.mode = file.tell(), 0o600
        file.seek(0)
        archive.addfile(info, file)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ---- restoring


def restore(source: Path, *, replace: bool = False, say: Say = lambda _text: None) -> dict[str, Any]:
    """Bring everything back; the archive's manifest. The database is replaced in one transaction, whole or not at all."""
    if not replace and _is_used():
        raise CannotDo(
            "There is data here already. Name an empty installation, or give --replace to put it aside for good."
        )
    _refuse_company()
    with _opened(source) as place:
        say("checking the archive")
        manifest = _checked(source, place)
        say("restoring the evidence")
        _restore_evidence(place)
        say("restoring the database")
        _restore_database(place / DUMP)
        if (place / KEY).is_file() and not os.environ.get("SEACLIFF_SECRET_KEY"):
            key = settings.DATA_DIR / KEY
            shutil.copyfile(place / KEY, key)
            key.chmod(0o600)
    say("bringing it to this version")
    _own("migrate")
    say("verifying the record")
    _own("verify")
    return manifest


def _is_used() -> bool:
    with psycopg.connect(_address()) as own:
        row = own.execute("SELECT to_regclass('people_user') IS NOT NULL").fetchone()
        if not (row and row[0]):
            return False
        used = own.execute("SELECT EXISTS (SELECT FROM people_user) OR EXISTS (SELECT FROM targets_product)").fetchone()
    return bool(used and used[0])


def _refuse_company() -> None:
    """Nobody else may use the database while it is replaced."""
    _hang_up()
    with psycopg.connect(_address()) as own:
        row = own.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        ).fetchone()
    if row and row[0]:
        raise CannotDo("Seacliff runs on this database. Stop it, then restore.")


@contextmanager
def _opened(source: Path) -> Iterator[Path]:
    """The archive, unpacked beside the data, so that moving its files is cheap."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR, prefix=".restore-") as place:
        try:
            with tarfile.open(source) as archive:
                archive.extractall(place, filter="data")
        except OSError as error:
            raise CannotDo(f"{source} can't be read: {error.strerror or error}.") from error
        except (tarfile.TarError, EOFError) as error:
            raise CannotDo(f"{source} is no backup of Seacliff, or it was cut off: {error}.") from error
        yield Path(place)


def _checked(source: Path, place: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((place / MANIFEST).read_text())
        wanted, pieces = manifest["database_sha256"], manifest["evidence_pieces"]
    except (OSError, ValueError, KeyError, TypeError):
        raise CannotDo(f"{source} is no backup of Seacliff, or it was cut off: it has no manifest.") from None
    if not (place / DUMP).is_file() or _digest(place / DUMP) != wanted:
        raise CannotDo(f"{source} was damaged or changed: the database in it is not the one that was backed up.")
    found = list(place.glob("evidence/??/??/*"))
    wrong = next((path.name for path in found if _digest(path) != path.name), "")
    if wrong or len(found) != pieces:
        what = (
            f"the evidence {wrong} is not what it was"
            if wrong
            else f"{pieces - len(found)} pieces of evidence are missing"
        )
        raise CannotDo(f"{source} was damaged or changed: {what}.")
    return manifest


def _restore_evidence(place: Path) -> None:
    """Content-addressed: what is there already stays, what is new is moved in. Nothing is removed."""
    if not isinstance(default_storage, FileSystemStorage):
        return
    root = Path(default_storage.location)
    for path in place.glob("evidence/??/??/*"):
        to = root / path.relative_to(place / "evidence")
        if not to.exists():
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, to)


def _restore_database(dump: Path) -> None:
    script, contents = dump.with_suffix(".sql"), dump.with_suffix(".list")
    # Extensions are the server's: only its owner may drop or make some of them.
    listed = _run("pg_restore", "--list", str(dump)).splitlines(keepends=True)
    contents.write_text("".join(line for line in listed if " EXTENSION " not in line))
    _run("pg_restore", "--no-owner", "--no-privileges", f"--use-list={contents}", f"--file={script}", str(dump))
    options = ["--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    _run("psql", *options, f"--command={EMPTY}", f"--file={script}", f"--dbname={_without_password()}")
    with connection.cursor() as cursor:  # sessions of before would speak of other people
        cursor.execute("TRUNCATE django_session")
    _hang_up()


# ---- programs


def _address() -> str:
    return environ.FileAwareEnv()("DATABASE_URL")


def _without_password() -> str:
    """For command lines, which every user of the machine may read; the password goes by the environment."""
    parts: dict[str, Any] = {**conninfo_to_dict(_address())}
    parts.pop("password", None)
    return make_conninfo(**parts)


def _hang_up() -> None:
    """Leave no connection of our own open, in the pool neither."""
    connection.close()
    cast(DatabaseWrapper, connection).close_pool()


def _program(name: str) -> str:
    """PostgreSQL's own program: the embedded one unless the server is newer than it."""
    newer = embedded_version() < connection.cursor().connection.info.server_version // 10000
    _hang_up()
    found = shutil.which(name) if newer else None
    return found or str(embedded.programs() / name)


def embedded_version() -> int:
    """The major version of the PostgreSQL that comes with Seacliff."""
    said = subprocess.run([embedded.programs() / "psql", "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    return int(said.stdout.split()[2].split(".")[0])


def _run(name: str, *arguments: str) -> str:
    password = conninfo_to_dict(_address()).get("password")
    secret = {"PGPASSWORD": str(password)} if password else {}
    command = [_program(name), *arguments]
    ended = subprocess.run(command, env=os.environ | secret, capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode:
        said = ended.stderr.strip().splitlines()
        raise CannotDo(f"{name} failed: {' '.join(said[:2]) if said else f'exit code {ended.returncode}'}")
    return ended.stdout


def _own(*arguments: str) -> None:
    ended = subprocess.run([sys.executable, "-m", "seacliff", *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode:
        said = (ended.stdout + ended.stderr).strip().splitlines()
        raise CannotDo(f"Everything was restored, but `seacliff {' '.join(arguments)}` says: {' '.join(said[-4:])}")
