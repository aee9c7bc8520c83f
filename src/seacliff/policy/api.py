"""API: policies, their versions, harm categories and notice texts."""

import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from ninja import Field, Router, Schema, Status

from seacliff.people.access import Request, actor_of, scope
from seacliff.people.permissions import Permission
from seacliff.people.problems import Conflict, Invalid, NotFound
from seacliff.policy import actions, queries
from seacliff.policy.forms import Question
from seacliff.policy.models import ActionKind, Category, NoticeText, Policy, PolicyVersion

router = Router()
LONG = 100_000
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")
Words = dict[Annotated[str, Field(max_length=12)], Annotated[str, Field(max_length=2_000)]]


class CategoryOut(Schema):
    slug: str
    names: dict[str, str]
    descriptions: dict[str, str]
    severity: int
    public: bool
    taxonomies: dict[str, Any]


class VersionRow(Schema):
    id: UUID
    number: int
    state: str
    title: str
    change: str
    effective_at: datetime | None
    ends_at: datetime | None


class VersionOut(VersionRow):
    titles: dict[str, str]
    summaries: dict[str, str]
    text: str
    guide: list[dict[str, Any]]
    allowed_actions: list[str]
    strike_weight: int
    strike_days: int
    strike_threshold: int
    strike_action: str


class PolicyOut(Schema):
    slug: str
    state: Annotated[str, Field(description="draft, scheduled, published, retired")]
    in_force: VersionOut | None
    versions: Annotated[list[VersionRow], Field(description="Newest first")]
    categories: list[CategoryOut]

    @staticmethod
    def resolve_slug(shelf: queries.Shelf) -> str:
        return shelf.policy.slug


class NewPolicy(Schema):
    slug: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,49}$")]
    title: Annotated[str, Field(min_length=1, max_length=200)]


class AnswerIn(Schema):
    answer: Annotated[str, Field(min_length=1, max_length=1_000)]
    leads_to: Annotated[str, Field(max_length=1_000)] = ""
    finding: Annotated[str, Field(max_length=40)] = ""
    actions: Annotated[list[ActionKind], Field(max_length=20)] = []


class QuestionIn(Schema):
    question: Annotated[str, Field(min_length=1, max_length=1_000)]
    help: Annotated[str, Field(max_length=2_000)] = ""
    answers: Annotated[list[AnswerIn], Field(max_length=20)]


class DraftIn(Schema):
    """What is left out stays as it is."""

    title: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    titles: Words | None = None
    summaries: Words | None = None
    text: Annotated[str | None, Field(max_length=LONG)] = None
    guide: Annotated[list[QuestionIn] | None, Field(max_length=100)] = None
    allowed_actions: Annotated[list[ActionKind] | None, Field(max_length=20)] = None
    strike_weight: Annotated[int | None, Field(ge=0, le=100)] = None
    strike_days: Annotated[int | None, Field(ge=1, le=3650)] = None
    strike_threshold: Annotated[int | None, Field(ge=1, le=100)] = None
    strike_action: ActionKind | None = None


class Publication(Schema):
    change: Annotated[str, Field(min_length=1, max_length=4_000, description="For the public change log")]
    effective_at: Annotated[datetime | None, Field(description="At once when left out")] = None
    to_read: Annotated[bool, Field(description="Reviewers acknowledge it before their next claim under it")] = True


class Withdrawal(Schema):
    reason: Annotated[str, Field(min_length=1, max_length=2_000)]


class CategoryIn(Schema):
    names: Words
    descriptions: Words = {}
    severity: Annotated[int, Field(ge=1, le=4)] = 3
    public: bool = True
    taxonomies: dict[str, Any] = {}


class TextOut(Schema):
    audience: NoticeText.Audience
    outcome: NoticeText.Outcome
    language: Annotated[str, Field(pattern="^[a-z]{2}(-[a-z0-9]{2,8})?$")]
    subject: Annotated[str, Field(max_length=300)]
    body: Annotated[str, Field(max_length=20_000)]


def _shelf(slug: str) -> queries.Shelf:
    try:
        return queries.shelf(slug)
    except (Policy.DoesNotExist, ValueError):
        raise NotFound(f"There is no policy {slug}.") from None


def _version(slug: str, number: int) -> PolicyVersion:
    found = next((version for version in _shelf(slug).versions if version.number == number), None)
    if found is None:
        raise NotFound(f"The policy {slug} has no version {number}.")
    return found


def _draft(slug: str) -> PolicyVersion:
    found = _shelf(slug).draft
    if found is None:
        raise Conflict(f"The policy {slug} has no draft. Make one first.")
    return found


@router.get("", response=list[PolicyOut])
@scope(Permission.POLICY_VIEW)
def list_policies(request: Request) -> list[queries.Shelf]:
    """Every policy, in the order of the public page."""
    return queries.shelves()


@router.post("", response={201: VersionOut})
@scope(Permission.POLICY_EDIT)
def create_policy(request: Request, body: NewPolicy) -> Status:
    """A policy with its first draft."""
    return Status(201, actions.create_policy(actor_of(request), slug=body.slug, title=body.title))


@router.get("/notice-texts", response=list[TextOut])
@scope(Permission.POLICY_VIEW)
def list_default_texts(request: Request) -> list[NoticeText]:
    """What is said when a policy has no words of its own."""
    return list(queries.texts_of(None).values())


@router.put("/notice-texts", response={204: None})
@scope(Permission.POLICY_EDIT)
def save_default_text(request: Request, body: TextOut) -> Status:
    """Set one; an empty subject and body removes it."""
    _save_text(request, None, body)
    return Status(204, None)


@router.get("/{slug}", response=PolicyOut)
@scope(Permission.POLICY_VIEW)
def get_policy(request: Request, slug: str) -> queries.Shelf:
    """One policy with what holds now."""
    return _shelf(slug)


@router.get("/{slug}/versions/{int:number}", response=VersionOut)
@scope(Permission.POLICY_VIEW)
def get_version(request: Request, slug: str, number: int) -> PolicyVersion:
    """One version, whole."""
    return _version(slug, number)


@router.post("/{slug}/draft", response={201: VersionOut})
@scope(Permission.POLICY_EDIT)
def draft_version(request: Request, slug: str) -> Status:
    """Begin a new version from what holds; the draft there is, when there is one."""
    shelf = _shelf(slug)
    return Status(201, actions.draft(actor_of(request), shelf.policy, shelf.newest))


@router.patch("/{slug}/draft", response=VersionOut)
@scope(Permission.POLICY_EDIT)
def edit_draft(request: Request, slug: str, body: DraftIn) -> PolicyVersion:
    """Change fields of the draft."""
    said = body.dict(exclude_none=True)
    if "title" in said and "titles" not in said:
        said["titles"] = _draft(slug).titles | {"en": said["title"]}
    if "guide" in said:
        said["guide"] = [msgspec.to_builtins(msgspec.convert(row, Question)) for row in said["guide"]]
    return actions.save_draft(_draft(slug), said)


@router.delete("/{slug}/draft", response={204: None})
@scope(Permission.POLICY_EDIT)
def discard_draft(request: Request, slug: str) -> Status:
    """Throw the draft away; a policy that never had another version goes with it."""
    actions.discard(actor_of(request), _draft(slug))
    return Status(204, None)


@router.get("/{slug}/draft/notice-texts", response=list[TextOut])
@scope(Permission.POLICY_VIEW)
def list_draft_texts(request: Request, slug: str) -> list[NoticeText]:
    """The draft's own notice texts."""
    return list(queries.texts_of(_draft(slug)).values())


@router.put("/{slug}/draft/notice-texts", response={204: None})
@scope(Permission.POLICY_EDIT)
def save_draft_text(request: Request, slug: str, body: TextOut) -> Status:
    """Set one of the draft's notice texts; an empty subject and body removes it, so that the default speaks."""
    _save_text(request, _draft(slug), body)
    return Status(204, None)


def _save_text(request: Request, version: PolicyVersion | None, body: TextOut) -> None:
    key = (str(body.audience.value), str(body.outcome.value), body.language)
    actions.save_texts(actor_of(request), version, {key: (body.subject, body.body)})


@router.post("/{slug}/publish", response=VersionOut)
@scope(Permission.POLICY_EDIT)
def publish_draft(request: Request, slug: str, body: Publication) -> PolicyVersion:
    """Put the draft into force, now or later. Published words can't be changed, only followed by others'."""
    at = body.effective_at
    if at is not None and at.tzinfo is None:
        detail = "Give the moment with its time zone."
        raise Invalid(detail, errors=[{"pointer": "#/effective_at", "detail": detail}])
    return actions.publish(actor_of(request), _draft(slug), change=body.change, effective_at=at, to_read=body.to_read)


@router.post("/{slug}/versions/{int:number}/withdraw", response=VersionOut)
@scope(Permission.POLICY_EDIT)
def withdraw_version(request: Request, slug: str, number: int, body: Withdrawal) -> PolicyVersion:
    """Take a published version back; what it replaced holds again."""
    return actions.withdraw(actor_of(request), _version(slug, number), reason=body.reason)


@router.put("/{slug}/categories/{category}", response=CategoryOut)
@scope(Permission.POLICY_EDIT)
def save_category(request: Request, slug: str, category: str, body: CategoryIn) -> Category:
    """Add a harm category to the policy, or change it."""
    shelf = _shelf(slug)
    if not SLUG.fullmatch(category):
        raise NotFound("A category's name has small letters, digits and hyphens, 50 at most.")
    taken = Category.objects.filter(slug=category).first()
    if taken is not None and taken.policy_id != shelf.policy.id:
        raise Conflict(f"The category {category} belongs to another policy.")
    found = taken or Category(slug=category, policy=shelf.policy)
    for name, value in body.dict().items():
        setattr(found, name, value)
    return actions.save_category(actor_of(request), found)
