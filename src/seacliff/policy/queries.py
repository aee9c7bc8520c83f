"""Reading the rules: which version is in force, which categories there are, what is said in a notice."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from seacliff.policy.models import Category, NoticeText, Policy, PolicyVersion

DEFAULT_LANGUAGE = "en"
State = PolicyVersion.State


def versions_in_force(at: datetime | None = None) -> QuerySet[PolicyVersion]:
    """The version of each policy that holds at a moment (now): the newest that has taken effect and was not withdrawn."""
    at = at or timezone.now()
    holding = Q(state=State.PUBLISHED) | Q(state=State.WITHDRAWN, ends_at__gt=at)
    known = PolicyVersion.objects.filter(holding, effective_at__lte=at)
    return known.order_by("policy_id", "-effective_at", "-number").distinct("policy_id").select_related("policy")


def version_in_force(category: str, at: datetime | None = None) -> PolicyVersion | None:
    """The version of the policy that covers a category (by slug); None when no version has taken effect."""
    return versions_in_force(at).filter(policy__categories=category).first()


def public_categories(language: str) -> list[Category]:
    """The harms that the public form offers, in its order."""
    return [category for category in Category.objects.filter(public=True) if category.name(language)]


def category_choices(language: str = "en") -> list[tuple[str, str]]:
    """Slug and name of every harm, for forms."""
    return [(category.slug, category.name(language)) for category in Category.objects.all()]


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


@dataclass(frozen=True, slots=True)
class Shelf:
    """A policy with its versions, newest first: which holds, which will, what is being written."""

    policy: Policy
    versions: list[PolicyVersion]
    categories: list[Category]
    at: datetime

    @property
    def draft(self) -> PolicyVersion | None:
        return next((version for version in self.versions if version.state == State.DRAFT), None)

    @property
    def in_force(self) -> PolicyVersion | None:
        return next(
            (version for version in self._by_effect() if version.effective_at and version.effective_at <= self.at), None
        )

    @property
    def upcoming(self) -> list[PolicyVersion]:
        """Published and not yet in effect, soonest first."""
        return [
            version
            for version in reversed(self._by_effect())
            if version.effective_at and version.effective_at > self.at
        ]

    @property
    def newest(self) -> PolicyVersion | None:
        """What a new draft begins from, and what the list names."""
        return self.in_force or next(iter(self.versions), None)

    @property
    def state(self) -> str:
        if self.policy.retired_at:
            return "retired"
        if self.in_force:
            return "published"
        return "scheduled" if self.upcoming else "draft"

    def before(self, version: PolicyVersion) -> PolicyVersion | None:
        """The version whose words this one replaces or would replace."""
        older = [other for other in self.versions if other.state != State.DRAFT and other.number < version.number]
        return older[0] if older else None

    def _by_effect(self) -> list[PolicyVersion]:
        published = [version for version in self.versions if version.state == State.PUBLISHED]
        return sorted(published, key=lambda version: (version.effective_at, version.number), reverse=True)


def shelves(policies: QuerySet[Policy] | None = None, at: datetime | None = None) -> list[Shelf]:
    """Every policy with its versions and categories, in order; three queries."""
    rows = (Policy.objects.all() if policies is None else policies).prefetch_related(
        Prefetch("versions", PolicyVersion.objects.order_by("-number")), "categories"
    )
    at = at or timezone.now()
    return [Shelf(policy, list(policy.versions.all()), list(policy.categories.all()), at) for policy in rows]


def shelf(slug: str) -> Shelf:
    """Raises Policy.DoesNotExist."""
    found = shelves(Policy.objects.filter(slug=slug))
    if not found:
        raise Policy.DoesNotExist(f"There is no policy {slug}.")
    return found[0]


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A line of the public change log."""

    version: PolicyVersion
    before: PolicyVersion | None


def change_log() -> list[LogEntry]:
    """Every published change, the latest to take effect first, withdrawn ones too: what was in force stays known."""
    entries = [
        LogEntry(version, shelf.before(version))
        for shelf in shelves()
        for version in shelf.versions
        if version.state != State.DRAFT
    ]
    return sorted(entries, key=lambda entry: (entry.version.effective_at, str(entry.version.id)), reverse=True)


def texts_of(version: PolicyVersion | None) -> dict[tuple[str, str, str], NoticeText]:
    """Notice texts by (audience, outcome, language): a version's own, or the defaults for None."""
    return {(text.audience, text.outcome, text.language): text for text in NoticeText.objects.filter(version=version)}
