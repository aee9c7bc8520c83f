"""What the worker does for its own health."""

from procrastinate import JobContext
from procrastinate.contrib.django import app

from seacliff.operate import heartbeat
from seacliff.record.desks import desk


@desk("heartbeat", every=heartbeat.EVERY)
def say_alive() -> int:
    heartbeat.beat()
    return 0


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="take up stalled jobs", pass_context=True)
async def take_up_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Jobs whose worker was killed in the middle are done again; every job can be."""
    for job in await context.app.job_manager.get_stalled_jobs():
        await context.app.job_manager.retry_job(job)
