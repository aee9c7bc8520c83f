"""`seacliff intake ...`: the ways in that are started from the command line."""

import sys
from typing import Annotated

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


def _end(code: int, sentence: str) -> None:
    typer.echo(f"seacliff: {sentence}", err=True)
    raise typer.Exit(code)
