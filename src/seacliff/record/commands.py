"""`seacliff seal`, `seacliff verify` and `seacliff desk`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from seacliff.record import desks, seals
from seacliff.record.verify import Verdict
from seacliff.record.verify import verify as check

app = typer.Typer()


@app.command()
def seal() -> None:
    """Seal what is not sealed yet and print the newest seal: keep or publish it, and history can't be rewritten unseen."""
    seals.align_commit_order()
    seals.seal_all()
    newest = seals.newest()
    if newest is None:
        typer.echo("There is nothing to seal yet.")
        return
    typer.echo(f"{bytes(newest.hash).hex()} seal {newest.number}, {newest.sealed_at:%Y-%m-%d %H:%M:%S} UTC")


@app.command()
def verify(
    against: Annotated[
        str,
        typer.Option(help="The hash of a seal published earlier, or a file that holds such hashes (a log will do)."),
    ] = "",
) -> None:
    """Recompute the event log's seals and name every event that was edited, removed, put in or moved. Exit code 1 then."""
    published = Path(against).read_text(errors="replace") if against and Path(against).is_file() else against
    show = sys.stderr.isatty()
    verdict = check(published, lambda events: typer.echo(f"\r{events:,} events", nl=False, err=True) if show else None)
    if show:
        typer.echo("\r\033[K", nl=False, err=True)
    if against and not seals_named(published):
        typer.echo(f'"{against}" is neither a hash (64 hexadecimal digits) nor a file that holds one.', err=True)
        raise typer.Exit(2)
    for problem in verdict.problems:
        typer.echo(problem)
    typer.echo(summary(verdict))
    raise typer.Exit(0 if verdict.intact else 1)


@app.command()
def desk(name: Annotated[str, typer.Argument(help="Such as value-ledger.")]) -> None:
    """Do what waits on one desk, and end: the worker does so by itself."""
    if name not in desks.DESKS:
        typer.echo(f'There is no desk "{name}". There are: {", ".join(sorted(desks.DESKS))}.', err=True)
        raise typer.Exit(2)
    desks.clear(name)


def seals_named(text: str) -> bool:
    from seacliff.record.verify import HASH

    return bool(HASH.search(text))


def summary(verdict: Verdict) -> str:
    """One sentence: what was looked at, and whether it holds."""
    looked_at = f"{verdict.events:,} events under {verdict.seals:,} seals"
    waiting = f"; {verdict.unsealed:,} newer events wait for their seal" if verdict.unsealed else ""
    if verdict.intact:
        newest = f" The newest seal is {verdict.newest}." if verdict.newest else ""
        return f"Nothing was changed: {looked_at} are as they were sealed{waiting}.{newest}"
    count = len(verdict.problems)
    return f"{count:,} {'problem was' if count == 1 else 'problems were'} found in {looked_at}{waiting}."
