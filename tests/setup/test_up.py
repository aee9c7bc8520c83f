"""`seacliff up`: how it starts, and how it ends in order or in one clear sentence, whatever happens to it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

INHERITED = ("DATABASE_URL", "PYTEST_VERSION", "SEACLIFF_DATA_DIR", "SEACLIFF_SECRET_KEY")
NOBODY = 65534


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Up:
    """One `seacliff up` with its own session, its output in a file."""

    def __init__(self, place, port, *, user=None):
        self.port, self.said = port, place.with_name(f"{place.name}.log")
        clean = {name: value for name, value in os.environ.items() if name not in INHERITED}
        environ = clean | {"SEACLIFF_DATA_DIR": str(place), "SEACLIFF_WEB_WORKERS": "1"}
        if user:
            environ["HOME"] = str(place.parent)
        command = [sys.executable, "-m", "seacliff", "up", "--no-sample", f"--port={port}"]
        with self.said.open("wb") as output:
            self.process = subprocess.Popen(
                command, env=environ, stdout=output, stderr=output, start_new_session=True, user=user, group=user
            )

    def output(self):
        return self.said.read_text(errors="replace")

    def reached(self, word, within=180):
        deadline = time.monotonic() + within
        while word not in self.output():
            assert self.process.poll() is None, self.output()
            assert time.monotonic() < deadline, self.output()
            time.sleep(0.1)
        return self

    def ended(self, within=40):
        return self.process.wait(within)

    def children(self):
        """Processes that carry this start's supervisor in their environment."""
        mark = f"SEACLIFF_SUPERVISOR={self.process.pid}\0".encode()
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
        return found


@pytest.fixture
def place(tmp_path_factory):
    path = tmp_path_factory.mktemp("up")
    for parent in (path, *path.parents[:2]):
        parent.chmod(0o711)
    started = []

    def start(port=None, name="data", **options):
        up = Up(path / name, port or free_port(), **options)
        started.append(up)
        return up

    start.path = path
    yield start
    for up in started:
        if up.process.poll() is None:
            up.process.terminate()
            try:
                up.process.wait(30)
            except subprocess.TimeoutExpired:
                up.process.kill()


def answers(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=5) as answer:
        return answer.status == 200


@pytest.mark.skipif(sys.platform != "linux", reason="children are told of the supervisor's death by Linux")
def test_it_starts_stops_in_order_and_starts_again_with_its_data(place):
    first = place().reached("Seacliff is up")
    assert answers(first.port)
    assert "Sign in as the administrator, once: http" in first.reached("Ctrl-C stops it").output()

    second = place()
    assert second.ended() == 1
    assert "Traceback" not in second.output()
    assert len(second.output().strip().splitlines()) == 1
    assert f"process {first.process.pid}" in second.output()

    other = place(port=first.port, name="other")
    assert other.ended() == 1
    assert f"Port {first.port}" in other.output()
    assert len(other.output().strip().splitlines()) == 1

    first.process.send_signal(signal.SIGINT)
    assert first.ended() == 0
    assert "stopping (SIGINT)" in first.output()
    assert first.output().strip().endswith("stopped")
    assert first.children() == []

    again = place(port=first.port).reached("Seacliff is up")
    assert "migrations" not in again.output()
    again.process.send_signal(signal.SIGTERM)
    assert again.ended() == 0
    assert "stopping (SIGTERM)" in again.output()


@pytest.mark.skipif(sys.platform != "linux", reason="children are told of the supervisor's death by Linux")
def test_a_killed_supervisor_takes_its_children_along_and_the_next_start_heals(place):
    up = place().reached("Seacliff is up")
    assert len(up.children()) >= 2
    up.process.kill()
    up.process.wait()
    deadline = time.monotonic() + 60
    while up.children():
        assert time.monotonic() < deadline, up.children()
        time.sleep(0.1)
    # a pid file that PostgreSQL left behind, with a number that is somebody else's by now
    pid_file = place.path / "data" / "postgres" / "data" / "postmaster.pid"
    if pid_file.exists():
        lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(os.getppid()), *lines[1:]]))
    again = place(port=up.port).reached("Seacliff is up")
    assert answers(again.port)


def test_when_a_part_dies_everything_ends_in_order_and_says_why(place):
    up = place().reached("Ctrl-C stops it")
    victim = next(pid for pid in up.children() if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(victim, signal.SIGKILL)
    assert up.ended() == 1
    assert "worker was ended by SIGKILL, so everything is stopped" in up.output()
    assert up.children() == []


def test_a_full_disk_is_said_in_a_sentence(place):
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root can make a small disk")
    disk = place.path / "small"
    disk.mkdir(mode=0o711)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        up = place(name="small/data")
        assert up.ended(60) == 1
        assert "Traceback" not in up.output()
        assert "space" in up.output().lower() or "full" in up.output().lower()
    finally:
        subprocess.run(["umount", "-l", disk], check=False)


def test_a_data_directory_that_is_closed_is_said_in_a_sentence(place):
    (place.path / "file").write_text("in the way")
    up = place(name="file")
    assert up.ended() == 1
    assert "Traceback" not in up.output()
    assert "file" in up.output()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_it_runs_as_a_normal_user_too(place):
    home = place.path / "home"
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)
    try:
        command = [sys.executable, "-c", "import seacliff"]
        subprocess.run(command, user=NOBODY, group=NOBODY, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this checkout is closed to other users")
    place.path.joinpath("home.log").touch()
    up = place(name="home/data", user=NOBODY).reached("Seacliff is up")
    up.process.terminate()
    assert up.ended() == 0
