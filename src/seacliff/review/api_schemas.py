"""Cases and decisions as the API shows and takes them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema

from seacliff.people.api_schemas import Paging

Reason = Annotated[str, Field(min_length=1, max_length=4000)]
Text = Annotated[str, Field(max_length=20_000)]


class TargetOut(Schema):
    id: UUID
    kind: str
    ref: str
    name: str


class CaseRow(Schema):
    id: UUID
    ref: str
    state: str
    queue: Annotated[str, Field(description="Its slug")]
    category: str
    severity: int
    tier: int
    language: str
    target: TargetOut
    report_count: int
    reporter_count: int
    mass_reported: bool
    brigade_id: UUID | None
    opened_at: datetime
    due_at: datetime
    decided_at: datetime | None
    decided_by: UUID | None

    @staticmethod
    def resolve_queue(case: Any) -> str:
        return case.queue.slug

    @staticmethod
    def resolve_decided_by(case: Any) -> UUID | None:
        return case.decided_by_id


class Held(Schema):
    holder: UUID | None = Field(alias="holder_id")
    lease_until: datetime | None
    assigned_to: UUID | None = Field(alias="assigned_to_id")
    held_until: datetime | None


class ReportIn(Schema):
    id: UUID
    channel: str
    category: str
    language: str
    subject: str
    text: str
    url: str
    occurred_at: datetime | None
    received_at: datetime


class ReportShown(Schema):
    report: ReportIn
    duplicate_of: UUID | None


class OrderedOut(Schema):
    kind: str
    target_id: UUID
    parameters: dict[str, Any]


class DecisionOut(Schema):
    id: UUID
    case_id: UUID
    reviewer: UUID | None = Field(alias="reviewer_id")
    tier: int
    policy_version: UUID | None = Field(alias="policy_version_id")
    category: str
    finding: str
    rationale: str
    facts: str
    notify: bool
    actions: list[OrderedOut]
    decided_at: datetime
    undo_until: datetime
    undone_at: datetime | None


class Offered(Schema):
    kind: str
    target: TargetOut
    parameters: list[str]


class CaseOut(Schema):
    case: CaseRow
    work: Annotated[Held | None, Field(description="Who has it; null once it is decided")]
    reports: list[ReportShown]
    more_reports: Annotated[
        str, Field(alias="older_reports", description="`after` for the next reports; empty when these are all")
    ]
    tree: Annotated[list[TargetOut], Field(description="The account tree, from the top down to the target")]
    policy_version: Annotated[UUID | None, Field(description="The wording in force for the category")]
    may_order: Annotated[
        list[Offered], Field(alias="offers", description="Actions the rule allows, and whom each falls on")
    ]
    decision: DecisionOut | None

    @staticmethod
    def resolve_policy_version(shown: Any) -> UUID | None:
        return shown.version.id if shown.version else None


class QueueOut(Schema):
    slug: str
    name: str
    description: str
    free: Annotated[dict[str, int], Field(description="Waiting cases by severity")]
    claimed: int
    held: int
    next_due: datetime | None


class CaseFilter(Paging):
    q: Annotated[str, Field(max_length=200, description="Words that the case holds, all of them")] = ""
    queue: Annotated[str, Field(max_length=50, description="A queue's slug")] = ""
    category: Annotated[str, Field(max_length=64)] = ""
    state: Literal["", "open", "held", "decided"] = ""
    severity: Annotated[int | None, Field(ge=1, le=4)] = None
    target: UUID | None = None
    reviewer: Annotated[UUID | None, Field(description="Who decided it")] = None


class Wanted(Schema):
    queue: Annotated[str, Field(max_length=50, description="A queue's slug; the most urgent of all when empty")] = ""


class Because(Schema):
    reason: Annotated[str, Field(max_length=4000)] = ""


class Why(Schema):
    reason: Reason


class Hold(Why):
    until: datetime


class Escalation(Why):
    ground: Annotated[str, Field(max_length=40)] = "unsure"
    tier: Annotated[int | None, Field(ge=2, le=9)] = None


class Escalated(Schema):
    tier: int


class Assignment(Because):
    user: UUID


class NewNote(Schema):
    body: Annotated[str, Field(min_length=1, max_length=20_000)]


class NoteOut(Schema):
    id: UUID
    at: datetime
    author_id: UUID | None
    author_name: str
    body: str


class ActionIn(Schema):
    kind: Annotated[str, Field(max_length=40)]
    target_id: Annotated[
        UUID | None, Field(description="Whom it falls on; the level it is meant for when left out")
    ] = None
    parameters: dict[str, int | str | list[str]] = {}


class VerdictIn(Schema):
    finding: Literal["violation", "no-violation", "duplicate"]
    category: Annotated[str, Field(max_length=64, description="The harm found; the reported one when empty")] = ""
    policy_version: Annotated[
        UUID | None, Field(description="The wording you had before you; refused when another is in force by now")
    ] = None
    rationale: Text = ""
    facts: Text = ""
    actions: Annotated[list[ActionIn], Field(max_length=20)] = []
    notify: bool = True
    duplicate_of: Annotated[str, Field(max_length=30, description="A case's ref, such as C-1001")] = ""


class Bulk(Schema):
    cases: Annotated[list[UUID], Field(min_length=1, max_length=50)]
    verdict: VerdictIn


class BulkOutcome(Schema):
    case: str
    decision: UUID | None
    problem: str


class DecisionFilter(Paging):
    case: UUID | None = None
    reviewer: UUID | None = None


class ChangeOut(Schema):
    id: UUID
    policy: str
    version: int | None
    note: str
    by_name: str
    holds_from: datetime

    @staticmethod
    def resolve_policy(change: Any) -> str:
        return change.policy.slug

    @staticmethod
    def resolve_version(change: Any) -> int | None:
        return change.version.number if change.version else None


class Acknowledged(Schema):
    changes: Annotated[list[UUID], Field(max_length=200, description="Ids of the changes that were read")]
