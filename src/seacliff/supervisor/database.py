"""A database for a single command: the one DATABASE_URL names, the running embedded one, or one started for it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from seacliff import embedded
from seacliff.supervisor import CannotStart, data


@contextmanager
def at_hand(*, start: bool = True) -> Iterator[None]:
    """Set DATABASE_URL for the duration of a command. With `start` false, a stopped database is not started for it."""
    if data.setting("DATABASE_URL"):
        yield
        return
    place = data.data_directory()
    sockets = embedded.running(place / "postgres") if data.was_left_behind(place) else None
    if sockets:
        os.environ["DATABASE_URL"] = embedded.url(sockets)
        yield
        return
    if not start:
        raise CannotStart(
            f"No database runs for {place}. Start everything with `seacliff up`, or set DATABASE_URL to a PostgreSQL "
            "of your own."
        )
    with data.locked(place, f"process {os.getpid()} runs a command on it"):
        try:
            server = embedded.start(place / "postgres")
        except embedded.EmbeddedError as error:
            raise CannotStart(str(error)) from error
        except OSError as error:
            raise CannotStart(data.sentence(error, place)) from error
        try:
            data.secret_key(place)
            os.environ["DATABASE_URL"] = server.url
            yield
        finally:
            server.stop()
