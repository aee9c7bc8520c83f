"""`seacliff intake ...`: the ways in that are started from the command line."""

import sys
import time
from pathlib import Path
from typing import Annotated, NoReturn

import typer

app = typer.Typer()
intake = typer.Typer(
    help="Take in reports: pipe a mail in, listen for mails, look into a mailbox.", no_args_is_help=True
)
app.add_typer(intake, name="intake")

BAD_INPUT, TRY_LATER = 65, 75  # EX_DATAERR, EX_TEMPFAIL of sysexits.h, which mail servers understand


@intake.command()
def mail(
    recipient: Annotated[list[str] | None, typer.Option(help="The envelope's recipient; may be repeated.")] = None,
    sender: Annotated[str, typer.Option(help="The envelope's sender.")] = "",
) -> None:
    """Keep the mail on standard input. Exit code 0: it is on disk; 75: try again later; 65: nothing a mail could be."""
    from seacliff.intake.mail_door import MOST_BYTES, NoProduct, receive

    raw = sys.stdin.buffer.read(MOST_BYTES + 1)
    if not raw.strip():
        _end(BAD_INPUT, "Nothing came on standard input. Pipe one mail in: `seacliff intake mail < message`.")
    if len(raw) > MOST_BYTES:
        _end(BAD_INPUT, f"The mail is larger than {MOST_BYTES // 2**20} MB.")
    try:
        kept = receive(raw, source="pipe", sender=sender, recipients=recipient)
    except NoProduct as reason:
        _end(TRY_LATER, str(reason))
    except Exception as error:  # whatever it is, the mail server shall keep the mail and bring it again
        _end(TRY_LATER, f"The mail could not be kept now ({str(error).splitlines()[0] if str(error) else error!r}).")
    for message in kept:
        typer.echo(str(message.id))


@app.command("import")
def import_reports(
    file: Annotated[Path, typer.Argument(help="A .csv file, or .jsonl with one report a line.", show_default=False)],
    product: Annotated[str, typer.Option(help="The product of rows that name none; the first one when empty.")] = "",
    dry_run: Annotated[bool, typer.Option(help="Only look what would be taken and what not.")] = False,
    rejects: Annotated[Path | None, typer.Option(help="Where rows go that can't be taken; beside the file.")] = None,
) -> None:
    """Bring in reports from another system's export. Exit code 0: all are here; 1: some were put aside, with reasons."""
    from seacliff.intake import importing

    aside = rejects or file.with_name(f"{file.stem}.rejects{file.suffix}")
    began = time.monotonic()
    try:
        size = file.stat().st_size
        with typer.progressbar(length=size, label="checking" if dry_run else "importing", file=sys.stderr) as bar:
            done = importing.run(
                file,
                product=product,
                dry=dry_run,
                rejects=aside,
                seen=lambda position: bar.update(position - bar.pos),
            )
            bar.update(size - bar.pos)
    except OSError as error:
        _end(1, f"{file} can't be read: {error.strerror}.")
    except importing.CannotImport as problem:
        _end(1, str(problem))
    took = time.monotonic() - began
    verb = "could be imported" if dry_run else "imported"
    repeated = f", {done.repeated:,} were here already" if done.repeated else ""
    typer.echo(
        f"{done.rows:,} rows in {took:.1f} s ({done.rows / max(took, 0.001):,.0f}/s): {done.created:,} {verb}{repeated}."
    )
    if done.rejected:
        typer.echo(
            f"{done.rejected:,} can't be taken; they are in {aside}, each with its line and the reason:", err=True
        )
        for reason, count in done.reasons.most_common(10):
            typer.echo(f"  {count:,} x {reason}", err=True)
        raise typer.Exit(1)


def _end(code: int, sentence: str) -> NoReturn:
    typer.echo(f"seacliff: {sentence}", err=True)
    raise typer.Exit(code)
