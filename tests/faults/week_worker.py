"""A worker whose clock is a file: it reads the moment it lives in, does what two desks find due then, and reads again.

Started by test_week_of_asks.py, which moves the clock and kills it. `python -m tests.faults.week_worker CLOCK`
"""

import sys
import time
from datetime import datetime
from pathlib import Path

import django
import time_machine


def main(clock: Path) -> None:
    django.setup()
    from seacliff.record.desks import DESKS

    desks = [DESKS["ask-reminders"], DESKS["dispatches"]]
    while True:
        with time_machine.travel(datetime.fromisoformat(clock.read_text()), tick=False):
            done = sum(desk.work() for desk in desks)
        if not done:
            time.sleep(0.01)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
