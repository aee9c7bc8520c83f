"""`seacliff admin-link`: for the first admin, and for an installation whose admins are all locked out."""

import sys

import typer

app = typer.Typer()


@app.command("admin-link")
def admin_link() -> None:
    """Print a link that makes one admin. It works once, for a day."""
    from seacliff.people.actions import one_time_admin_link

    sys.stdout.write(one_time_admin_link() + "\n")
