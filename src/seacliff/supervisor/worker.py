"""The worker: every desk in a thread of its own, and the job queue with its schedules in the main thread."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command

from seacliff.intake.mail_listener import BadListen, Listener
from seacliff.record import desks
from seacliff.supervisor import CannotStart


def work(concurrency: int) -> None:
    """Work until SIGTERM or SIGINT; what is under way is finished first, for 20 seconds at most."""
    runner = desks.Runner(list(desks.DESKS.values()))
    with _listening_for_mail(settings.MAIL_LISTEN):
        runner.start()
        try:
            call_command(
                "procrastinate",
                "worker",
                f"--concurrency={concurrency}",
                "--shutdown-graceful-timeout=20",
                "--delete-jobs=successful",
            )
        finally:
            runner.stop()


@contextmanager
def _listening_for_mail(where: str) -> Iterator[None]:
    if not where:
        yield
        return
    try:
        listener = Listener(where)
        listener.start()
    except BadListen as problem:
        raise CannotStart(str(problem)) from problem
    try:
        yield
    finally:
        listener.stop()
