"""Verbs on policies: each one transaction that locks, checks, writes and tells the record. Refusals are Problems."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from seacliff.people.problems import Conflict, Invalid
from seacliff.policy import guidance, wording
from seacliff.policy.models import Category, NoticeText, Policy, PolicyVersion
from seacliff.record.actions import Actor, Subject, happened

CONTENT = (
    *("title", "titles", "summaries", "text", "guide", "allowed_actions"),
    *("strike_weight", "strike_days", "strike_threshold", "strike_action"),
)
TextKey = tuple[str, str, str]


def _policy(policy: Policy | UUID) -> Subject:
    return Subject("policy", policy if isinstance(policy, UUID) else policy.id)


@transaction.atomic
def create_policy(actor: Actor, *, slug: str, title: str, position: int | None = None) -> PolicyVersion:
    """A policy and its first draft."""
    if Policy.objects.filter(slug=slug).exists():
        raise Conflict(f"There is a policy {slug} already. Draft a new version of it instead.")
    if position is None:
        position = (Policy.objects.aggregate(last=Max("position"))["last"] or 0) + 1
    policy = Policy.objects.create(slug=slug, position=position)
    version = PolicyVersion.objects.create(policy=policy, number=1, title=title, titles={"en": title}, text="")
    happened("policy.created", _policy(policy), actor, data={"slug": slug, "title": title})
    return version


@transaction.atomic
def draft(actor: Actor, policy: Policy, source: PolicyVersion | None = None) -> PolicyVersion:
    """The policy's draft: the one there is, or a copy of `source` (the newest published one) with its notice texts."""
    policy = Policy.objects.select_for_update().get(id=policy.id)
    versions = policy.versions.order_by("-number")
    existing = versions.filter(state=PolicyVersion.State.DRAFT).first()
    if existing:
        return existing
    source = source or versions.first()
    if source is None:
        raise Conflict(f"The policy {policy.slug} has no version to begin from.")
    number = versions[0].number + 1
    made = PolicyVersion(policy=policy, number=number, **{field: getattr(source, field) for field in CONTENT})
    made.save(force_insert=True)
    _copy_texts(source, made)
    happened("policy.drafted", _policy(policy), actor, data={"number": number, "from": source.number})
    return made


def _copy_texts(source: PolicyVersion, made: PolicyVersion) -> None:
    fields = ("audience", "outcome", "language", "subject", "body")
    NoticeText.objects.bulk_create(
        NoticeText(version=made, **{field: getattr(text, field) for field in fields})
        for text in source.notice_texts.all()
    )


@transaction.atomic
def save_draft(version: PolicyVersion, content: Mapping[str, Any]) -> PolicyVersion:
    """Write fields of CONTENT into a draft. No event: nobody is bound by a draft, and its history is kept by a trigger."""
    version = _locked_draft(version)
    unknown = set(content) - set(CONTENT)
    if unknown:
        raise ValueError(f"A draft has no {', '.join(sorted(unknown))}")
    for field, value in content.items():
        setattr(version, field, value)
    version.save(update_fields=list(content))
    return version


@transaction.atomic
def save_texts(actor: Actor, version: PolicyVersion | None, texts: Mapping[TextKey, tuple[str, str]]) -> None:
    """Set the notice texts of a draft, or the defaults (None): (audience, outcome, language) to (subject, body).

    Keys that are not given stay; an empty subject and body removes the text, so that the default speaks.
    """
    if version is not None:
        version = _locked_draft(version)
    for key, (subject, body) in texts.items():
        _save_text(version, key, subject.strip(), body.strip())
    if version is None and texts:
        changed = sorted("/".join(key) for key in texts)
        happened("notice-text.edited", Subject("notice-texts", UUID(int=0)), actor, data={"texts": changed})


def _save_text(version: PolicyVersion | None, key: TextKey, subject: str, body: str) -> None:
    audience, outcome, language = key
    own = NoticeText.objects.filter(version=version, audience=audience, outcome=outcome, language=language)
    if not subject and not body:
        own.delete()
        return
    for field, source in (("subject", subject), ("body", body)):
        problem = wording.problem_of(source) or ("" if source else f"The {field} is missing.")
        if problem:
            raise Invalid(
                problem, errors=[{"pointer": f"#/notices/{audience}/{outcome}/{language}/{field}", "detail": problem}]
            )
    if not own.update(subject=subject, body=body):
        NoticeText.objects.create(
            version=version, audience=audience, outcome=outcome, language=language, subject=subject, body=body
        )


@transaction.atomic
def publish(
    actor: Actor, version: PolicyVersion, *, change: str, effective_at: datetime | None = None, to_read: bool = True
) -> PolicyVersion:
    """Put a draft into force, now or later. From here on its words can't be changed, only followed by others'.

    `to_read`: reviewers acknowledge the change before their next claim under it; a corrected comma needs that of nobody.
    """
    version = _locked_draft(version)
    now = timezone.now()
    effective_at = effective_at or now
    _check_publishable(version, change, effective_at, now)
    version.state = PolicyVersion.State.PUBLISHED
    version.change = change.strip()
    version.effective_at, version.published_at, version.published_by = effective_at, now, actor.id
    version.save(update_fields=["state", "change", "effective_at", "published_at", "published_by"])
    data = {"number": version.number, "title": version.title, "effective_at": effective_at.isoformat()}
    happened(
        "policy.published",
        _policy(version.policy_id),
        actor,
        policy_version=version.id,
        reason=version.change,
        data=data,
    )
    if to_read:
        guidance.announce(actor, version)
    return version


def _check_publishable(version: PolicyVersion, change: str, effective_at: datetime, now: datetime) -> None:
    missing = [
        sentence
        for absent, sentence in (
            (not version.title.strip(), "a title"),
            (not version.text.strip(), "its text"),
            (not change.strip(), "a description of what changed, for the public change log"),
            (not version.allowed_actions, "at least one action that may follow from it"),
        )
        if absent
    ]
    if missing:
        raise Invalid(f"The policy can't be published without {', '.join(missing)}.")
    if (now - effective_at).total_seconds() > 60:
        raise Invalid("A policy can't take effect in the past: decisions made since then rest on the old words.")
    others = PolicyVersion.objects.filter(policy=version.policy_id, state=PolicyVersion.State.PUBLISHED)
    later = others.filter(effective_at__gt=effective_at).order_by("effective_at").first()
    if later:
        raise Conflict(
            f"Version {later.number} takes effect later, on {later.effective_at:%Y-%m-%d}, and would put this one aside. "
            "Withdraw it first, or choose a later date."
        )


@transaction.atomic
def withdraw(actor: Actor, version: PolicyVersion, *, reason: str) -> PolicyVersion:
    """Take a published version back. What it replaced holds again; decisions made under it keep it."""
    version = PolicyVersion.objects.select_for_update().get(id=version.id)
    if version.state != PolicyVersion.State.PUBLISHED:
        raise Conflict(f"Version {version.number} is not published, so there is nothing to withdraw.")
    if not reason.strip():
        raise Invalid("Say why it is withdrawn: the reason goes on the record.")
    version.state, version.ends_at = PolicyVersion.State.WITHDRAWN, timezone.now()
    version.save(update_fields=["state", "ends_at"])
    happened(
        "policy.withdrawn",
        _policy(version.policy_id),
        actor,
        policy_version=version.id,
        reason=reason.strip(),
        data={"number": version.number},
    )
    guidance.take_back(actor, version, reason.strip())
    return version


@transaction.atomic
def discard(actor: Actor, version: PolicyVersion) -> None:
    """Throw a draft away. A policy that never had another version goes with it."""
    version = _locked_draft(version)
    policy = version.policy
    happened("policy.draft-discarded", _policy(policy), actor, data={"number": version.number, "title": version.title})
    version.delete()
    if not policy.versions.exists() and not policy.categories.exists():
        policy.delete()


@transaction.atomic
def save_category(actor: Actor, category: Category) -> Category:
    """Add a harm or change it; cases keep its slug. The form or the import has validated it."""
    stored = Category.objects.filter(slug=category.slug).values()
    before: Mapping[str, Any] | None = stored.first()
    category.save()
    after: Mapping[str, Any] = stored.get()
    changed = sorted(field for field in after if before is None or before[field] != after[field])
    if changed:
        verb = "category.edited" if before else "category.added"
        happened(verb, _policy(category.policy_id), actor, data={"slug": category.slug, "fields": changed})
    return category


@transaction.atomic
def retire(actor: Actor, policy: Policy, *, retired: bool = True) -> None:
    """A retired policy is no longer shown or offered; its past stays."""
    Policy.objects.filter(id=policy.id).update(retired_at=timezone.now() if retired else None)
    happened("policy.retired" if retired else "policy.revived", _policy(policy), actor, data={"slug": policy.slug})


def _locked_draft(version: PolicyVersion) -> PolicyVersion:
    version = PolicyVersion.objects.select_for_update(of=("self",)).select_related("policy").get(id=version.id)
    if version.state != PolicyVersion.State.DRAFT:
        raise Conflict(f"Version {version.number} is published and can't be changed. Draft a new version instead.")
    return version


def same_content(
    version: PolicyVersion, content: Mapping[str, Any], texts: Sequence[tuple[TextKey, tuple[str, str]]]
) -> bool:
    """Whether a version already says this, notice texts included."""
    stored = {
        (text.audience, text.outcome, text.language): (text.subject, text.body) for text in version.notice_texts.all()
    }
    return all(getattr(version, field) == value for field, value in content.items()) and stored == dict(texts)
