"""Resolving whom reports speak of: target rows with their account trees, reporter rows. A few statements per batch."""

from typing import Any
from uuid import UUID

from django.db import connection

from seacliff.intake.models import Channel, Report, Reporter
from seacliff.review.routing.context import Known
from seacliff.targets.models import Target

# Only senders who hold a token may say what belongs to whom: a stranger could otherwise name their own address as the
# affected user's and be told things.
TREE_CHANNELS = {Channel.API, Channel.IMPORT}
TREE_FIELDS = ("name", "email", "language", "plan", "country")
DEPTH_MOST = 8


def resolve(reports: list[Report]) -> Known:
    """The targets (their ancestors too) and reporters of the reports; rows are made for those never seen."""
    wanted: dict[tuple[UUID, str, str], dict[str, Any]] = {}
    parents: dict[tuple[UUID, str, str], tuple[UUID, str, str]] = {}
    for report in reports:
        _collect(report, wanted, parents)
    _insert_targets(wanted)
    targets = _load_targets(list(wanted))
    if _adopt(targets, wanted, parents):
        targets = _load_targets(list(wanted))
    return Known(targets=targets, reporters=_count_reporters(reports))


def _collect(report: Report, wanted: dict, parents: dict) -> None:
    key = (report.product_id, report.target_kind, report.target_ref)
    wanted.setdefault(key, {})
    wanted[key].setdefault("name", report.target_name)
    if report.channel not in TREE_CHANNELS:
        return
    for level in report.target_tree[:DEPTH_MOST]:
        above = (report.product_id, level["kind"], level["ref"])
        wanted.setdefault(above, {}).update({name: level[name] for name in TREE_FIELDS if level.get(name)})
        if above != key:
            parents.setdefault(key, above)
        key = above


def _insert_targets(wanted: dict[tuple[UUID, str, str], dict[str, Any]]) -> None:
    rows = [
        Target(product_id=product, kind=kind, ref=ref, **{name: value for name, value in details.items() if value})
        for (product, kind, ref), details in sorted(wanted.items())
    ]
    Target.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)


def _load_targets(keys: list[tuple[UUID, str, str]]) -> dict[tuple[UUID, str, str], Target]:
    """The rows of the keys and everything above them."""
    products, kinds, refs = zip(*keys, strict=True)
    sql = """
        WITH RECURSIVE up AS (
            SELECT t.id, t.parent_id, 0 AS depth FROM targets_target t
            JOIN unnest(%s::uuid[], %s::text[], %s::text[]) AS k (product, kind, ref)
              ON t.product_id = k.product AND t.kind = k.kind AND t.ref = k.ref
            UNION
            SELECT p.id, p.parent_id, up.depth + 1 FROM up JOIN targets_target p ON p.id = up.parent_id WHERE up.depth < %s
        )
        SELECT DISTINCT id FROM up"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(products), list(kinds), list(refs), DEPTH_MOST])
        ids = [row[0] for row in cursor.fetchall()]
    return {(target.product_id, target.kind, target.ref): target for target in Target.objects.filter(id__in=ids)}


def _adopt(targets: dict, wanted: dict, parents: dict) -> bool:
    """Fill what was unknown of targets: their parents, names and addresses. What is known is never overwritten."""
    changed = []
    for key, target in targets.items():
        before = (target.parent_id, *(getattr(target, name) for name in TREE_FIELDS))
        if target.parent_id is None and key in parents and parents[key] in targets:
            target.parent_id = targets[parents[key]].id
        for name, value in wanted.get(key, {}).items():
            if value and not getattr(target, name):
                setattr(target, name, value)
        if before != (target.parent_id, *(getattr(target, name) for name in TREE_FIELDS)):
            changed.append(target)
    Target.objects.bulk_update(changed, ["parent", *TREE_FIELDS], batch_size=500)
    return bool(changed)


def _count_reporters(reports: list[Report]) -> dict[str, Reporter]:
    counts: dict[str, int] = {}
    names: dict[str, str] = {}
    for report in reports:
        if report.reporter_key:
            counts[report.reporter_key] = counts.get(report.reporter_key, 0) + 1
            names[report.reporter_key] = report.reporter_name
    keys = sorted(counts)
    Reporter.objects.bulk_create(
        [
            Reporter(
                key=key, name=names[key], kind=Reporter.Kind.USER if key.startswith("user:") else Reporter.Kind.PERSON
            )
            for key in keys
        ],
        ignore_conflicts=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE intake_reporter r SET reports = r.reports + k.n
               FROM unnest(%s::text[], %s::int[]) AS k (key, n) WHERE r.key = k.key""",
            [keys, [counts[key] for key in keys]],
        )
    return {reporter.key: reporter for reporter in Reporter.objects.filter(key__in=keys)}
