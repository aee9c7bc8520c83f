"""Where the company keeps its accounts: tables as Ibis expressions, so that the same sums are formed in Seacliff's own
PostgreSQL, by DuckDB on files, or in a warehouse or a Spark cluster.

SEACLIFF_VALUE_SOURCE: empty for Seacliff's own tables (`seacliff value-load` fills them); a folder of Parquet or CSV files named
as the tables; `spark:<master>:<folder>`; or whatever `ibis.connect` takes, such as `bigquery://project/dataset`.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import ibis
import pandas as pd
from django.conf import settings
from django.db import connection, transaction

from seacliff.value.inputs.schema import TABLES

OWN = {"account_days": "value_accountday", "launches": "value_launch", "lots": "value_lot"}
SPARK = "Install Seacliff with its extra, and Java 17: pip install 'seacliff[spark]'."


class SourceError(RuntimeError):
    """Why the source can't be read, where, and what to do."""


class Source(Protocol):
    """Tables to form expressions on, and where they are worked out."""

    name: str

    def table(self, name: str) -> Any:
        """A declared table as an Ibis expression with the declared types; without rows where the source lacks it."""

    def upload(self, name: str, frame: pd.DataFrame, schema: Mapping[str, str]) -> Any:
        """Rows of ours beside the source's, to be joined with them; gone when the source is closed."""

    def fetch(self, expression: Any) -> pd.DataFrame: ...


@contextmanager
def opened(address: str | None = None) -> Generator[Source]:
    """The source that is configured, or the one named. Raises SourceError."""
    where = settings.VALUE_SOURCE if address is None else address
    if not where:
        with transaction.atomic():
            yield Own()
        return
    lake = _lake(where)
    try:
        yield lake
    finally:
        lake.close()


class Own:
    """Seacliff's own PostgreSQL: expressions become its SQL; no further package is needed."""

    name = "Seacliff's own tables"

    def table(self, name: str) -> Any:
        return ibis.table(TABLES[name].ibis, name=OWN[name])

    def upload(self, name: str, frame: pd.DataFrame, schema: Mapping[str, str]) -> Any:
        kinds = {
            "string": "text",
            "date": "date",
            "timestamp": "timestamptz",
            "float64": "float8",
            "boolean": "boolean",
        }
        columns = ", ".join(f'"{column}" {kinds[kind]}' for column, kind in schema.items())
        with connection.cursor() as cursor:
            cursor.execute(f'DROP TABLE IF EXISTS "{name}"')
            cursor.execute(f'CREATE TEMPORARY TABLE "{name}" ({columns}) ON COMMIT DROP')
            with cursor.copy(f'COPY "{name}" FROM STDIN') as copy:
                for row in (
                    frame[list(schema)].astype(object).where(frame[list(schema)].notna(), None).itertuples(False)
                ):
                    copy.write_row(row)
            cursor.execute(f'ANALYZE "{name}"')
        return ibis.table(dict(schema), name=name)

    def fetch(self, expression: Any) -> pd.DataFrame:
        with connection.cursor() as cursor:
            cursor.execute(str(ibis.to_sql(expression, dialect="postgres")).replace("%", "%%"), [])
            return pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description or ()])


class Lake:
    """Anything that Ibis has a backend for."""

    def __init__(self, name: str, backend: Any, tables: Mapping[str, Any]) -> None:
        self.name, self.backend, self.tables = name, backend, tables

    def table(self, name: str) -> Any:
        declared = TABLES[name].ibis
        if name not in self.tables:
            return self._without_rows(declared)
        found = self.tables[name]
        absent = [c.name for c in TABLES[name].columns if c.needed and c.name not in found.columns]
        if absent:
            raise SourceError(
                f"The table {name} of {self.name} lacks {', '.join(absent)}. docs/value/inputs.md lists the columns."
            )
        return found.select(**{
            column: (found[column] if column in found.columns else ibis.null()).cast(kind)
            for column, kind in declared.items()
        })  # fmt: skip

    def _without_rows(self, declared: Mapping[str, str]) -> Any:
        return self.upload("nothing", pd.DataFrame({column: [None] for column in declared}), declared).limit(0)

    def upload(self, name: str, frame: pd.DataFrame, schema: Mapping[str, str]) -> Any:
        return ibis.memtable(frame[list(schema)], schema=ibis.schema(dict(schema)))

    def fetch(self, expression: Any) -> pd.DataFrame:
        try:
            return self.backend.execute(expression)
        except Exception as reason:
            raise SourceError(self._why(reason)) from reason

    def _why(self, reason: Exception) -> str:
        """The column that can't be read as it is declared, with a value of it; else the source's own words."""
        for name, found in self.tables.items():
            for column, kind in TABLES[name].ibis.items():
                with suppress(Exception):
                    values = found.filter(found[column].notnull() & found[column].try_cast(kind).isnull())
                    if len(wrong := self.backend.execute(values[[column]].limit(1))):
                        return (
                            f"The column {column} of the table {name} of {self.name} must be {kind}, and "
                            f"{str(wrong[column][0])!r} is not. Mend it there, then read the data again."
                        )
        return f"{self.name} can't be read: {str(reason).strip().splitlines()[0]}"

    def close(self) -> None:
        self.backend.disconnect()


def _lake(where: str) -> Lake:
    if where.startswith("spark:"):
        return _spark(where)
    if "://" in where:
        try:
            backend = ibis.connect(where)
            there = set(backend.list_tables())
        except Exception as reason:
            raise SourceError(f"SEACLIFF_VALUE_SOURCE can't be reached: {reason}.") from reason
        return Lake(where.split("://")[0], backend, {name: backend.table(name) for name in OWN if name in there})
    return _duckdb(Path(where))


def _duckdb(folder: Path) -> Lake:
    files = _files(folder)
    backend = ibis.duckdb.connect()
    reading = {".parquet": backend.read_parquet, ".csv": backend.read_csv}
    tables = {name: _opened(reading[file.suffix], name, file) for name, file in files.items()}
    return Lake(f"files in {folder.name}", backend, tables)


def _opened(reading: Any, name: str, file: Path) -> Any:
    try:
        return reading(file, table_name=name)
    except Exception as reason:
        raise SourceError(f"{file.name} can't be read: {str(reason).strip().splitlines()[0]}") from reason


def _files(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise SourceError(f"SEACLIFF_VALUE_SOURCE names the folder {folder}, which is not there.")
    found = {name: folder / f"{name}{ending}" for name in OWN for ending in (".csv", ".parquet")
             if (folder / f"{name}{ending}").exists()}  # fmt: skip
    if not found:
        raise SourceError(
            f"The folder {folder} holds none of {', '.join(f'{name}.parquet' for name in OWN)} (or .csv instead)."
        )
    return found


def _spark(where: str) -> Lake:
    """`spark:local-cluster[2,1,1024]:/folder`, `spark:spark://host:7077:/folder`."""
    if find_spec("pyspark") is None:
        raise SourceError(f"Reading by Spark needs pyspark, which is not installed. {SPARK}")
    from pyspark.sql import SparkSession

    master, _, folder = where.removeprefix("spark:").rpartition(":")
    files = _files(Path(folder))
    session = (
        SparkSession.builder.master(master).appName("seacliff value").config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "8")
        .config("spark.sql.execution.arrow.pyspark.enabled", "true")  # our own rows reach the workers without a Python there
        .getOrCreate()
    )  # fmt: skip
    backend = ibis.pyspark.connect(session)
    reading = {".parquet": backend.read_parquet, ".csv": backend.read_csv}
    options: dict[str, dict[str, Any]] = {".csv": {"header": True, "inferSchema": True}, ".parquet": {}}
    tables = {n: reading[f.suffix](f, table_name=n, **options[f.suffix]) for n, f in files.items()}
    return Lake(f"Spark over files in {Path(folder).name}", backend, tables)
