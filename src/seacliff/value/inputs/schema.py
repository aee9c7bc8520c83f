"""The inputs of the value case as declared tables: columns, units, what may be empty, what can't be.

docs/value/inputs.md is the same for whoever writes an export; a test compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "time", "date", "number", "yes-no"]
IBIS = {"text": "string", "time": "timestamp", "date": "date", "number": "float64", "yes-no": "boolean"}
Where = Literal["record", "source"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `least` and `most` bound what is possible, `one_of` names what is allowed."""

    name: str
    kind: Kind
    says: str
    needed: bool = False
    least: float | None = None
    most: float | None = None
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """`at` is the column whose days may have gaps; `order` pairs of columns of which the first never comes after the second."""

    name: str
    where: Where
    says: str
    columns: tuple[Column, ...]
    at: str = ""
    order: tuple[tuple[str, str], ...] = ()
    dated: str = ""  # the column of its first and last day, where days without a row are no gaps

    @property
    def ibis(self) -> dict[str, str]:
        return {column.name: IBIS[column.kind] for column in self.columns}


def text(name: str, says: str, needed: bool = False, one_of: tuple[str, ...] = ()) -> Column:
    return Column(name, "text", says, needed, one_of=one_of)


def time(name: str, says: str, needed: bool = False) -> Column:
    return Column(name, "time", says, needed)


def number(name: str, says: str, least: float | None = 0.0, most: float | None = None, needed: bool = False) -> Column:
    return Column(name, "number", says, needed, least, most)


MODES = ("random", "pull", "skill", "named", "bulk")
ALL = (
    Table("reports", "record", "One message that something breaks the rules", (
        text("report_id", "Seacliff's id of the report", True), time("arrived_at", "When it came", True),
        text("category", "The harm the reporter chose", True), number("severity", "1 imminent harm to 4 low harm", 1, 4),
        number("score", "A classifier's score: `score` among what the sender gave besides", None),
        text("reporter_id", "Who reported"), text("target_id", "The account above what was reported"),
        text("queue", "Where its case waited"), text("case_id", "Its case"),
    ), "arrived_at"),
    Table("decisions", "record", "A decision that stands, or stood until an appeal", (
        text("decision_id", "Its id", True), text("case_id", "The case", True),
        text("report_id", "The first report of the case"), text("reviewer_id", "Who decided; none: a machine"),
        number("tier", "I to IV", 1, 9, True), text("queue", "Where it waited", True),
        text("shift", "Night, morning, afternoon or evening of the claim, UTC, with the day"),
        time("assigned_at", "When the reviewer got it"), time("started_at", "The same where none is kept apart"),
        time("decided_at", "When it was decided", True), number("handle_s", "Seconds from the claim to the decision"),
        number("wait_s", "Seconds from the case's opening to the claim"),
        text("outcome", "violation, no-violation or duplicate", True, ("violation", "no-violation", "duplicate")),
        text("assignment_mode", "How it came to the reviewer", True, MODES), text("category", "The harm found"),
        text("routed", "The harm reported, by which it was routed"), number("severity", "Of the case, when it was decided", 1, 4),
        text("reporter_id", "Its first reporter"), text("target_id", "The account above what was reported"),
        number("reports", "Reports in the case when the reviewer got it"),
        time("due_at", "When the case was to be decided"), time("opened_at", "When the case was opened"),
    ), "decided_at", (("opened_at", "decided_at"), ("assigned_at", "decided_at"))),
    Table("actions", "record", "Something done to an account", (
        text("action_id", "Its id", True), text("decision_id", "By which decision", True), text("kind", "What", True),
        time("done_at", "When it was delivered"), text("target_id", "The account above what it fell on"),
    ), "done_at"),
    Table("appeals", "record", "An appeal that was decided or waits", (
        text("appeal_id", "Its id", True), text("decision_id", "Against which decision", True),
        time("received_at", "When it came", True), time("decided_at", "When it was decided"),
        Column("overturned", "yes-no", "Whether the decision did not stand"),
    ), "received_at", (("received_at", "decided_at"),)),
    Table("thresholds", "record", "From when to when a policy's threshold of strikes held", (
        text("policy", "The policy", True), number("value", "Strikes until suspension", 0, None, True),
        time("valid_from", "From when", True), time("valid_to", "Until when; none: it holds"),
    ), "", (("valid_from", "valid_to"),), "valid_from"),
    Table("strikes", "record", "A strike against an account", (
        text("strike_id", "Its id", True), text("policy", "The policy", True), time("given_at", "When", True),
        number("weight", "What it weighs", 0, None, True),
        number("count", "What weighs on the account under the policy from then on, this one included", 0, None, True),
        Column("acted", "yes-no", "Whether the action at the threshold followed it", True),
        text("target_id", "The account above what it fell on"),
    ), "given_at"),
    Table("asks", "record", "What T&S asked of other functions, and they of T&S", (
        text("ask_id", "Its id", True), text("function", "Who was asked", True), time("asked_at", "When", True),
        time("answered_at", "When it was answered"), time("due_at", "When it was due"), text("answer", "yes, partly, no"),
        text("outcome", "What came of it"),
    ), "asked_at", (("asked_at", "answered_at"),)),
    Table("staffing", "record", "Whoever reviews now", (
        text("reviewer_id", "Their id", True), number("tier", "Highest tier they may review at: I to IX", 1, 9, True),
        text("skills", "Categories and languages they are kept to, with commas; none: whatever comes"),
        text("shift", "Hours of a shift, UTC, of the costs in force"),
        number("loaded_cost", "Of a reviewer a year, of the costs in force"),
        number("severe_cap", "Hours of severe content a day at most; none: no cap"),
    )),
    Table("account_days", "source", "A day of an account", (
        text("account_id", "The company's number of the account: a target's or a reporter's id in Seacliff", True),
        Column("date", "date", "The day, UTC", True), text("plan", "What it pays for"),
        number("revenue", "Of the day, in the currency of the assumptions", None),
        Column("active", "yes-no", "Whether anybody used it", True),
        Column("churned_at", "date", "When it left, if it did; the same on all its days"), text("market", "Country or region"),
    ), "date"),
    Table("launches", "source", "A change that shipped", (
        text("id", "Its id", True), text("name", "What it is called"), text("unit", "The market; empty: everywhere"),
        Column("shipped_at", "date", "When", True), text("category", "The harm it is meant against"),
    ), "", (), "shipped_at"),
    Table("lots", "source", "Whom chance assigned to a launch", (
        text("launch_id", "The launch", True), text("account_id", "The account", True),
        Column("assigned", "yes-no", "Whether it got the change", True),
    ), "", ()),
)  # fmt: skip
TABLES: Mapping[str, Table] = {table.name: table for table in ALL}
