"""The data directory: where it is, who may use it now, and the secret key kept in it."""

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from seacliff.supervisor import CannotStart

FREE_FOR_A_FIRST_START = 256 * 2**20  # the empty database with its write-ahead log takes about 120 MB
FREE_FOR_ANOTHER_START = 48 * 2**20


def setting(name: str, default: str = "", environ: Mapping[str, str] = os.environ) -> str:
    """The value of the variable `name`, or what the file named by `name`_FILE holds."""
    if environ.get(name):
        return environ[name]
    path = environ.get(f"{name}_FILE")
    if not path:
        return default
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise CannotStart(f"{name}_FILE names {path}, which can't be read: {error.strerror}.") from error


def data_directory() -> Path:
    """Where Seacliff keeps its data: SEACLIFF_DATA_DIR, or `data` in the current directory."""
    return Path(setting("SEACLIFF_DATA_DIR", "data")).resolve()


def sentence(error: OSError, place: Path) -> str:
    """What is wrong with `place`, and what to do, when the system refused `error`."""
    what = {
        errno.ENOSPC: f"The disk that holds {place} is full. Free some space",
        errno.EDQUOT: f"The disk quota for {place} is used up. Free some space",
        errno.EROFS: f"{place} is on a disk that can only be read. Make it writable",
        errno.EACCES: f"{error.filename or place} is closed to this user. Change its owner or permissions",
        errno.EPERM: f"{error.filename or place} is closed to this user. Change its owner or permissions",
        errno.ENOTDIR: f"{error.filename or place} is a file where a directory is needed. Move it away",
        errno.EEXIST: f"{error.filename or place} is a file where a directory is needed. Move it away",
    }.get(error.errno or 0, f"{error.strerror or error} ({error.filename or place}). Put that right")
    return f"{what}, or name another data directory by SEACLIFF_DATA_DIR."


@contextmanager
def locked(data: Path, about: str) -> Iterator[IO[str]]:
    """Have the data directory for ourselves; `about` tells a second starter who has it. Raises CannotStart.

    The lock is the kernel's, so it is gone with the process that held it, whatever ended it.
    """
    try:
        data.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        lock = (data / "lock").open("a+")
    except OSError as error:
        raise CannotStart(sentence(error, data)) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "another command"
            raise CannotStart(f"Seacliff already uses the data in {data}: {holder}. Stop it first.") from None
        try:
            lock.truncate(0)
            lock.write(about)
            lock.flush()
            _check_space(data)
        except OSError as error:
            raise CannotStart(sentence(error, data)) from error
        yield lock
        lock.truncate(0)


def was_left_behind(data: Path) -> bool:
    """Whether whoever used the data directory last ended without letting go of it in order."""
    try:
        return bool((data / "lock").read_text().strip())
    except OSError:
        return False


def _check_space(data: Path) -> None:
    needed = FREE_FOR_ANOTHER_START if (data / "postgres" / "PG_VERSION").exists() else FREE_FOR_A_FIRST_START
    free = shutil.disk_usage(data).free
    if free < needed:
        raise CannotStart(
            f"The disk that holds {data} has only {free // 2**20} MB left; Seacliff needs {needed // 2**20} MB to "
            "start. Free some space, or name another data directory by SEACLIFF_DATA_DIR."
        )


def secret_key(data: Path) -> None:
    """Make the key that signs sessions and links at the first start, readable by its owner alone."""
    path = data / "secret-key"
    if setting("SEACLIFF_SECRET_KEY") or path.exists():
        return
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def fresh_directory(place: Path) -> str:
    """An empty directory for files of this run alone."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700, parents=True)
    return str(place)
