"""The worker: every desk in a thread of its own, and the job queue with its schedules in the main thread."""

from django.core.management import call_command

from seacliff.record import desks


def work(concurrency: int) -> None:
    """Work until SIGTERM or SIGINT; what is under way is finished first, for 20 seconds at most."""
    runner = desks.Runner(list(desks.DESKS.values()))
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
