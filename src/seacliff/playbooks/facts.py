"""What a run knows beside its answers: itself, and the case it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from seacliff.playbooks.expressions import NO_CASE
from seacliff.playbooks.models import Run
from seacliff.policy.models import Category
from seacliff.review.models import Case, Decision
from seacliff.targets.models import Product


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of a batch of runs; of cases nothing that names anybody."""

    cases: dict[UUID, dict[str, Any]]

    def run(self, run: Run) -> dict[str, Any]:
        return {"ref": run.ref, "title": run.title, "severity": run.severity}

    def case(self, run: Run) -> dict[str, Any]:
        return self.cases.get(run.about_id, NO_CASE) if run.about_id else NO_CASE


def facts_of(runs: Sequence[Run]) -> Facts:
    """At most four queries, none when no run is about a case."""
    ids = [run.about_id for run in runs if run.about_kind == "case" and run.about_id]
    if not ids:
        return Facts({})
    cases = list(Case.objects.filter(id__in=ids))
    products = dict(Product.objects.filter(id__in={case.product_id for case in cases}).values_list("id", "name"))
    names = {category.slug: category.names.get("en", category.slug) for category in Category.objects.all()}
    standing = Decision.objects.filter(case__in=ids, undone_at=None, superseded_at=None)
    findings = dict(standing.values_list("case_id", "finding"))
    return Facts({case.id: _seen(case, products, names, findings) for case in cases})


def _seen(case: Case, products: dict[UUID, str], names: dict[str, str], findings: dict[UUID, str]) -> dict[str, Any]:
    return {
        "ref": case.ref,
        "state": case.state,
        "severity": case.severity,
        "tier": case.tier,
        "category": case.category,
        "harm": names.get(case.category, case.category),
        "product": products.get(case.product_id, ""),
        "reports": case.report_count,
        "reporters": case.reporter_count,
        "wave": case.mass_reported,
        "finding": findings.get(case.id, ""),
    }
