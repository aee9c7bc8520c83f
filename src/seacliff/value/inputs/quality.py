"""How good the inputs are: gaps, impossible values, who is covered. What is wrong is counted and shown, never mended."""

from typing import Any

import pandas as pd

from seacliff.partners.access import OURS
from seacliff.value.inputs import record, reductions
from seacliff.value.inputs.schema import TABLES, Column, Table
from seacliff.value.inputs.source import Source

GAPS_SHOWN = 10
COVERED = {"reports": ["reporter_id", "case_id"], "asks": ["function"],
           "decisions": ["assignment_mode", "handle_s", "reviewer_id", "target_id", "reporter_id"]}  # fmt: skip


def report(source: Source) -> dict[str, Any]:
    """For every table its rows, span, gaps and impossible values; then who is covered. Plain values."""
    tables, frames = [], {}
    for name, table in TABLES.items():
        if table.where == "record":  # one at a time, for a year of decisions is gigabytes
            frame = record.read(name)
            tables.append(looked_at(table, frame))
            frames[name] = frame[COVERED.get(name, [])].copy()
    days = days_of(source)
    launches = record_types("launches", reductions.launches(source))
    tables += [_days_told(days), looked_at(TABLES["launches"], launches), _lots_told(reductions.lots(source))]
    return {"source": source.name, "tables": tables, "coverage": coverage(frames, reductions.lives(source))}


def record_types(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    return record.framed(name, frame.to_dict("list") if len(frame) else [])


def looked_at(table: Table, frame: pd.DataFrame) -> dict[str, Any]:
    """Rows, first, last, days without a row, and a line for each rule that some rows break."""
    faults = [fault for column in table.columns if (fault := _column(column, frame[column.name]))]
    for first, second in table.order:
        both = frame[first].notna() & frame[second].notna()
        if wrong := int((frame.loc[both, first] > frame.loc[both, second]).sum()):
            faults.append({"column": second, "rows": wrong, "says": f"{second} lies before {first}"})
    first_column = table.columns[0]
    with_ids = table.where == "record" and first_column.name.endswith("_id")
    if with_ids and (doubled := int(frame[first_column.name].duplicated().sum())):
        faults.append({"column": first_column.name, "rows": doubled, "says": "the same id comes twice"})
    return {"name": table.name, "says": table.says, "rows": len(frame), "faults": faults, **_span(table, frame)}


def _column(column: Column, values: pd.Series) -> dict[str, Any] | None:
    absent = values.isna() | (values == "") if column.kind == "text" else values.isna()
    if column.needed and (count := int(absent.sum())):
        return {"column": column.name, "rows": count, "says": "is needed and empty"}
    if column.one_of and (count := int((~absent & ~values.isin(column.one_of)).sum())):
        return {"column": column.name, "rows": count, "says": f"is none of {', '.join(column.one_of)}"}
    if column.kind == "number":
        low = values < column.least if column.least is not None else values.isna() & False
        high = values > column.most if column.most is not None else values.isna() & False
        if count := int((low | high).sum()):
            return {"column": column.name, "rows": count, "says": f"lies outside {_range(column)}"}
    return None


def _range(column: Column) -> str:
    least = "" if column.least is None else f"{column.least:g} "
    return f"{least}to {column.most:g}" if column.most is not None else f"{least}and more"


def _span(table: Table, frame: pd.DataFrame) -> dict[str, Any]:
    name = table.at or table.dated
    if not name or frame[name].notna().sum() == 0:
        return {"first": None, "last": None, "gaps": [], "gap_days": 0}
    days = sorted(set(frame[name].dropna().dt.strftime("%Y-%m-%d")))
    return gaps_of(days) if table.at else {"first": days[0], "last": days[-1], "gaps": [], "gap_days": 0}


def gaps_of(days: list[str]) -> dict[str, Any]:
    """First and last day, and the stretches between them that have no row, the longest first."""
    found = pd.to_datetime(pd.Series(days, dtype="object"))
    missing = found.diff().dt.days.fillna(1).astype(int) - 1
    gaps = [
        {"after": str(found[place - 1].date()), "days": int(count)} for place, count in missing.items() if count > 0
    ]
    longest = sorted(gaps, key=lambda gap: int(str(gap["days"])), reverse=True)[:GAPS_SHOWN]
    return {"first": days[0], "last": days[-1], "gaps": longest, "gap_days": int(missing.sum())}


def days_of(source: Source) -> pd.DataFrame:
    """Account days counted by day where they are: a warehouse's are too many to fetch.

    Columns: date, rows, negative (revenue below nought), after_churn (rows after the account left), unnamed, twice (further
    rows of an account that has one).
    """
    day = source.table("account_days")
    found = day.group_by("date").agg(
        rows=day.count().cast("float64"), twice=(day.account_id.count() - day.account_id.nunique()).cast("float64"),
        negative=reductions.count(day.revenue < 0),
        after_churn=reductions.count((day.date > day.churned_at) & day.active),
        unnamed=reductions.count(day.account_id.isnull() | (day.account_id == "")),
    )  # fmt: skip
    return source.fetch(found.order_by("date"))


def _days_told(days: pd.DataFrame) -> dict[str, Any]:
    table = TABLES["account_days"]
    names = {"negative": ("revenue", "is negative (a refund?)"), "unnamed": ("account_id", "is needed and empty"),
             "after_churn": ("active", "is yes after the account left"),
             "twice": ("account_id", "comes twice on a day: its days and its revenue are counted double")}  # fmt: skip
    faults = [{"column": column, "rows": int(days[name].sum()), "says": says}
              for name, (column, says) in names.items() if len(days) and days[name].sum()]  # fmt: skip
    span = gaps_of([str(pd.Timestamp(one).date()) for one in days["date"]]) if len(days) else {}
    return {"name": table.name, "says": table.says, "rows": int(days["rows"].sum()) if len(days) else 0, "faults": faults,
            "first": None, "last": None, "gaps": [], "gap_days": 0, **span}  # fmt: skip


def _lots_told(counted: dict[str, int]) -> dict[str, Any]:
    table = TABLES["lots"]
    says = {column.name: "is needed and empty" for column in table.columns} | {
        "twice": "comes twice in one launch's lot"
    }
    faults = [{"column": "account_id" if name == "twice" else name, "rows": counted[name], "says": sentence}
              for name, sentence in says.items() if counted[name]]  # fmt: skip
    return {"name": table.name, "says": table.says, "rows": counted["rows"], "faults": faults,
            "first": None, "last": None, "gaps": [], "gap_days": 0}  # fmt: skip


def coverage(frames: dict[str, pd.DataFrame], lives: pd.DataFrame) -> list[dict[str, Any]]:
    """Shares of who and what is covered: what an estimate can speak of."""
    decisions, reports, asks = frames["decisions"], frames["reports"], frames["asks"]
    known = set(lives["account_id"]) if len(lives) else set()
    lines = [
        (
            "decisions whose assignment chance made (random)",
            (decisions.assignment_mode == "random").sum(),
            len(decisions),
        ),
        ("decisions with the time they took", decisions.handle_s.notna().sum(), len(decisions)),
        ("decisions by a person", (decisions.reviewer_id != "").sum(), len(decisions)),
        ("decisions on an account that the account days know", decisions.target_id.isin(known).sum(), len(decisions)),
        ("decisions whose reporter the account days know", decisions.reporter_id.isin(known).sum(), len(decisions)),
        ("reports that somebody signed", (reports.reporter_id != "").sum(), len(reports)),
        ("reports that came to a case", (reports.case_id != "").sum(), len(reports)),
        ("asks made of other functions (the board sees those of a year)", (asks.function != OURS).sum(), len(asks)),
        ("accounts with a market", (lives["market"].fillna("") != "").sum() if len(lives) else 0, len(lives)),
    ]
    return [{"says": says, "count": int(count), "of": int(of), "share": float(count / of) if of else None}
            for says, count, of in lines]  # fmt: skip
