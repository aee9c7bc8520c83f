"""`seacliff sample`: fill an empty database with the sample company."""

import os
import sys
import time
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def sample(
    reports: Annotated[int, typer.Option(min=10, max=100_000, help="How many reports it has had.")] = 700,
) -> None:
    """Fill an empty database with a sample company that makes video meetings. Its past half year is made up."""
    from seacliff.people.models import User
    from seacliff.record import seals
    from seacliff.sample.seed import seed
    from seacliff.targets.models import Product

    if User.objects.exists() or Product.objects.exists():
        typer.echo("The database is not empty: the sample is only put into an empty one.", err=True)
        raise typer.Exit(1)
    began = time.monotonic()
    seed(reports, say=lambda text: typer.echo(f"sample: {text} ({time.monotonic() - began:.0f} s)", err=True))
    seals.seal_all()
    typer.echo(f"sample: ready in {time.monotonic() - began:.0f} s", err=True)


@app.command()
def receiver(
    port: Annotated[int, typer.Option(help="Port to listen on, on this machine only; 0: any.")] = 0,
) -> None:
    """Play the sample company's product: take its webhooks, check their signatures, show what came."""
    from seacliff.enforcement.receiver import Receiver
    from seacliff.sample.product_side import announce, endpoint

    found = endpoint()
    if found is None:
        typer.echo("There is no sample company here whose product could listen: `make up` makes one.", err=True)
        raise typer.Exit(1)
    try:
        playing = Receiver(found.secret, port)
    except OSError as error:
        typer.echo(f"The receiver can't listen on port {port}: {error.strerror}.", err=True)
        raise typer.Exit(1) from None
    announce(found, playing.url)
    playing.server.server_close()
    # From here on without Django, which would only sit in memory.
    command = [sys.executable, "-m", "seacliff.enforcement.receiver", str(playing.server.server_port)]
    os.execve(command[0], command, os.environ | {"SEACLIFF_RECEIVER_SECRET": found.secret})  # noqa: S606
