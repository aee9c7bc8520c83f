"""Verbs on products, and on what a product tells of its organisations, accounts, users and events."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from seacliff.people.problems import Fault, Invalid
from seacliff.record.actions import Actor, Subject, happened
from seacliff.targets.models import Product, Target

FIELDS = ("name", "email", "language", "plan", "country", "created_at", "state", "details")


class Key(NamedTuple):
    kind: str
    ref: str


class Told(NamedTuple):
    """What a product says of one target: fields of FIELDS that it named, and the target above it if it named one."""

    key: Key
    fields: dict[str, Any]
    parent: Key | None = None


class Outcome(NamedTuple):
    created: int
    changed: int


@transaction.atomic
def save_product(product: Product, actor: Actor) -> None:
    """Store a new or changed product. Its slug stays: forms, tokens and mail addresses name it."""
    verb = "product.added" if product._state.adding else "product.changed"
    product.save()
    data = {"slug": product.slug, "name": product.name, "languages": product.languages, "open": product.is_open}
    happened(verb, Subject("product", product.id), actor, data=data)


@transaction.atomic
def put_targets(product: Product, told: Sequence[Told], actor: Actor) -> Outcome:
    """Add targets, or change what was named of them; what was left out stays. All of them or none.

    A parent is made when it is not known yet. Raises Invalid when a tree would contain itself.
    """
    own_parent = next((each.key for each in told if each.parent == each.key), None)
    if own_parent:
        raise _loop(*own_parent)
    wanted = {each.key for each in told} | {each.parent for each in told if each.parent}
    rows = _rows(product, wanted)
    now = timezone.now()
    new = [Target(product=product, kind=key.kind, ref=key.ref) for key in sorted(wanted - rows.keys())]
    Target.objects.bulk_create(new, ignore_conflicts=True)
    rows = _rows(product, wanted)
    changed = [rows[each.key] for each in told if _apply(rows, each, now)]
    Target.objects.bulk_update(list(dict.fromkeys(changed)), [*FIELDS, "parent", "seen_at"], batch_size=500)
    _refuse_loops([row.id for row in rows.values()])
    outcome = Outcome(len(new), len(set(changed) - {rows[Key(row.kind, row.ref)] for row in new}))
    if outcome.created or outcome.changed:
        happened("product.targets-told", Subject("product", product.id), actor, data=outcome._asdict())
    return outcome


def _rows(product: Product, keys: set[Key]) -> dict[Key, Target]:
    """The targets of these keys, locked in one order so that two callers wait for each other instead of blocking."""
    found = Target.objects.filter(product=product, ref__in={key.ref for key in keys}).order_by("id")
    return {key: row for row in found.select_for_update() if (key := Key(row.kind, row.ref)) in keys}


def _apply(rows: dict[Key, Target], told: Told, now: datetime) -> bool:
    row = rows[told.key]
    said = dict(told.fields)
    if told.parent is not None:
        said["parent_id"] = rows[told.parent].id
    if all(getattr(row, name) == value for name, value in said.items()):
        return False
    for name, value in said.items():
        setattr(row, name, value)
    row.seen_at = now
    return True


LOOPS = """
WITH RECURSIVE up (start, id) AS (
    SELECT id, parent_id FROM targets_target WHERE id = ANY(%s) AND parent_id IS NOT NULL
    UNION SELECT up.start, target.parent_id FROM up JOIN targets_target AS target ON target.id = up.id
    WHERE target.parent_id IS NOT NULL
)
SELECT target.kind, target.ref FROM up JOIN targets_target AS target ON target.id = up.start WHERE up.start = up.id LIMIT 1
"""


def _refuse_loops(ids: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(LOOPS, [ids])
        loop = cursor.fetchone()
    if loop:
        raise _loop(*loop)


def _loop(kind: str, ref: str) -> Invalid:
    fault: Fault = {"pointer": "#", "detail": f"The {kind} {ref} would stand above itself in its account tree."}
    return Invalid(fault["detail"], errors=[fault])
