"""`make value-check`: the designs against published figures and against made worlds, written to docs/value/validation.md.

    OMP_NUM_THREADS=1 python -m seacliff.value.check [--draws 1000] [--seed 1] [--out FILE] [--data FOLDER] [--world NAME]
        [--partial]

Published data come from FOLDER/value (or SEACLIFF_DATA) and from the packages of the development set. What is absent fails the
check, for a target that nobody looked at is none that was hit; with --partial it is only said.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from math import isnan, sqrt
from pathlib import Path

import pandas

from seacliff.value.designs import worlds
from seacliff.value.designs.churn import cox
from seacliff.value.designs.discontinuity import discontinuity, window
from seacliff.value.designs.leniency import Leniency
from seacliff.value.designs.sensitivity import e_value
from seacliff.value.designs.staggered import staggered
from seacliff.value.designs.synthetic import launch
from seacliff.value.designs.trial import trial

EFFECT = 0.5
LEAST, MOST, FALSE = 0.93, 0.97, 0.06
WITHIN, NO = "within its error", "**no**"
CONSERVATIVE = {"leniency, reviewers alike"}  # an interval without bound covers always; it must not cover less


@dataclass(frozen=True)
class Published:
    """Figures of one source: what, published, ours, and how far apart they may be."""

    source: str
    rows: list[tuple[str, float, float, float]]


def _patents(data: Path) -> Published:
    rows = pandas.read_csv(data / "fhl_first1000.csv")
    found = Leniency(rows.dallowed, rows.examiner, rows.ind_year).effect(rows.ln_total_patents_appl)
    return Published("UJIVE, patents (R package ManyIV)", [
        ("estimate", 2.452386784, found.estimate, 1e-8), ("se", 2.151379876, found.se_textbook, 1e-8),
        ("se, effects differ", 3.170662565, found.se, 1e-8)])  # fmt: skip


def _alaska(data: Path) -> Published:
    rows = pandas.read_csv(data / "ak80_alaska.csv")
    found = Leniency(rows.education, rows.qob, rows.yob, interacted=True).effect(rows.lwage)
    return Published("UJIVE, schooling in Alaska (ManyIV)", [
        ("estimate", 0.090491169, found.estimate, 1e-8), ("se", 0.211386425, found.se_textbook, 1e-8),
        ("se, effects differ", 0.378517855, found.se, 1e-8)])  # fmt: skip


def _bail(data: Path) -> Published:
    rows = pandas.read_csv(data / "stevenson_bail.csv.gz")
    found = Leniency(rows.jail3, rows.judge_pre, rows.bailDate, rows[["black", "white"]]).effect(rows.guilt)
    return Published("UJIVE, bail judges (Stevenson 2018, R package jive)", [
        ("F", 32.63, found.first_stage_f, 5e-3), ("estimate", 0.159, found.estimate, 5e-4),
        ("se", 0.0706, found.se_textbook, 5e-5), ("plain JIVE", -0.022, found.others["jive"], 5e-4)])  # fmt: skip


def _smoking(data: Path) -> Published:
    wide = pandas.read_csv(data / "california_prop99.csv").pivot(index="State", columns="Year", values="PacksPerCapita")
    found = launch(wide.to_numpy(), wide.index == "California", 19)
    alone = launch(wide.to_numpy(), wide.index == "California", 19, method="sc")
    return Published("Proposition 99 (R package synthdid; Abadie and others 2010)", [
        ("SDID (exact optimum)", -15.604, found.estimate, 2e-3),
        ("DID", -27.349, found.figures["by difference-in-differences"], 5e-4),
        ("SC on outcomes", -19.51, alone.estimate, 5e-3),
        ("its rank of 39", 3, alone.diagnostics[3].figure * 39, 1e-9)])  # fmt: skip


def _wages(data: Path) -> Published:
    rows = pandas.read_csv(data / "mpdta.csv")
    found = staggered(rows.countyreal, rows.year, rows.lemp, rows["first.treat"]).figures
    targets = {"simple": -0.0400, "group": -0.0310, "dynamic": -0.0772}
    return Published(
        "Minimum wages (R package did)", [(kind, target, found[kind], 5e-5) for kind, target in targets.items()]
    )


def _package(name: str) -> Path:
    """Where a package of the development set keeps its data; an error where it is not installed."""
    found = find_spec(name)
    if found is None or found.origin is None:
        raise ImportError(f"the package {name} is not installed")
    return Path(found.origin).parent


def _dta(name: str) -> pandas.DataFrame:
    return pandas.read_stata(_package("causaldata") / name / f"{name}.dta")


def _senate(_: Path) -> Published:
    place = _package("rdrobust")
    rows = pandas.read_csv(place / "data" / "rdrobust_RDsenate.csv").dropna(subset=["vote", "margin"])
    found = discontinuity(rows.vote, rows.margin, 0)
    low, high = found.figures["with the normal quantile"]
    return Published("Senate seats (R package rdrobust)", [
        ("estimate", 7.4141, found.estimate, 5e-5), ("low", 4.0937, low, 5e-5), ("high", 10.9193, high, 5e-5),
        ("bandwidth", 17.754, found.figures["bandwidth"], 5e-4)])  # fmt: skip


def _house(_: Path) -> Published:
    rows = _dta("close_elections_lmb")
    found = [window(y, rows.lagdemvoteshare, 0.5, 0.02, cluster=rows.id) for y in (rows.score, rows.democrat)]
    return Published("Close elections (Lee, Moretti and Butler 2004)", [
        ("score", 21.284, found[0].estimate, 5e-4), ("se", 1.951, found[0].se, 5e-4),
        ("elected again", 0.484, found[1].estimate, 5e-4), ("se", 0.029, found[1].se, 5e-4)])  # fmt: skip


def _work(_: Path) -> Published:
    rows = _dta("nsw_mixtape")
    found = trial(rows.re78, rows.treat)
    return Published("Supported work (LaLonde 1986)", [
        ("estimate", 1794.34, found.estimate, 5e-3), ("se", 671.0, found.se, 0.05)])  # fmt: skip


def _arrests(_: Path) -> Published:
    place = _package("lifelines")
    rows = pandas.read_csv(place / "datasets" / "rossi.csv")
    controls = {name: rows[name] for name in ("age", "race", "wexp", "mar", "paro", "prio")}
    found = cox(rows.week, rows.arrest == 1, rows.fin.where(rows.fin != 1, 0.0).where(rows.fin == 1), controls=controls)
    return Published("Arrests, Cox (Rossi and others 1980)", [
        ("fin", -0.3794, found.estimate, 5e-5), ("se", 0.1914, found.se, 5e-5)])  # fmt: skip


def _hidden(_: Path) -> Published:
    found = e_value(3.9, 1.8, 8.7)
    return Published(
        "E-value (VanderWeele and Ding 2017)", [("point", 7.26, found.point, 5e-3), ("bound", 3.0, found.bound, 1e-9)]
    )


SOURCES: tuple[Callable[[Path], Published], ...] = (
    _patents, _alaska, _bail, _smoking, _wages, _senate, _house, _work, _arrests, _hidden
)  # fmt: skip


def published(data: Path, whole: bool = True) -> Iterator[tuple[str, bool]]:
    """Lines of the table, and whether each agrees; what is absent does not where all of it is asked for (`whole`)."""
    for source in SOURCES:
        try:
            found = source(data)
        except (OSError, ImportError) as absent:
            yield f"| not run: {absent} | | | | |", not whole
            continue
        for what, target, ours, tolerance in found.rows:
            agrees = abs(ours - target) <= tolerance
            yield f"| {found.source} | {what} | {target:.10g} | {ours:.10g} | {'yes' if agrees else '**no**'} |", agrees


def _one(job: tuple[str, float, int, int]) -> worlds.Counted:
    name, effect, draws, seed = job
    return worlds.run(worlds.WORLDS[name], effect, draws, seed)


def made(draws: int, names: list[str], seed: int = 1) -> Iterator[tuple[str, bool]]:
    """Lines of the table of worlds, and whether each keeps what is promised, the counts' own error aside: it is told apart."""
    with ProcessPoolExecutor() as pool:
        counted = list(pool.map(_one, [(name, effect, draws, seed) for name in names for effect in (EFFECT, 0.0)]))
    for number, name in enumerate(names):
        effect, none = counted[2 * number : 2 * number + 2]
        said = verdict(effect.covered, none.found, draws, name in CONSERVATIVE)
        shares = [f"{one:.1%}" for one in (
            effect.covered, none.covered, none.found, none.kept_found, effect.found, effect.failed)]  # fmt: skip
        bias = "–" if isnan(effect.bias) else f"{effect.bias:+.2f}"
        yield f"| {name} | {' | '.join(shares)} | {bias} | {said} |", said != NO


def verdict(covered: float, false: float, draws: int, conservative: bool) -> str:
    """Whether a world's counts keep the promise: by themselves, within two of their own standard errors, or not."""
    error = 2 / sqrt(draws)

    def keeps(allowed: float) -> bool:
        least, most, found = (bound + sign * allowed * sqrt(bound * (1 - bound))
                              for bound, sign in ((LEAST, -1), (MOST, 1), (FALSE, 1)))  # fmt: skip
        return least <= covered <= (1.0 if conservative else most) and false <= found

    return "yes" if keeps(0.0) else WITHIN if keeps(error) else NO


HEAD = """# Do the designs hold what they promise?

Written by `make value-check`: published figures, and worlds made by a seeded generator whose effect is known. The tests hold the
same with fewer draws.

## Published figures

| source | what | published | ours | agrees |
|---|---|---|---|---|
"""
MIDDLE = """
## Made worlds

{draws:,} draws of each world (seed {seed}), with an effect of {effect} and with none, from `seacliff.value.designs.worlds`.
Promised: 95% intervals cover in 93 to 97 of a hundred draws, and at most 6 in a hundred find an effect where there is none.
"Within its error" is a count past the promise by no more than two of its own standard errors, which neither keeps nor breaks it.
"X" is how often a sound design fails one of its diagnostics: each test of a gate errs now and then by its nature. What is graded
X is counted in no headline, so the false findings of the rest stand beside those of all; the promise is held against all. Bias
is in standard deviations of the estimate.

| world | covered | covered, no effect | found, no effect | of those not X | found | X | bias | kept |
|---|---|---|---|---|---|---|---|---|
"""
TAIL = """
Small worlds stand beside large ones, for a company has dozens of markets and not hundreds: where few have the change, effects of
half a unit are seldom found, and what is not there is not found either. Intervals by rank cover a little more than they must:
among 24 markets the furthest is one in 24.

Where reviewers are alike only the Anderson-Rubin interval is shown, mostly without bound: it covers always and finds nothing,
which is the truth about such data.
"""


def main() -> int:
    asked = argparse.ArgumentParser(prog="seacliff.value.check", description=__doc__)
    asked.add_argument("--draws", type=int, default=1000)
    asked.add_argument("--out", type=Path)
    asked.add_argument("--data", type=Path, default=Path(os.environ.get("SEACLIFF_DATA", "../shared/data")))
    asked.add_argument("--world", action="append", choices=list(worlds.WORLDS))
    asked.add_argument("--seed", type=int, default=1, help="of the made worlds")
    asked.add_argument("--partial", action="store_true", help="published data that are absent are said and don't fail the check")
    options = asked.parse_args()
    began = time.monotonic()
    figures = list(published(options.data / "value", not options.partial))
    counted = list(made(options.draws, options.world or list(worlds.WORLDS), options.seed))
    middle = MIDDLE.format(draws=options.draws, seed=options.seed, effect=EFFECT)
    text = HEAD + "\n".join(line for line, _ in figures) + "\n" + middle + "\n".join(line for line, _ in counted) + "\n" + TAIL
    if options.out:
        options.out.write_text(text)
    else:
        sys.stdout.write(text)
    sys.stderr.write(f"value-check took {time.monotonic() - began:.0f} s\n")
    return 0 if all(kept for _, kept in [*figures, *counted]) else 1


if __name__ == "__main__":
    sys.exit(main())
