"""Precedents: kept from what several decided, shown beside similar cases, retired when the rule's words change."""

from django.contrib.postgres.search import SearchQuery
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.policy.models import Category, PolicyVersion
from seacliff.policy.queries import versions_in_force
from seacliff.record.actions import SYSTEM, Actor, Subject, happened
from seacliff.record.models import Link
from seacliff.review.access import NotValid, Refused, must, person
from seacliff.review.models import Case, Deliberation, Precedent

SHOWN = 5
BATCH = 50


def memorialise(
    deliberation: Deliberation,
    *,
    opinion: str,
    question: str = "",
    passage: str = "",
    dissents: list[dict[str, str]] | None = None,
) -> Precedent:
    """Keep what a closed deliberation decided as a precedent; inside the caller's transaction."""
    decision, case = deliberation.decision, deliberation.case
    assert decision is not None
    version = decision.policy_version
    if passage and version and not quotes(version, passage):
        raise NotValid(_("The passage is not in the rule's text. Quote its very words."), "passage")
    kept = Precedent.objects.create(
        decision=decision,
        case=case,
        tier=deliberation.tier,
        category=decision.category,
        finding=decision.finding,
        target_kind=case.target.kind,
        actions=[action["kind"] for action in decision.actions],
        policy_version=version or versions_in_force().filter(policy__categories=decision.category).first(),
        passage=passage,
        question=question or _question(case, decision.category),
        opinion=opinion,
        dissents=dissents or [],
    )
    kept.refresh_from_db(fields=["number"])
    Link.objects.get_or_create(
        from_kind="case", from_id=case.id, to_kind="precedent", to_id=kept.id, kind="memorialised-as"
    )
    happened("precedent.kept", subject_of(kept), SYSTEM, story=case.id, data={"precedent": str(kept)})
    return kept


def _question(case: Case, category: str) -> str:
    found = Category.objects.filter(slug=category).first()
    return _("Does this break the rule on %(harm)s, by %(kind)s “%(name)s”?") % {
        "harm": found.name() if found else category,
        "kind": case.target.get_kind_display().lower(),
        "name": case.target,
    }


def quotes(version: PolicyVersion, passage: str) -> bool:
    """Whether a rule says these words, however they are broken into lines."""
    return " ".join(passage.split()) in " ".join(version.text.split())


def near(case: Case, category: str = "") -> list[Precedent]:
    """Precedents in force for the harm of a case, those about the same kind of target first, then the newest."""
    found = Precedent.objects.filter(category=category or case.category, retired_at=None).exclude(case=case)
    recent = list(found.select_related("policy_version")[: SHOWN * 4])
    return sorted(recent, key=lambda precedent: precedent.target_kind != case.target.kind)[:SHOWN]


def search(words: str = "", *, category: str = "", retired: bool = False) -> QuerySet[Precedent]:
    found = Precedent.objects.select_related("case", "policy_version__policy")
    if not retired:
        found = found.filter(retired_at=None)
    if category:
        found = found.filter(category=category)
    if words.strip():
        found = found.filter(document=SearchQuery(words, search_type="websearch", config="simple"))
    return found


@transaction.atomic
def edit(user: User, precedent: Precedent, *, question: str, passage: str, actor: Actor | None = None) -> None:
    """Put its question better, or quote what it turns on. The opinion and the dissents stay as they were written."""
    must(user, Permission.PRECEDENT_EDIT)
    if not question.strip():
        raise NotValid(_("Put the question that was decided in a sentence."), "question")
    if passage.strip() and precedent.policy_version and not quotes(precedent.policy_version, passage):
        raise NotValid(_("The passage is not in the rule's text. Quote its very words."), "passage")
    precedent.question, precedent.passage = question.strip(), passage.strip()
    precedent.save(update_fields=["question", "passage"])
    happened("precedent.edited", subject_of(precedent), actor or person(user), story=precedent.case_id)


@transaction.atomic
def retire(user: User, precedent: Precedent, reason: str, *, actor: Actor | None = None) -> None:
    must(user, Permission.PRECEDENT_EDIT)
    if not reason.strip():
        raise NotValid(_("Say why it is retired: reviewers relied on it."), "reason")
    if precedent.retired_at is not None:
        raise Refused(_("It is retired already."), "retired")
    _retire(precedent, reason.strip(), actor or person(user))


def _retire(precedent: Precedent, reason: str, actor: Actor) -> None:
    precedent.retired_at, precedent.retired_because = timezone.now(), reason
    precedent.save(update_fields=["retired_at", "retired_because"])
    happened("precedent.retired", subject_of(precedent), actor, story=precedent.case_id, reason=reason)


# Precedents whose rule has another wording in force than the one they rest on.
BEHIND = """
SELECT p.* FROM review_precedent p JOIN policy_policyversion v ON v.id = p.policy_version_id
CROSS JOIN LATERAL (
    SELECT id FROM policy_policyversion n WHERE n.policy_id = v.policy_id AND n.effective_at <= %(now)s
        AND (n.state = 'published' OR n.state = 'withdrawn' AND n.ends_at > %(now)s)
    ORDER BY effective_at DESC, number DESC LIMIT 1
) holding
WHERE p.retired_at IS NULL AND holding.id <> p.policy_version_id LIMIT %(most)s FOR UPDATE OF p SKIP LOCKED
"""


def follow_the_rules() -> int:
    """The desk: where a rule has a new wording, a precedent goes on if the words it turns on still stand in it, and is
    retired otherwise. How many were looked at."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM ({BEHIND}) AS behind", {"now": timezone.now(), "most": BATCH})  # noqa: S608
            ids = [id for (id,) in cursor.fetchall()]
        behind = list(Precedent.objects.filter(id__in=ids).select_related("policy_version__policy"))
        for precedent in behind:
            old = precedent.policy_version
            assert old is not None
            new = versions_in_force().filter(policy=old.policy_id).get()
            if precedent.passage and quotes(new, precedent.passage):
                precedent.policy_version = new
                precedent.save(update_fields=["policy_version"])
                data = {"from": old.number, "to": new.number}
                happened("precedent.carried-over", subject_of(precedent), SYSTEM, story=precedent.case_id, data=data)
            else:
                said = {"policy": new.title, "number": new.number}
                _retire(precedent, _("%(policy)s has a new wording (version %(number)s).") % said, SYSTEM)
        return len(behind)


def subject_of(precedent: Precedent) -> Subject:
    return Subject("precedent", precedent.id)
