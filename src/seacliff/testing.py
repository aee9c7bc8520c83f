"""Pytest plugin: a PostgreSQL of the test run's own, started before Django reads its settings.

TEST_DATABASE_URL names another server (its role needs CREATEDB). The server dies with pytest, however pytest dies,
and a later run sweeps away what a killed one left on the disk.
"""

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from seacliff import embedded

PREFIX = "seacliff-test-"
FAST = {  # a test run's data may be lost with the machine
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "256MB",
    "max_connections": "60",
}


def _sweep() -> None:
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = left.name.removeprefix(PREFIX).split("-")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(left, ignore_errors=True)


def _start(config: pytest.Config) -> None:
    if outside := os.environ.get("TEST_DATABASE_URL"):
        os.environ["DATABASE_URL"] = outside
        return
    _sweep()
    place = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    place.chmod(0o711)
    config.add_cleanup(lambda: shutil.rmtree(place, ignore_errors=True))
    server = embedded.start(place / "postgres", FAST)
    config.add_cleanup(lambda: server.stop(within=5))
    os.environ["DATABASE_URL"] = server.url
    os.environ["SEACLIFF_DATA_DIR"] = str(place / "data")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Runs before pytest-django's hook of the same name, which loads the settings.

    With several processes each has a server of its own; the one that hands out the tests has none of them to run.
    """
    many = getattr(early_config.known_args_namespace, "numprocesses", None)
    hands_out = many and "PYTEST_XDIST_WORKER" not in os.environ
    if not hands_out and not {"-h", "--help", "--version"} & set(early_config.invocation_params.args):
        _start(early_config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """A file's tests go to one process, and all of tests/access, which share one walk through every address."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "tests/access" if nodeid.startswith("tests/access/") else super()._split_scope(nodeid)

    return Together(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef, request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """Let tests that really commit empty the test database behind them: the record refuses TRUNCATE otherwise."""
    result = yield
    if fixturedef.argname == "django_db_setup":
        from django.db import connection

        with request.getfixturevalue("django_db_blocker").unblock(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE record_event DISABLE TRIGGER no_truncate")
            cursor.execute("ALTER TABLE record_seal DISABLE TRIGGER no_truncate")
    return result
