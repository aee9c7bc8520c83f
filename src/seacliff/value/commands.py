"""`seacliff value-load`: the company's tables into Seacliff's own."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def value_load(
    table: Annotated[str, typer.Argument(help="account_days, launches or lots (docs/value/inputs.md).")],
    file: Annotated[Path, typer.Argument(help="A CSV file with a heading row.", exists=True, dir_okay=False)],
) -> None:
    """Replace a table of the value case's inputs by the rows of a CSV file."""
    from seacliff.value.inputs.loading import LoadError, load

    try:
        rows = load(table, file)
    except LoadError as reason:
        typer.echo(f"seacliff: {reason}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{rows:,} rows of {table}")
