"""The rules as pages: read, drafted, compared, published, told to everybody."""

import pytest
from django.urls import reverse

from seacliff.browsing import axe_finds
from seacliff.people.models import User
from seacliff.policy import actions, queries
from seacliff.policy.models import Category, NoticeText, Policy, PolicyVersion
from seacliff.record.actions import SYSTEM

pytestmark = pytest.mark.django_db
GUIDE = "- question: Was it asked for?\n  answers:\n  - answer: 'No'\n    leads_to: 'Finding: violation.'\n"


@pytest.fixture
def priya():
    return User.objects.create_user("priya@example.org", "correct horse 9", name="Priya", roles=["policy-manager"])


@pytest.fixture
def signed_in(client, priya):
    client.force_login(priya)
    return client


@pytest.fixture
def spam():
    """Version 1 in force."""
    made = actions.create_policy(SYSTEM, slug="spam", title="Spam")
    text = "No **bulk** <script>alert(1)</script> mail."
    said = {"summaries": {"en": "No spam.", "de": "Kein Spam."}, "titles": {"en": "Spam", "de": "Werbung"}}
    actions.save_draft(made, said | {"text": text, "allowed_actions": ["warn"]})
    actions.save_category(SYSTEM, Category(slug="spam", policy=made.policy, names={"en": "Spam"}))
    return actions.publish(SYSTEM, made, change="First version.")


def words(**fields):
    return {
        "title_en": "Spam", "summary_en": "No spam at all.", "text": "No bulk mail, ever.", "guide": GUIDE,
        "allowed_actions": ["warn", "strike"], "strike_weight": "1", "strike_days": "180", "strike_threshold": "3",
        "strike_action": "suspend-account",
    } | fields  # fmt: skip


def test_a_policy_is_written_from_nothing_and_published(signed_in):
    made = signed_in.post(reverse("policy:new"), {"title": "Spam", "slug": "spam"})
    assert made.url == reverse("policy:edit", args=["spam"])
    assert signed_in.post(made.url, words()).status_code == 302
    assert signed_in.post(reverse("policy:category-new", args=["spam"]), {
        "slug": "spam", "severity": "3", "position": "1", "public": "on", "name_en": "Spam", "name_de": "Werbung",
    }).status_code == 302  # fmt: skip
    refused = signed_in.post(reverse("policy:publish", args=["spam"]), {"change": " "})
    assert refused.status_code == 422
    signed_in.post(reverse("policy:publish", args=["spam"]), {"change": "The first rule."})
    held = queries.version_in_force("spam")
    assert (held.text, held.guide[0]["answers"][0]["leads_to"]) == ("No bulk mail, ever.", "Finding: violation.")
    assert Category.objects.get().name("de") == "Werbung"


def test_a_new_version_is_compared_with_what_holds(signed_in, spam):
    signed_in.post(reverse("policy:draft", args=["spam"]))
    signed_in.post(reverse("policy:edit", args=["spam"]), words())
    shown = signed_in.get(reverse("policy:publish", args=["spam"])).content.decode()
    assert "Against version 1" in shown
    assert "ever" in shown
    signed_in.post(reverse("policy:publish", args=["spam"]), {"change": "Stricter."})
    assert queries.version_in_force("spam").number == 2
    old = signed_in.get(reverse("policy:version", args=["spam", 1])).content.decode()
    assert "<strong>bulk</strong>" in old
    assert "<script>alert" not in old
    signed_in.post(reverse("policy:withdraw", args=["spam", 2]), {"reason": "Too strict."})
    assert queries.version_in_force("spam").number == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"guide": "- question: [unclosed"},
            "not well-formed YAML: expected ',' or ']', but got '&lt;stream end&gt;' (line 1).",
        ),
        ({"guide": "- question: 2026-13-45"}, "can't be read as YAML: month must be in 1..12."),
        ({"guide": "- question: x"}, "missing required field `answers`"),
        ({"guide": "just words"}, "Each row has question"),
        ({"strike_days": "0"}, "greater than or equal to 1"),
        ({"title_en": ""}, "required"),
        ({"allowed_actions": ["hang"]}, "not one of the available choices"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field_and_nothing_is_lost(signed_in, spam, wrong, said):
    signed_in.post(reverse("policy:draft", args=["spam"]))
    answer = signed_in.post(reverse("policy:edit", args=["spam"]), words(text="Typed with care.") | wrong)
    assert answer.status_code == 422
    assert said in answer.content.decode().replace("&#x27;", "'")
    assert "Typed with care." in answer.content.decode()


def test_notices_are_previewed_before_they_are_saved(signed_in, spam):
    signed_in.post(reverse("policy:draft", args=["spam"]))
    url = reverse("policy:notice", args=["spam", "affected", "violation"])
    typed = {"subject_en": "About {{ case_ref }}", "body_en": "You broke: {{ rule_text }}"}
    shown = signed_in.post(url, typed | {"preview": "1"})
    assert "You broke: No spam." in shown.content.decode()
    assert not NoticeText.objects.exists()
    broken = signed_in.post(url, typed | {"body_en": "{% if facts %}"})
    assert broken.status_code == 422
    signed_in.post(url, typed)
    assert NoticeText.objects.get().version.number == 2
    assert signed_in.post(reverse("policy:default-notice", args=["reporter", "received"]), typed).status_code == 302
    assert signed_in.get(reverse("policy:default-notice", args=["reporter", "nonsense"])).status_code == 404


def test_drafts_are_discarded_and_policies_retired(signed_in, spam):
    signed_in.post(reverse("policy:draft", args=["spam"]))
    signed_in.post(reverse("policy:discard", args=["spam"]))
    assert PolicyVersion.objects.count() == 1
    signed_in.post(reverse("policy:retire", args=["spam"]))
    assert Policy.objects.get().retired_at
    assert "No spam." not in signed_in.get(reverse("policy:rules")).content.decode()


def test_everybody_may_read_the_rules_in_their_language(client, spam):
    shown = client.get(reverse("policy:rules"), headers={"Accept-Language": "de"}).content.decode()
    assert "Werbung" in shown
    assert "Kein Spam." in shown
    assert "First version." in client.get(reverse("policy:changes")).content.decode()


def test_reviewers_read_and_policy_managers_write(client, spam):
    client.force_login(User.objects.create_user("rob@example.org", name="Rob", roles=["reviewer"]))
    assert client.get(reverse("policy:list")).status_code == 200
    assert "Draft a new version" not in client.get(reverse("policy:policy", args=["spam"])).content.decode()
    for name in ("draft", "edit", "publish", "discard", "retire", "notices", "category-new"):
        assert client.post(reverse(f"policy:{name}", args=["spam"])).status_code == 403, name


def test_the_api_does_what_the_pages_do(signed_in):
    def send(method, path, **body):
        return getattr(signed_in, method)(f"/api/v1/policies{path}", body, content_type="application/json")

    assert send("post", "", slug="spam", title="Spam").status_code == 201
    assert send("post", "", slug="spam", title="Spam").status_code == 409
    assert send("put", "/spam/categories/spam", names={"en": "Spam"}).status_code == 200
    assert send("put", "/spam/categories/No", names={"en": "Spam"}).status_code == 404
    guide = [{"question": "Asked for?", "answers": [{"answer": "No", "leads_to": "Violation."}]}]
    edited = send("patch", "/spam/draft", text="No bulk.", allowed_actions=["warn"], guide=guide)
    assert edited.status_code == 200, edited.content
    assert send("patch", "/spam/draft", allowed_actions=["hang"]).status_code == 422
    text = {"audience": "reporter", "outcome": "received", "language": "en", "subject": "s", "body": "{{ case_ref }}"}
    assert send("put", "/spam/draft/notice-texts", **text).status_code == 204
    assert send("put", "/spam/draft/notice-texts", **text | {"body": "{% if facts %}"}).status_code == 422
    assert send("post", "/spam/publish", change="First.").json()["state"] == "published"
    assert send("post", "/spam/publish", change="Again.").status_code == 409
    whole = signed_in.get("/api/v1/policies/spam").json()
    assert (whole["state"], whole["in_force"]["text"], whole["categories"][0]["slug"]) == (
        "published",
        "No bulk.",
        "spam",
    )
    assert send("post", "/spam/versions/1/withdraw", reason="Wrong.").json()["state"] == "withdrawn"
    assert signed_in.get("/api/v1/policies/nope").status_code == 404


@pytest.mark.e2e
@pytest.mark.django_db(transaction=True)
def test_pages_are_accessible_in_both_themes(live_server, priya, spam, page):
    page.goto(f"{live_server.url}/accounts/login/?next=/policies")
    page.fill("input[name=login]", "priya@example.org")
    page.fill("input[name=password]", "correct horse 9")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Policies')")
    page.wait_for_load_state()  # keys are heard by a script that comes after the page
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Spam')")
    page.wait_for_load_state()  # keys are heard by a script that comes after the page
    page.keyboard.press("e")
    page.wait_for_url("**/policies/spam/edit")
    for path in ("/policies", "/policies/spam", "/policies/spam/edit", "/policies/spam/notices", "/policies/spam/publish",
                 "/policies/spam/categories/spam", "/rules", "/rules/changes"):  # fmt: skip
        page.goto(live_server.url + path)
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(300)
            assert axe_finds(page) == [], (path, scheme)
