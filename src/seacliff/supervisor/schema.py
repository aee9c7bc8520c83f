"""Bring the database, and the static files, to the version of this Seacliff."""

import sys
import time

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from seacliff.enforcement.models import FanOut
from seacliff.record import partitions, seals
from seacliff.supervisor import CannotStart

LOCK = 0x5EAC11FF  # one number for the advisory lock of all Seacliff's starters
OLDEST_POSTGRESQL = 160000
PATIENCE = 30.0


def migrate() -> None:
    """Apply the migrations, one starter at a time; a database that is still starting is waited for."""
    version = _version_patiently()
    if version < OLDEST_POSTGRESQL:
        raise CannotStart(f"DATABASE_URL leads to PostgreSQL {version // 10000}; Seacliff needs 16 or newer.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            executor = MigrationExecutor(connection)
            _refuse_half_way(executor.loader)
            executor.check_replacements()  # a database that has all that a migration replaces has it too
            waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
            if waiting:
                sys.stdout.write(f"applying {len(waiting)} migrations\n")
                call_command("migrate", interactive=False, verbosity=0)
            partitions.prepare_ahead()
            # A database restored into another cluster goes on where its record was, and its readers with it.
            seals.align_commit_order(beyond=FanOut.objects.values_list("tx", flat=True))
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _refuse_half_way(loader: MigrationLoader) -> None:
    """The steps before `0001_tables` are gone: a database that has taken some of them only can't be brought on from here."""
    for (room, _), migration in loader.replacements.items():
        missing = [name for app, name in migration.replaces if (app, name) not in loader.applied_migrations]
        if missing and len(missing) < len(migration.replaces):
            raise CannotStart(
                f"This database is of a Seacliff from before its tables were gathered ({room} lacks {', '.join(missing)}). "
                "Start it once with the version that docs/decisions/009-tables-gathered.md names, then with this one; the data "
                "stay as they are."
            )


def _version_patiently() -> int:
    """The server's version number, asked past the connection pool, whose own error does not tell the reason."""
    address = connection.get_connection_params()
    address = {name: value for name, value in address.items() if name not in ("context", "cursor_factory")}
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with psycopg.connect(**address, connect_timeout=10) as probe:
                return probe.info.server_version
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"The database does not answer: {str(error).strip()}. Check DATABASE_URL and that PostgreSQL runs."
                ) from error
            time.sleep(0.5)


def collect_static() -> None:
    """Copy style sheets and scripts to where the web server serves them from, with their content's hash in the name."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
