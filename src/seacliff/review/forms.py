"""What a reviewer typed, read into a verdict."""

from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.policy.models import PolicyVersion
from seacliff.review.access import NotValid, case_of
from seacliff.review.actions import Ordered, Verdict
from seacliff.review.models import Case, Decision
from seacliff.review.verdicts import PARAMETERS
from seacliff.targets.models import Target

NOBODY = UUID(int=0)


def verdict_of(user: User, case: Case, typed: QueryDict) -> Verdict:
    """The verdict of the decision form. Raises NotValid with the field at fault; the rule itself is checked later."""
    finding = typed.get("finding", "")
    version = PolicyVersion.objects.filter(id=_id(typed.get("policy_version")) or NOBODY).first()
    repeated = typed.get("duplicate_of", "").strip()
    return Verdict(
        finding=finding,
        category=typed.get("category") or case.category,
        policy_version=version if finding == Decision.Finding.VIOLATION else None,
        rationale=typed.get("rationale", "").strip(),
        actions=_ordered(typed) if finding == Decision.Finding.VIOLATION else [],
        facts=typed.get("facts", "").strip(),
        notify="notify" in typed,
        duplicate_of=case_of(user, repeated) if finding == Decision.Finding.DUPLICATE and repeated else None,
    )


def _ordered(typed: QueryDict) -> list[Ordered]:
    chosen = [value.partition(":")[::2] for value in typed.getlist("action")]
    targets = Target.objects.in_bulk([id for _kind, target in chosen if (id := _id(target))])
    ordered = []
    for kind, target in chosen:
        found = targets.get(_id(target) or NOBODY)
        if found is None:
            raise NotValid(_("One of the chosen actions falls on nobody. Load the page again."), "actions")
        ordered.append(Ordered(kind, found, _parameters(kind, typed)))
    return ordered


def _parameters(kind: str, typed: QueryDict) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    for name, (type_, _required) in PARAMETERS.get(kind, {}).items():
        value = typed.get(f"{kind}.{name}", "").strip()
        if not value:
            continue
        if type_ is int:
            if not value.isdecimal():
                raise NotValid(_('"%s" is not a number of days.') % value, "actions")
            parameters[name] = int(value[:9])
        elif type_ is list:
            parameters[name] = [part.strip().upper() for part in value.split(",") if part.strip()]
        else:
            parameters[name] = value
    return parameters


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
