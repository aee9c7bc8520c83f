"""The command `seacliff`.

The commands here start Seacliff. The others belong to the rooms: a room offers them in its module `commands`, as a
typer application named `app`, which is loaded after Django was set up with a database at hand.
"""

import importlib
import importlib.util
import os
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

import seacliff
from seacliff import embedded
from seacliff.supervisor import CannotStart, data, database

app = typer.Typer(
    name="seacliff",
    help="The operations platform of a trust & safety team.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

HOST = typer.Option(envvar="SEACLIFF_HOST", help="Address to listen on; 0.0.0.0 for all of this machine's.")
PORT = typer.Option(envvar="SEACLIFF_PORT", min=1, max=65535, help="Port to listen on.")


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _set_up_django() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seacliff.settings")
    django.setup()


@app.command()
def up(
    host: Annotated[str, HOST] = "127.0.0.1",
    port: Annotated[int, PORT] = 8000,
    sample: Annotated[bool, typer.Option(help="Fill an empty database with a sample company.")] = False,
) -> None:
    """Start everything: PostgreSQL (unless DATABASE_URL is set), migrations, web server, worker."""
    from seacliff.supervisor.up import Options, run

    raise typer.Exit(run(Options(host=host, port=port, sample=sample, data=data.data_directory())))


@app.command()
def web(
    host: Annotated[str, HOST] = "127.0.0.1",
    port: Annotated[int, PORT] = 8000,
    workers: Annotated[int, typer.Option(envvar="SEACLIFF_WEB_WORKERS", help="Processes; 0: half the processors.")] = 0,
    threads: Annotated[int, typer.Option(envvar="SEACLIFF_WEB_THREADS", help="Requests served at once by each.")] = 32,
) -> None:
    """Serve the console, the public pages and the API."""
    from seacliff.supervisor import health, lifeline

    lifeline.follow_supervisor()
    health.refuse_busy_port(host, port)
    with database.at_hand(start=False):
        _require_secret_key()
        from seacliff.supervisor.web import serve

        serve(host, port, workers or max(1, _processors() // 2), threads)


@app.command()
def worker(
    concurrency: Annotated[int, typer.Option(envvar="SEACLIFF_WORKER_CONCURRENCY", help="Jobs run at once.")] = 4,
) -> None:
    """Route reports, deliver actions and notices, run the schedules."""
    from seacliff.supervisor import lifeline

    lifeline.follow_supervisor()
    with database.at_hand(start=False):
        _require_secret_key()
        _set_up_django()
        from seacliff.supervisor.worker import work

        work(concurrency)


@app.command()
def migrate(
    static: Annotated[bool, typer.Option(help="Collect the static files too.")] = False,
) -> None:
    """Bring the database to this version's schema; safe to run from several machines at once."""
    from seacliff.supervisor import lifeline

    lifeline.follow_supervisor()
    with database.at_hand():
        _set_up_django()
        from seacliff.supervisor import schema

        schema.migrate()
        if static:
            schema.collect_static()


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def psql(context: typer.Context) -> None:
    """Open psql on Seacliff's database; arguments are psql's own."""
    with database.at_hand():
        command = [str(embedded.programs() / "psql"), data.setting("DATABASE_URL"), *context.args]
        raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def django(context: typer.Context) -> None:
    """Run one of Django's own commands: `seacliff django shell`, `seacliff django createsuperuser`."""
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seacliff.settings")
    with database.at_hand():
        execute_from_command_line(["seacliff django", *context.args])


@app.command()
def version() -> None:
    """Print Seacliff's version."""
    sys.stdout.write(f"{seacliff.__version__}\n")


@app.command()
def whatif(
    file: Annotated[Path, typer.Argument(help="A world and scenarios in YAML; docs/value/staffing.md describes it.")],
) -> None:
    """Simulate another team: what waits, what misses its target, whom it harms, what it costs."""
    from seacliff.value.staffing.scenario import ScenarioError, read
    from seacliff.value.staffing.whatif import compare

    try:
        comparisons = compare(read(file.read_bytes()))
    except (OSError, ScenarioError) as reason:
        raise CannotStart(str(reason)) from reason
    for comparison in comparisons:
        sys.stdout.write(f"{comparison.sentence()}\n")


def _require_secret_key() -> None:
    place = data.data_directory() / "secret-key"
    if not (data.setting("SEACLIFF_SECRET_KEY") or place.is_file()):
        raise CannotStart(
            "There is no secret key to sign sessions with: set SEACLIFF_SECRET_KEY (or SEACLIFF_SECRET_KEY_FILE) to "
            f"the same 50 random characters for every web server and worker. `seacliff up` makes one in {place}."
        )


def _mount_rooms() -> None:
    for room in pkgutil.iter_modules(seacliff.__path__):
        if room.ispkg and importlib.util.find_spec(f"seacliff.{room.name}.commands"):
            app.add_typer(importlib.import_module(f"seacliff.{room.name}.commands").app)


def main() -> int:
    """Run the command line; the exit code. What stands in the way is told in a sentence on standard error."""
    own = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}
    asked = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    try:
        if asked in own:
            app()
        elif asked and "--help" not in sys.argv:
            from seacliff.supervisor import lifeline

            lifeline.follow_supervisor()
            with database.at_hand():
                _set_up_django()
                _mount_rooms()
                app()
        else:  # help needs no database
            _set_up_django()
            _mount_rooms()
            app()
    except CannotStart as reason:
        sys.stderr.write(f"seacliff: {reason}\n")
        piped_mail = sys.argv[1:3] == ["intake", "mail"]
        return os.EX_TEMPFAIL if piped_mail else 1  # so that the mail server keeps the mail and brings it again
    return 0
