"""`seacliff doctor`, `seacliff backup`, `seacliff restore`."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


def _say(text: str) -> None:
    typer.echo(f"{text} ...", err=True)


@app.command()
def doctor() -> None:
    """Say what is wrong with this installation and what to do. Exit code 1 when something is."""
    from seacliff.operate.doctor import examine

    findings = examine()
    for finding in sorted(findings, key=lambda finding: not finding.grave):
        typer.echo(f"{'WRONG ' if finding.grave else 'ADVICE'}  {finding.text}")
    grave = sum(finding.grave for finding in findings)
    if not findings:
        typer.echo("All is well.")
    raise typer.Exit(1 if grave else 0)


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="The file to make, such as seacliff-2026-11-24.tar.")]) -> None:
    """Put everything into one file: database, evidence, secret key. Seacliff may go on running. Keep the file secret."""
    from seacliff.operate import backup as room

    try:
        made = room.backup(file, _say)
    except room.CannotDo as reason:
        typer.echo(f"seacliff: {reason}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{file}: {made.size / 2**20:,.1f} MB, {made.pieces:,} pieces of evidence.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `seacliff backup` made.")],
    replace: Annotated[bool, typer.Option("--replace", help="Even where there is data: it is gone then.")] = False,
) -> None:
    """Bring everything back from a backup and verify the record. Seacliff must be stopped."""
    from seacliff.operate import backup as room

    try:
        manifest = room.restore(file, replace=replace, say=_say)
    except room.CannotDo as reason:
        typer.echo(f"seacliff: {reason}", err=True)
        raise typer.Exit(1) from None
    typer.echo(
        f"Restored as of {manifest['made_at'][:19]} UTC; the record is as it was sealed. Start it with `seacliff up`."
    )
