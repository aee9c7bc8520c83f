"""What the API says and takes about asks and charters."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import AwareDatetime

from seacliff.people.api_schemas import Paging

Kind = Literal["review", "approve", "advise", "build", "publish", "inform"]
Text = Annotated[str, Field(max_length=10_000)]
Slug = Annotated[str, Field(max_length=50)]


class AskRow(Schema):
    """An ask in a list. `from_function` and `to_function` are short names."""

    id: UUID
    ref: str
    kind: str
    severity: int
    question: str
    from_function: str
    to_function: str
    asker_name: str
    to_email: str
    about_kind: str
    about_id: UUID | None
    about_label: str
    state: str
    asked_at: datetime
    due_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str
    answer: str
    reason: str
    answered_at: datetime | None
    answered_by: str
    answered_via: str
    closed_at: datetime | None
    outcome: str
    outcome_text: str

    @staticmethod
    def resolve_from_function(ask: Any) -> str:
        return ask.from_function.slug

    @staticmethod
    def resolve_to_function(ask: Any) -> str:
        return ask.to_function.slug


class Shared(Schema):
    key: str
    label: str
    text: str


class FormField(Schema):
    """A field of the answer; `needed_for` names the answers that can't be given without it."""

    key: str
    label: str
    type: str = "line"
    choices: list[str] = []
    needed_for: list[str] = []
    help: str = ""


class AskOut(AskRow):
    shared: list[Shared]
    form: list[FormField]
    form_answers: dict[str, str]


class MessageOut(Schema):
    id: UUID
    side: str
    author_name: str
    body: str
    via: str
    at: datetime


class AskFilter(Paging):
    board: Annotated[
        Literal["inbox", "outbox", "mine", "outcomes", "received", "made"],
        Field(
            description="inbox, outbox, mine: open, soonest due first; outcomes: answered, nothing said of what came of it"
        ),
    ] = "inbox"
    of: Annotated[str, Field(max_length=50, description="A function's short name; yours when left out")] = ""
    late: bool = False


class NewAskIn(Schema):
    to: Annotated[Slug, Field(description="Short name of the function that is asked")]
    kind: Kind
    question: Annotated[str, Field(min_length=3, max_length=5000)]
    severity: Annotated[int, Field(ge=1, le=4)] = 3
    sender: Annotated[str, Field(max_length=50, description="Short name of your function that asks")] = ""
    about_kind: Annotated[str, Field(max_length=30, description="case, policy-version, ...")] = ""
    about_id: UUID | None = None
    share: Annotated[list[str], Field(max_length=50, description="Keys of what the record offers")] = []
    to_email: Annotated[str, Field(max_length=254)] = ""
    due_at: AwareDatetime | None = None
    key: Annotated[str, Field(max_length=100, description="The same key asks once")] = ""
    wait: Annotated[bool, Field(description="The record waits for the answer")] = False


class AnswerIn(Schema):
    answer: Literal["yes", "partly", "no"]
    reason: Text = ""
    form: dict[str, Text] = {}


class MessageIn(Schema):
    """`back`: ask back, and let the clock stand still until the asker writes."""

    body: Annotated[str, Field(min_length=1, max_length=20_000)]
    back: bool = False
    external_id: Annotated[str, Field(max_length=200, description="The same id is kept once")] = ""


class HandOn(Schema):
    to_email: Annotated[str, Field(max_length=254)]
    note: Text = ""


class Because(Schema):
    reason: Text = ""


class Reschedule(Schema):
    due_at: AwareDatetime
    reason: Text = ""


class OutcomeIn(Schema):
    outcome: Literal["helped", "partly", "nothing", "open"]
    text: Text = ""


class OfferOut(Schema):
    """What may go with an ask about a record, redacted as it would be sent."""

    label: str
    pieces: list["PieceOut"]


class PieceOut(Schema):
    key: str
    label: str
    text: str
    usual: bool


class FunctionOut(Schema):
    slug: str
    name: str
    description: str


class CharterOut(Schema):
    """The charter in force; `charter` is the document as it can be written back."""

    function: str
    number: int
    state: str
    agreed_by: str
    agreed_at: datetime | None
    review_on: date | None
    charter: dict[str, Any]


class RightOut(Schema):
    decision: str
    decides: str
    consulted: list[str]
    informed: list[str]
    charter_of: str


OfferOut.model_rebuild()
