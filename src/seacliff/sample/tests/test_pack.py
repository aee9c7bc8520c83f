"""The shipped policies and notices hold together."""

import json
import re
from pathlib import Path

import pytest
from django.template import Context, Engine

from seacliff.policy.models import ActionKind, NoticeText
from seacliff.sample import pack

CATEGORIES = [
    "spam",
    "phishing",
    "malware",
    "fraud-scam",
    "impersonation",
    "harassment",
    "hate",
    "threats-violence",
    "violent-extremism",
    "self-harm",
    "child-safety",
    "sexual-content",
    "non-consensual-intimate-imagery",
    "privacy-doxxing",
    "copyright",
    "trademark",
    "counterfeit",
    "disrupted-meeting",
    "account-takeover",
    "network-attack",
    "compromised-host",
    "vulnerable-service",
    "misinformation",
    "regulated-goods",
    "unsorted",
]
FILL = {
    "product": "Harbourline",
    "case_ref": "C-1042",
    "what": "the event “Staff call”",
    "facts": "At 14:02 UTC three people entered and played loud music.",
    "rule_title": "Disrupted meetings",
    "rule_text": "We do not allow entering an event in order to disrupt it.",
    "action": "blocking of the user",
    "duration": "for 30 days",
    "redress": "You can appeal.",
    "status_url": "https://reports.harbourline.example/s/abc",
    "received_on": "3 May 2026",
    "automated": "No automated means were used.",
    "own_initiative": False,
}
POLICIES = pytest.mark.parametrize("policy", pack.policies(), ids=lambda policy: policy.slug)


def every_text():
    yield from (("default", text) for text in pack.texts(pack.wording()["defaults"]))
    yield from ((policy.slug, text) for policy in pack.policies() for text in pack.texts(policy.notices))


TEXTS = pytest.mark.parametrize(
    ("of", "text"), list(every_text()), ids=[f"{o}-{t.audience}-{t.outcome}-{t.language}" for o, t in every_text()]
)


def test_every_category_is_covered_by_exactly_one_policy():
    covered = [category.slug for policy in pack.policies() for category in policy.categories]
    assert sorted(covered) == sorted(CATEGORIES)


def test_every_policy_file_is_in_the_pack():
    files = {path.stem for path in (Path(pack.__file__).parent / "policies").glob("*.yaml")}
    assert files == {policy.slug for policy in pack.policies()}


@POLICIES
def test_a_policy_text_is_neither_a_slogan_nor_a_treatise(policy):
    assert 150 <= len(policy.current.text.split()) <= 400


@POLICIES
def test_names_titles_and_rules_are_there_in_every_language(policy):
    for said in (policy.title, policy.rule, *(category.names for category in policy.categories)):
        assert set(said) == set(pack.LANGUAGES)
        assert all(said.values())


@POLICIES
def test_a_guide_leads_only_to_its_own_questions_allowed_actions_and_known_categories(policy):
    steps = [step["id"] for step in policy.guide]
    assert len(set(steps)) == len(steps)
    for answer in (answer for step in policy.guide for answer in step["answers"]):
        assert answer.get("then", steps[0]) in steps
        assert "then" in answer or "finding" in answer, answer
        assert set(answer.get("actions", ())) <= set(policy.actions)
        assert answer.get("category", "unsorted") in CATEGORIES
        assert answer.get("tier", "I") in pack.TIERS
    assert all(row["answers"] and row["question"].endswith("?") for row in policy.questions())
    assert all(answer["leads_to"] for row in policy.questions() for answer in row["answers"])


@POLICIES
def test_actions_and_strike_rules_are_ones_that_enforcement_knows(policy):
    assert set(policy.actions) <= set(ActionKind)
    for version in policy.versions:
        assert version.strikes.on_threshold in ActionKind
        assert version.strikes.threshold in (2, 3)
        assert version.strikes.window_days == 180


@POLICIES
def test_versions_are_in_order_and_each_change_shows_in_the_text(policy):
    assert [version.number for version in policy.versions] == list(range(1, len(policy.versions) + 1))
    ages = [version.effective_days_ago for version in policy.versions]
    assert ages == sorted(ages, reverse=True)
    for before, after in zip(policy.versions, policy.versions[1:], strict=False):
        assert after.changes
        assert before.text != after.text
        for change in after.changes:
            if change.field == "text":
                assert change.new in after.text
                assert change.new not in before.text
            assert change.description in after.change_note


def test_at_least_two_policies_have_a_history():
    assert sum(len(policy.versions) >= 2 for policy in pack.policies()) >= 2
    assert any(len(policy.versions) == 3 for policy in pack.policies())


def test_the_version_in_force_on_a_day_is_the_newest_one_effective_by_then():
    policy = next(policy for policy in pack.policies() if policy.slug == "meeting-disruption")
    assert [policy.version_at(days).number for days in (300, 211, 209, 49, 47, 0)] == [1, 1, 2, 2, 3, 3]


@TEXTS
def test_a_notice_renders_without_leftovers(of, text):
    assert text.audience in NoticeText.Audience
    assert text.outcome in NoticeText.Outcome
    names = set(re.findall(r"{{\s*(\w+)\s*}}", text.subject + text.body))
    assert names <= set(FILL), f"unknown placeholder in {of}"
    engine = Engine(autoescape=False, string_if_invalid="MISSING")
    for fill in (FILL, FILL | {"own_initiative": True, "duration": ""}):
        said = engine.from_string(text.subject + "\n" + text.body).render(Context(fill, autoescape=False))
        assert not re.search(r"MISSING|{{|}}|{%|\(\)|undefined", said)
        assert FILL["case_ref"] in text.subject.replace("{{ case_ref }}", FILL["case_ref"])
        assert FILL["status_url"] in said


@TEXTS
def test_a_notice_cannot_name_the_reporter(of, text):
    for name in re.findall(r"{[{%]([^}]*)[%}]}", text.subject + text.body):
        assert "report" not in name
        assert "email" not in name


def test_the_statement_to_an_affected_user_has_what_article_17_asks_for():
    for policy in (None, *pack.policies()):
        for language in pack.LANGUAGES:
            body = pack.text_for(policy, "affected", "violation", language).body
            for needed in ("facts", "rule_title", "rule_text", "action", "duration", "automated", "redress"):
                assert f"{{{{ {needed} }}}}" in body, (policy and policy.slug, language, needed)


def test_every_default_and_every_own_text_exists_in_every_language():
    for raw in (pack.wording()["defaults"], *(policy.notices for policy in pack.policies())):
        for outcomes in raw.values():
            for languages in outcomes.values():
                assert set(languages) == set(pack.LANGUAGES)
    for name in ("redress", "automated", "actions", "durations"):
        for languages in pack.wording()[name].values():
            assert set(languages) == set(pack.LANGUAGES)
    assert set(pack.wording()["actions"]) == set(ActionKind)


def test_outside_names_of_categories_exist_in_the_outside_taxonomies(shared_data):
    groups = json.loads((shared_data / "dsa-sor" / "taxonomies.json").read_text())["groups"]
    schemas = shared_data / "xarf" / "spec-4.2" / "schemas" / "v4" / "types"
    types = {path.stem.replace("_", "-") for path in schemas.glob("*-*.json")}
    for category in pack.categories().values():
        assert category.dsa_category in groups["STATEMENT_CATEGORIES"]
        assert set(category.dsa_keywords) <= set(groups["KEYWORDS"])
        assert category.xarf is None or category.xarf.replace("/", "-").replace("_", "-") in types
