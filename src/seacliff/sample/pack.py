"""The shipped pack: policies with their versions, categories, decision guides and notice texts, read from YAML.

A policy file holds the current wording; earlier versions are recovered by taking the changes of its log back.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
LANGUAGES = ("en", "de", "es")
AUDIENCES = ("reporter", "affected")
TIERS = {"I": 1, "II": 2, "III": 3, "IV": 4}

# The order in which the public form and the policy pages show them: gravest first, what could not be sorted last.
ORDER = (
    "child-safety",
    "self-harm",
    "violence-extremism",
    "intimate-imagery",
    "privacy",
    "harassment-hate",
    "meeting-disruption",
    "sexual-content",
    "account-security",
    "deception",
    "network-abuse",
    "spam",
    "regulated-goods",
    "civic-integrity",
    "intellectual-property",
    "other",
)


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the public change log. `field` is "text" or "strikes.threshold"."""

    field: str
    description: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Strikes:
    weight: int
    window_days: int
    threshold: int
    on_threshold: str


@dataclass(frozen=True, slots=True)
class Version:
    """One wording of a policy, in force from `effective_days_ago` days before the pack was installed."""

    number: int
    effective_days_ago: int
    text: str
    strikes: Strikes
    changes: tuple[Change, ...] = ()

    @property
    def change_note(self) -> str:
        """The entry for the change log: what changed, old words, new words."""
        return "\n\n".join(_entry(change) for change in self.changes) or "First version."


@dataclass(frozen=True, slots=True)
class HarmCategory:
    slug: str
    names: dict[str, str]
    severity: int
    harm: str
    xarf: str | None
    dsa_category: str
    dsa_keywords: tuple[str, ...]

    @property
    def taxonomies(self) -> dict[str, Any]:
        names: dict[str, Any] = {"dsa": self.dsa_category, "dsa_keywords": list(self.dsa_keywords)}
        return names | ({"xarf": self.xarf} if self.xarf else {})


@dataclass(frozen=True, slots=True)
class ShippedPolicy:
    """`title` and `rule` (one or two sentences, as notices quote it) are by language; the text is English."""

    slug: str
    position: int
    title: dict[str, str]
    rule: dict[str, str]
    categories: tuple[HarmCategory, ...]
    guide: tuple[dict[str, Any], ...]
    actions: tuple[str, ...]
    first_tier: int
    tier_note: str
    versions: tuple[Version, ...]
    notices: dict[str, Any] = field(default_factory=dict)

    @property
    def current(self) -> Version:
        return self.versions[-1]

    def version_at(self, days_ago: float) -> Version:
        """The version in force that many days before the pack was installed."""
        return [version for version in self.versions if version.effective_days_ago >= days_ago][-1]

    def questions(self) -> list[dict[str, Any]]:
        """The decision guide as rows: a question, a hint, and where each answer leads, in words."""
        titles = {step["id"]: step["ask"] for step in self.guide}
        return [
            {
                "question": step["ask"],
                "help": step.get("help", ""),
                "answers": [{"answer": a["answer"], "leads_to": _leads_to(a, titles)} for a in step["answers"]],
            }
            for step in self.guide
        ]


def _entry(change: Change) -> str:
    if change.field != "text":
        return f"{change.description}\n\n{change.field}: {change.old} → {change.new}"
    old = f"Old text:\n\n{change.old}\n\n" if change.old else ""
    return f"{change.description}\n\n{old}New text:\n\n{change.new}"


def _leads_to(answer: dict[str, Any], titles: dict[str, str]) -> str:
    """The consequence of an answer in a sentence a reviewer can act on."""
    said = []
    if finding := answer.get("finding"):
        category = f" ({answer['category']})" if "category" in answer else ""
        said.append(f"Finding: {finding}{category}.")
    if "severity" in answer:
        said.append(f"Severity {answer['severity']}.")
    if "tier" in answer:
        said.append(f"Tier {answer['tier']}.")
    if "actions" in answer:
        said.append(f"Actions: {', '.join(answer['actions'])}.")
    if "note" in answer:
        said.append(answer["note"])
    if "then" in answer:
        said.append(f"Next: {titles[answer['then']]}")
    return " ".join(said)


def _take_back(text: str, strikes: Strikes, changes: tuple[Change, ...]) -> tuple[str, Strikes]:
    """Text and strike rule as they were before these changes."""
    for change in changes:
        if change.field == "text":
            if text.count(change.new) != 1:
                raise ValueError(f"The new text of a change must stand in the policy exactly once: {change.new!r}")
            text = text.replace(change.new, change.old)
        else:
            name = change.field.removeprefix("strikes.")
            strikes = Strikes(**{slot: getattr(strikes, slot) for slot in Strikes.__slots__} | {name: change.old})
    return text, strikes


def _versions(raw: dict[str, Any]) -> tuple[Version, ...]:
    text, strikes = raw["text"], Strikes(**raw["strikes"])
    newest_first = []
    for entry in reversed(raw["versions"]):
        changes = tuple(Change(**change) for change in entry.get("changes", ()))
        newest_first.append(Version(entry["number"], entry["effective_days_ago"], text, strikes, changes))
        text, strikes = _take_back(text, strikes, changes)
    return tuple(reversed(newest_first))


def _category(raw: dict[str, Any]) -> HarmCategory:
    xarf = f"{raw['xarf']['class']}/{raw['xarf']['type']}" if raw["xarf"] else None
    dsa = raw["dsa"]
    return HarmCategory(
        raw["slug"], raw["names"], raw["severity"], raw["harm"], xarf, dsa["category"], tuple(dsa["keywords"])
    )


@cache
def policies() -> tuple[ShippedPolicy, ...]:
    """Every shipped policy, in the order of ORDER."""
    return tuple(_policy(position, slug) for position, slug in enumerate(ORDER))


def _policy(position: int, slug: str) -> ShippedPolicy:
    raw = _read(f"policies/{slug}.yaml")
    return ShippedPolicy(
        slug=raw["slug"],
        position=position,
        title=raw["title"],
        rule=raw["rule"],
        categories=tuple(_category(category) for category in raw["categories"]),
        guide=tuple(raw["guide"]),
        actions=tuple(raw["actions"]),
        first_tier=TIERS[raw["tiers"]["first_instance"]],
        tier_note=raw["tiers"]["note"],
        versions=_versions(raw),
        notices=raw["notices"],
    )


def _read(name: str) -> dict[str, Any]:
    # The C loader, where libyaml is there, is ten times faster; both are the safe kind.
    return yaml.load((HERE / name).read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


@cache
def wording() -> dict[str, Any]:
    """Default notice texts (`defaults`) and the phrases that fill them: redress, automated, actions, durations."""
    return _read("notices.yaml")


@cache
def categories() -> dict[str, HarmCategory]:
    return {category.slug: category for policy in policies() for category in policy.categories}


@cache
def policy_of() -> dict[str, ShippedPolicy]:
    """Category slug to the policy that covers it."""
    return {category.slug: policy for policy in policies() for category in policy.categories}


@dataclass(frozen=True, slots=True)
class Text:
    """A notice text as stored: Django template source, plain text."""

    audience: str
    outcome: str
    language: str
    subject: str
    body: str


def texts(raw: dict[str, Any]) -> list[Text]:
    """Flatten audience -> outcome -> language, as it stands in notices.yaml and under a policy's `notices`."""
    return [
        Text(audience, outcome, language, said["subject"], said["body"])
        for audience, outcomes in raw.items()
        for outcome, languages in outcomes.items()
        for language, said in languages.items()
    ]


def text_for(policy: ShippedPolicy | None, audience: str, outcome: str, language: str) -> Text:
    """The text a notice is made from: the policy's own, else the default; in the language asked for, else English."""
    language = language if language in LANGUAGES else "en"
    own = policy.notices.get(audience, {}).get(outcome, {}) if policy else {}
    said = own.get(language) or wording()["defaults"][audience][outcome][language]
    return Text(audience, outcome, language, said["subject"], said["body"])
