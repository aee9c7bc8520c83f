"""Jobs of routing: the backtest, which may read a year of reports."""

from uuid import UUID

from procrastinate.contrib.django import app

from seacliff.review.models import Backtest
from seacliff.review.routing.backtest import run


@app.task(queue="slow", name="review.backtest")
def run_backtest(backtest: str) -> None:
    """Run one backtest from its start; one that was broken off begins anew."""
    found = Backtest.objects.select_related("rule_set").get(id=UUID(backtest))
    if found.state in (Backtest.State.DONE, Backtest.State.FAILED):
        return
    mine = Backtest.objects.filter(id=found.id)
    mine.update(state=Backtest.State.RUNNING, done=0)

    def progress(done: int) -> None:
        mine.update(done=done)

    try:
        result = run(found.rule_set, found.since, found.until, progress)
    except Exception as error:
        mine.update(state=Backtest.State.FAILED, error=f"{type(error).__name__}: {error}"[:500])
        raise
    mine.update(state=Backtest.State.DONE, result=result.as_json(), done=result.reports)
