"""Loading the company's tables into Seacliff's own, where no warehouse is named."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
from django.db import connection, transaction
from psycopg.errors import UniqueViolation

from seacliff.value.inputs.schema import TABLES
from seacliff.value.inputs.source import OWN

CHUNK = 200_000
YES = {"true", "t", "1", "yes", "y"}
NO = {"false", "f", "0", "no", "n"}


class LoadError(ValueError):
    """What is wrong with a file, where, and what would be right."""


def load(table: str, file: Path) -> int:
    """Replace a table by the rows of a CSV file, all or nothing; how many. Raises LoadError."""
    if table not in OWN:
        raise LoadError(f"There is no table {table} to load; there are {', '.join(OWN)}.")
    rows = 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {OWN[table]} RESTART IDENTITY")
        for chunk in pd.read_csv(file, dtype=str, keep_default_na=False, chunksize=CHUNK):
            frame = checked(table, chunk, rows + 2)
            try:
                _copy(cursor, table, frame)
            except UniqueViolation as reason:
                raise LoadError(_doubled(reason, rows + 1)) from reason
            rows += len(frame)
        cursor.execute(f"ANALYZE {OWN[table]}")
    return rows


def _copy(cursor: Any, table: str, frame: pd.DataFrame) -> None:
    names = ", ".join(f'"{name}"' for name in frame.columns)
    with cursor.copy(f"COPY {OWN[table]} ({names}) FROM STDIN") as copy:
        for row in frame.itertuples(index=False):
            copy.write_row([None if value is None or value != value else value for value in row])


def _doubled(reason: UniqueViolation, heading: int) -> str:
    """PostgreSQL tells the row within what was copied, and the key: 'COPY value_lot, line 3', 'Key (a, b)=(x, y) already…'."""
    line = re.search(r"COPY \w+, line (\d+)", reason.diag.context or "")
    key = re.search(r"\((.*)\)=\((.*)\)", reason.diag.message_detail or "")
    where = f"Line {heading + int(line[1])}" if line else "A line"
    what = f"{key[1]} is {key[2]}, which" if key else "what is there once for each row"
    return f"{where}: {what} came before. Leave one of the two out. Nothing was loaded."


def checked(table: str, frame: pd.DataFrame, line: int) -> pd.DataFrame:
    """Typed and complete, or a LoadError that names column and line; columns that are not ours are left out."""
    declared = TABLES[table].columns
    if absent := [column.name for column in declared if column.needed and column.name not in frame.columns]:
        raise LoadError(f"The file lacks the column {', '.join(absent)}. docs/value/inputs.md lists the columns.")
    result = pd.DataFrame(index=frame.index)
    for column in declared:
        if column.name not in frame.columns:
            if column.kind == "text":
                result[column.name] = ""
            elif column.kind == "number":
                result[column.name] = 0.0
            continue
        given = frame[column.name].str.strip()
        typed = given if column.kind == "text" else _typed(column.kind, given)
        wrong = typed.isna() & (given != "") if column.kind != "text" else given != given
        wrong |= (given == "") if column.needed else False
        if wrong.any():
            place = int(wrong.to_numpy().argmax())
            raise LoadError(
                f'Line {line + place}: {column.name} is "{given.iloc[place]}", which is no {column.kind}. Nothing was loaded.'
            )
        result[column.name] = typed.fillna(0.0) if column.kind == "number" else typed
    return result.astype(object)


def _typed(kind: str, given: pd.Series) -> pd.Series:
    if kind == "number":
        return pd.to_numeric(given.where(given != ""), errors="coerce")
    if kind == "yes-no":
        small = given.str.lower()
        return small.map(lambda word: True if word in YES else False if word in NO else None)
    days = pd.to_datetime(given.where(given != ""), format="%Y-%m-%d", errors="coerce")
    return days.dt.date.astype(object).where(days.notna(), None)
