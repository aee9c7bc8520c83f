"""Cells of the CSV files we write of what people outside sent: a spreadsheet that opens one must run nothing in it.

A cell that begins as a formula does gets a quote before it, as OWASP advises (CSV Injection); spreadsheets then show it as
text. A file of ours that comes back is read without that quote.
"""

import re

FORMULA = re.compile(r"[=+\-@\t\r\n]")
QUOTED = re.compile(r"'(?=[=+\-@\t\r\n])")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?\Z")


def inert(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if FORMULA.match(text) and not NUMBER.match(text) else text


def as_sent(cell: str) -> str:
    """What inert() was given."""
    return QUOTED.sub("", cell, count=1) if QUOTED.match(cell) else cell
