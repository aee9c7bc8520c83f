"""`seacliff sample`: fill an empty database with the sample company."""

import time
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def sample(
    reports: Annotated[int, typer.Option(min=10, max=100_000, help="How many reports it has had.")] = 2000,
) -> None:
    """Fill an empty database with a sample company that makes video meetings."""
    from seacliff.people.models import User
    from seacliff.sample.seed import seed
    from seacliff.targets.models import Product

    if User.objects.exists() or Product.objects.exists():
        typer.echo("The database is not empty: the sample is only put into an empty one.", err=True)
        raise typer.Exit(1)
    began = time.monotonic()
    seed(reports, say=lambda text: typer.echo(f"sample: {text} ({time.monotonic() - began:.0f} s)", err=True))
    typer.echo(f"sample: ready in {time.monotonic() - began:.0f} s", err=True)
