"""Reading the rules: which version is in force, which categories there are, what is said in a notice."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from seacliff.policy.models import Category, NoticeText, PolicyVersion

DEFAULT_LANGUAGE = "en"


def versions_in_force(at: datetime | None = None) -> QuerySet[PolicyVersion]:
    """The version of each policy that holds at a moment (now): the newest published one that has taken effect."""
    at = at or timezone.now()
    published = PolicyVersion.objects.filter(state=PolicyVersion.State.PUBLISHED, effective_at__lte=at)
    return published.order_by("policy_id", "-effective_at", "-number").distinct("policy").select_related("policy")


def version_in_force(category: str, at: datetime | None = None) -> PolicyVersion | None:
    """The version of the policy that covers a category (by slug); None when no version has taken effect."""
    return versions_in_force(at).filter(policy__categories=category).first()


def public_categories(language: str) -> list[Category]:
    """The harms that the public form offers, in its order."""
    return [category for category in Category.objects.filter(public=True) if category.name(language)]


def notice_text(
    version: PolicyVersion | None, audience: NoticeText.Audience, outcome: NoticeText.Outcome, language: str
) -> NoticeText:
    """The text for one notice: the version's own before the default, the language asked for before English.

    Raises NoticeText.DoesNotExist, with a sentence, when not even an English default was written.
    """
    texts = NoticeText.objects.filter(
        Q(version=version) | Q(version=None),
        audience=audience,
        outcome=outcome,
        language__in=[language, DEFAULT_LANGUAGE],
    )
    # A default in the reader's language serves better than the policy's own words in another.
    ranked = sorted(texts, key=lambda text: (text.language != language, text.version_id is None))
    if not ranked:
        raise NoticeText.DoesNotExist(f"No notice text is written for the {audience} when the outcome is {outcome}.")
    return ranked[0]
