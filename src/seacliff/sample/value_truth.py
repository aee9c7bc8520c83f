"""Is the truth of the sample company found, however its dice fall? Its ledger's findings over many seeds, beside the one shipped.

python -m seacliff.sample.value_truth [--seeds 40] [--out docs/value/sample.md]
"""

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import django

TODAY = date(2026, 11, 30)  # whichever: the company's past ends the week before


@dataclass(frozen=True)
class Told:
    """What the ledger says of one finding of one company."""

    grade: str  # empty: refused
    low: float
    high: float

    def covers(self, truth: float) -> bool:
        return self.low <= truth <= self.high

    @property
    def found(self) -> bool:
        return self.low > 0 or self.high < 0

    @property
    def counted(self) -> bool:
        return self.grade in ("A", "B")


def told(seed: int) -> dict[str, Told]:
    """The company of a seed, read from files and estimated as its ledger would."""
    from seacliff.sample import value_side
    from seacliff.value.inputs.source import opened
    from seacliff.value.ledger.designs import estimated, frame_of

    with TemporaryDirectory() as folder:
        _written(seed, Path(folder))
        with opened(folder) as source:
            results = {name: estimated(plan, frame_of(plan, source)) for name, plan in value_side.PLANS.items()}
    return {name: Told("" if one.refusal else str(one.grade), one.low, one.high) for name, one in results.items()}


def _written(seed: int, folder: Path) -> None:
    import pandas as pd

    from seacliff.sample import value_side
    from seacliff.value.inputs.schema import TABLES

    launches, lots, days = value_side.drawn(seed, TODAY)
    rows = {
        "launches": [vars(one) for one in launches],
        "lots": [vars(one) for one in lots],
        "account_days": list(days),
    }
    for name, given in rows.items():
        columns = [column.name for column in TABLES[name].columns]
        pd.DataFrame(given, columns=columns).to_parquet(folder / f"{name}.parquet", index=False)


def lines(companies: Sequence[dict[str, Told]], shipped: dict[str, Told]) -> list[str]:
    """A row of the table for each finding."""
    from seacliff.sample.value_side import TRUTH

    rows = []
    for name, truth in TRUTH.items():
        own = [company[name] for company in companies]
        counted = [one for one in own if one.counted]
        shares = [len(counted) / len(own), sum(one.grade == "X" for one in own) / len(own),
                  sum(not one.grade for one in own) / len(own)]  # fmt: skip
        inside, found = (sum(held) / len(counted) if counted else float("nan")
                         for held in ([one.covers(truth) for one in counted], [one.found for one in counted]))  # fmt: skip
        ours = shipped[name]
        says = f"{ours.grade or 'refused'}, {ours.low:.2f} to {ours.high:.2f}"
        rows.append(
            f"| {name} | {truth:.2f} | {' | '.join(f'{one:.0%}' for one in (*shares, inside, found))} | {says} |"
        )
    return rows


HEAD = """# The sample company over many seeds

Written by `python -m seacliff.sample.value_truth`. The sample's accounts are made up by dice, with an effect that is known; one
throw of the dice proves nothing. Here the same company is made with {seeds} seeds (1 to {seeds}), and each one's ledger is asked.
The sample that ships has the seed {shipped}, the year Seacliff began: it was fixed for that, and stays whatever comes of it.

| finding | truth | A or B | X | refused | of A and B: cover the truth | of A and B: nought outside | the sample shipped |
|---|---|---|---|---|---|---|---|
"""
TAIL = """
For the safety badge, which does nothing, the last but one column is the share of **false findings**; for the others it is how
often what is there is found. X: a diagnostic failed, which sound designs do now and then. All intervals are of 95%. Whether
acting on a report makes its reporter report again is asked too, and refused for want of data.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(prog="seacliff.sample.value_truth", description=__doc__)
    asked.add_argument("--seeds", type=int, default=40)
    asked.add_argument("--out", type=Path)
    options = asked.parse_args(arguments)
    from seacliff.sample.value_side import SEED

    with ProcessPoolExecutor() as pool:
        shipped, *companies = pool.map(told, [SEED, *range(1, options.seeds + 1)])
    text = HEAD.format(seeds=options.seeds, shipped=SEED) + "\n".join(lines(companies, shipped)) + "\n" + TAIL
    if options.out:
        options.out.write_text(text)
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seacliff.settings")
    django.setup()
    sys.exit(main())
