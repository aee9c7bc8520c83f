"""Golden cases: kept with what is known to be right, retired when the words they rest on are not in force any more."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.policy.models import Category
from seacliff.policy.queries import version_in_force, versions_in_force
from seacliff.quality import dossier
from seacliff.quality.actions.judging import Found
from seacliff.quality.models import Golden, SessionCase
from seacliff.record.actions import SYSTEM, Actor, Subject, happened
from seacliff.record.models import Attachment
from seacliff.review.access import NotValid, Refused, must, person
from seacliff.review.models import STANDS, Case, CaseReport, Decision

SHORTEST = 10


def decision_to_copy(case: Case) -> Decision:
    """The final decision that stands on a case which can become a golden one. Raises Refused."""
    decision = case.decisions.filter(STANDS, settled=True).select_related("policy_version").first()
    if decision is None or decision.finding == Decision.Finding.DUPLICATE:
        raise Refused(_("%s has no final decision on the matter: decide it first.") % case.ref, "not-decided")
    reports = CaseReport.objects.filter(case=case).values("report_id")
    if Attachment.objects.filter(subject_id__in=reports, evidence__restricted=True).exists():
        raise Refused(_("%s holds restricted material: no copy is made of it.") % case.ref, "restricted")
    return decision


def keep(
    user: User,
    case: Case,
    right: Found,
    *,
    source: str = Golden.Source.PICKED,
    texts: Sequence[str] | None = None,
    of_session: SessionCase | None = None,
    actor: Actor | None = None,
) -> Golden:
    """Freeze a copy of a case with invented names, and what is right. `texts`: the reports' words as a lead has gone over
    them, in order. Its rationale says why this is right, and is told after an answer. Raises NotPermitted, NotValid, Refused."""
    must(user, Permission.QUALITY_LEAD)
    decision = decision_to_copy(case)
    _must_be_known(right)
    version = version_in_force(case.category)
    if version is None:
        raise Refused(_("No policy in force covers this harm."), "no-policy")
    if wrong := set(right.actions) - set(version.allowed_actions):
        raise NotValid(_("The rule does not allow this: %s.") % ", ".join(sorted(wrong)), "actions")
    copy = dossier.frozen(case, decision.decided_at)
    for said, text in zip(copy["said"], texts or [], strict=False):
        said["text"] = text.strip()
    if not any(said["text"] or said["subject"] or said["url"] for said in copy["said"]):
        raise NotValid(_("Nothing is left of the reports: a golden case is judged by its words."), "texts")
    with transaction.atomic():
        if Golden.objects.filter(case=case, retired_at=None).exists():
            raise Refused(_("%s is a golden case already.") % case.ref, "golden-already")
        golden = Golden.objects.create(
            case=case, source=source, policy_version=version, category=case.category, tier=decision.tier,
            language=case.language, copy=copy, finding=right.finding, found=right.category,
            actions=sorted(set(right.actions)) if right.finding == Decision.Finding.VIOLATION else [],
            why=right.rationale.strip(), added_by=user,
        )  # fmt: skip
        if of_session is not None:
            SessionCase.objects.filter(id=of_session.id).update(golden=golden)
        happened("golden.kept", subject_of(golden), actor or person(user), data={"source": str(source)})
    return golden


def _must_be_known(right: Found) -> None:
    if right.finding not in (Decision.Finding.VIOLATION, Decision.Finding.NO_VIOLATION):
        raise NotValid(_("Say what is right: it breaks the rule, or it does not."), "finding")
    if not Category.objects.filter(slug=right.category).exists():
        raise NotValid(_('There is no harm called "%s".') % right.category, "category")
    if len(right.rationale.strip()) < SHORTEST:
        raise NotValid(_("Say why this is right: whoever finds something else will read it."), "why")


def retire(user: User, golden: Golden, reason: str, *, actor: Actor | None = None) -> None:
    must(user, Permission.QUALITY_LEAD)
    if not reason.strip():
        raise NotValid(_("Say why it is retired."), "reason")
    with transaction.atomic():
        if not _retire([golden.id], reason.strip(), actor or person(user)):
            raise Refused(_("It is retired already."), "retired")


def follow_the_rules() -> int:
    """The desk: a golden case serves only while the wording holds under which it was right. How many were retired."""
    with transaction.atomic():
        holding = list(versions_in_force().values_list("id", flat=True))
        behind = Golden.objects.filter(retired_at=None).exclude(policy_version__in=holding)
        ids = list(behind.values_list("id", flat=True)[:100])
        return _retire(ids, _("The rule has a new wording."), SYSTEM) if ids else 0


def _retire(ids: list[UUID], reason: str, actor: Actor) -> int:
    rows = list(Golden.objects.filter(id__in=ids, retired_at=None).select_for_update(of=["self"]))
    for golden in rows:
        golden.retired_at, golden.retired_because = timezone.now(), reason
        golden.save(update_fields=["retired_at", "retired_because"])
        happened("golden.retired", subject_of(golden), actor, reason=reason)
    return len(rows)


def subject_of(golden: Golden) -> Subject:
    return Subject("golden", golden.id)
