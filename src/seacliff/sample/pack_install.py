"""Brings the shipped policies into an installation, by the verbs a policy manager uses."""

from typing import Any

from django.db import transaction

from seacliff.policy import actions as policies
from seacliff.policy.models import Category, NoticeText, Policy
from seacliff.record.actions import Actor
from seacliff.sample import pack


@transaction.atomic
def install(actor: Actor) -> int:
    """Policies, categories and notice texts, as drafted and published by `actor`; how many. What is there already stays."""
    known = set(Policy.objects.values_list("slug", flat=True))
    taken = set(Category.objects.values_list("slug", flat=True))
    new = [
        shipped
        for shipped in pack.policies()
        if shipped.slug not in known and not {harm.slug for harm in shipped.categories} & taken
    ]
    there = _default_keys()
    missing = {key: said for key, said in _said(pack.wording()["defaults"]).items() if key not in there}
    policies.save_texts(actor, None, missing)
    for shipped in new:
        draft = policies.create_policy(actor, slug=shipped.slug, title=shipped.title["en"], position=shipped.position)
        for place, harm in enumerate(shipped.categories):
            category = Category(
                slug=harm.slug,
                policy=draft.policy,
                names=harm.names,
                descriptions={"en": harm.harm},
                severity=harm.severity,
                taxonomies=harm.taxonomies,
                position=shipped.position * 10 + place,
            )
            policies.save_category(actor, category)
        for version in shipped.versions:
            draft = policies.draft(actor, draft.policy)
            policies.save_draft(draft, _content(shipped, version))
            if version is shipped.current:
                policies.save_texts(actor, draft, _said(shipped.notices))
            draft = policies.publish(actor, draft, change=version.change_note)
    return len(new)


def _said(notices: dict[str, Any]) -> dict[policies.TextKey, tuple[str, str]]:
    return {(t.audience, t.outcome, t.language): (t.subject, t.body) for t in pack.texts(notices)}


def _default_keys() -> set[policies.TextKey]:
    return set(NoticeText.objects.filter(version=None).values_list("audience", "outcome", "language"))


def _content(shipped: pack.ShippedPolicy, version: pack.Version) -> dict[str, Any]:
    return {
        "title": shipped.title["en"],
        "titles": shipped.title,
        "summaries": shipped.rule,
        "text": version.text,
        "guide": shipped.questions(),
        "allowed_actions": list(shipped.actions),
        "strike_weight": version.strikes.weight,
        "strike_days": version.strikes.window_days,
        "strike_threshold": version.strikes.threshold,
        "strike_action": version.strikes.on_threshold,
    }
