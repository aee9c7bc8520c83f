"""API: products, and the account trees that products tell of."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from seacliff.people.access import Request, actor_of, scope
from seacliff.people.api_schemas import Listed, Paging, listed
from seacliff.people.permissions import Permission
from seacliff.people.problems import Fault, Invalid, NotFound
from seacliff.targets import actions, queries
from seacliff.targets.actions import Key, Told
from seacliff.targets.models import Kind, Product, Target

router = Router()
MOST = 1_000
Ref = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[^\x00]+$")]
Text = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]
Slug = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,49}$")]


class ProductOut(Schema):
    slug: str
    name: str
    languages: list[str]
    is_open: bool


class ProductIn(Schema):
    name: Annotated[Text, Field(min_length=1)]
    languages: Annotated[list[Annotated[str, Field(pattern="^[a-z]{2}$")]], Field(min_length=1, max_length=20)] = ["en"]
    is_open: bool = True


class Named(Schema):
    kind: Kind
    ref: Ref


class TargetRow(Schema):
    id: UUID
    product: str
    kind: str
    ref: str
    name: str
    parent_id: UUID | None
    email: str
    language: str
    plan: str
    country: str
    created_at: datetime | None
    state: str
    strikes: int
    details: dict[str, Any]

    @staticmethod
    def resolve_product(target: Target) -> str:
        return target.product.slug


class TargetIn(Named):
    """What is left out stays as it is."""

    parent: Annotated[Named | None, Field(description="What it belongs to in the account tree")] = None
    name: Text = ""
    email: Annotated[str, Field(max_length=320, pattern=r"^[^\x00]*$")] = ""
    language: Annotated[str, Field(max_length=12, pattern=r"^[A-Za-z0-9-]*$")] = ""
    plan: Text = ""
    country: Annotated[str, Field(pattern="^([A-Z]{2})?$")] = ""
    created_at: datetime | None = None
    state: Target.State = Target.State.ACTIVE
    details: dict[str, Any] = {}


class Batch(Schema):
    product: Slug
    targets: Annotated[list[TargetIn], Field(max_length=MOST)]


class PutOutcome(Schema):
    created: int
    changed: int


class TargetFilter(Paging):
    q: Annotated[
        str, Field(max_length=200, pattern=r"^[^\x00]*$", description="How its ref or name begins, or its address")
    ] = ""
    kind: Kind | None = None
    product: Annotated[str, Field(max_length=50, pattern=r"^[^\x00]*$")] = ""


@router.get("/products", response=list[ProductOut])
@scope(Permission.CASE_VIEW)
def list_products(request: Request) -> list[Product]:
    """Every product."""
    return list(Product.objects.order_by("id"))


@router.put("/products/{slug}", response=ProductOut)
@scope(Permission.TARGET_EDIT)
def put_product(request: Request, slug: Slug, body: ProductIn) -> Product:
    """Add a product, or change one."""
    found = Product.objects.filter(slug=slug).first() or Product(slug=slug)
    for name, value in body.dict().items():
        setattr(found, name, value)
    actions.save_product(found, actor_of(request))
    return found


@router.get("/targets", response=Listed[TargetRow])
@scope(Permission.CASE_VIEW)
def list_targets(request: Request, asked: Query[TargetFilter]) -> dict[str, Any]:
    """Targets that fit, newest first."""
    kind = asked.kind.value if asked.kind else ""
    return listed(request, queries.search(asked.q, kind, asked.product, asked.after, asked.limit))


@router.get("/targets/{uuid:id}", response=TargetRow)
@scope(Permission.CASE_VIEW)
def get_target(request: Request, id: UUID) -> Target:
    """One target."""
    found = Target.objects.select_related("product").filter(id=id).first()
    if found is None:
        raise NotFound("There is no such target.")
    return found


@router.put("/targets", response=PutOutcome)
@scope(Permission.TARGET_EDIT)
def put_targets(request: Request, body: Batch) -> Status:
    """Tell of organisations, accounts, users and events: at most 1,000, all of them or none."""
    product = Product.objects.filter(slug=body.product).first()
    if product is None:
        fault: Fault = {"pointer": "#/product", "detail": f"There is no product {body.product}."}
        raise Invalid(fault["detail"], errors=[fault])
    told = [_told(item, number) for number, item in enumerate(body.targets)]
    return Status(200, actions.put_targets(product, told, actor_of(request))._asdict())


def _told(item: TargetIn, number: int) -> Told:
    said = item.dict(exclude_unset=True, exclude={"kind", "ref", "parent"})
    if item.created_at is not None and item.created_at.tzinfo is None:
        fault: Fault = {"pointer": f"#/targets/{number}/created_at", "detail": "Give the moment with its time zone."}
        raise Invalid(fault["detail"], errors=[fault])
    if "email" in said:
        said["email"] = said["email"].strip().lower()
    parent = Key(item.parent.kind.value, item.parent.ref) if item.parent else None
    return Told(Key(item.kind.value, item.ref), said, parent)
