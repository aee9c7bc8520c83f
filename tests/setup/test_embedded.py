"""The PostgreSQL that comes along: what it is, who may enter, and that its data stay."""

import os
import stat
from pathlib import Path

import psycopg
import pytest

from seacliff import embedded


@pytest.fixture
def place(tmp_path_factory):
    """A directory that another account may walk through, as an unprivileged server needs."""
    path = tmp_path_factory.mktemp("embedded")
    for parent in (path, *path.parents[:2]):
        parent.chmod(0o711)
    return path


def test_a_second_start_finds_what_the_first_one_stored(place):
    server = embedded.start(place / "postgres")
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('still here')")
    server.stop()
    assert embedded.running(place / "postgres") is None

    server = embedded.start(place / "postgres")
    try:
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT word FROM kept").fetchone() == ("still here",)
        assert embedded.running(place / "postgres") == server.sockets
    finally:
        server.stop()


def test_seacliff_owns_its_database_but_is_no_superuser():
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        assert connection.execute(
            "SELECT current_user, current_setting('is_superuser'), current_setting('server_version_num')::int >= 160000"
        ).fetchone() == ("seacliff", "off", True)


def test_only_the_owner_can_enter_the_socket_directory_and_nothing_listens_on_the_network(place):
    server = embedded.start(place / "postgres")
    try:
        assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    finally:
        server.stop()


def test_a_long_path_is_no_hindrance(place):
    deep = place / ("a-rather-long-name" * 5) / ("another-one" * 6)
    server = embedded.start(deep / "postgres")
    try:
        assert len(str(server.sockets)) <= embedded.LONGEST_SOCKET_DIRECTORY
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop()
        server.sockets.rmdir()


def test_a_stale_pid_file_is_no_hindrance(place):
    server = embedded.start(place / "postgres")
    pid_file = (place / "postgres" / "postmaster.pid").read_text()
    server.stop()
    # the number of a living process that is no PostgreSQL: this one
    (place / "postgres" / "postmaster.pid").write_text(pid_file.replace(str(server.process.pid), str(os.getpid()), 1))
    server = embedded.start(place / "postgres")
    server.stop()


def test_a_server_that_lost_its_starter_is_replaced(place):
    orphan = embedded.start(place / "postgres")
    server = embedded.start(place / "postgres")
    try:
        assert orphan.process.wait(10) is not None
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop()


def test_a_first_start_that_was_interrupted_begins_again(place):
    (place / "postgres" / "base").mkdir(parents=True)
    (place / "postgres" / "base" / "half").write_text("written")
    embedded.start(place / "postgres").stop()


def test_a_broken_data_directory_is_told_with_the_servers_own_reason(place):
    embedded.start(place / "postgres").stop()
    (place / "postgres" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(embedded.EmbeddedError, match=r"version 9\.6"):
        embedded.start(place / "postgres")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can close a directory to the account that PostgreSQL runs as")
def test_as_root_it_starts_below_a_directory_that_is_closed_to_others(place):
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    server = embedded.start(closed / "data" / "postgres")
    try:
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        assert "\nUid:\t0\t" not in status
        held = int(status.split("CapEff:")[1].split()[0], 16)
        assert held in (1 << embedded.CAP_DAC_READ_SEARCH, 1 << embedded.CAP_DAC_OVERRIDE)
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop()
