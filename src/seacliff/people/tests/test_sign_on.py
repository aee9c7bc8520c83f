"""Single sign-on through real identity providers, in a real browser: OpenID Connect and SAML, roles by groups."""

import base64
import re
import shutil
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from seacliff.people.groups import the_map_can_be_read
from seacliff.people.models import Function, Invitation, Membership, User
from seacliff.people.permissions import Role
from seacliff.record.models import Event

from .identity_providers import CLIENT, SamlProvider, oidc

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]
GROUPS = {
    "ts-reviewers": {"roles": ["reviewer"], "tier": 2},
    "ts-leads": {"roles": ["lead", "reviewer"], "tier": 4},
    "legal": {"roles": ["partner"], "functions": ["legal"]},
}
NEEDS_XMLSEC = pytest.mark.skipif(not shutil.which("xmlsec1"), reason="the SAML provider signs by xmlsec1")


@pytest.fixture
def groups(settings):
    settings.SIGN_ON_GROUPS = GROUPS
    return settings


def csp(settings, origin):
    settings.SECURE_CSP = {**settings.SECURE_CSP, "form-action": [*settings.SECURE_CSP["form-action"], origin]}


@pytest.fixture
def provider(settings):
    """An OpenID Connect provider that this installation trusts: a function that says who somebody is."""
    with oidc() as (address, knows):
        app = {"provider_id": "acme", "name": "Acme", **CLIENT, "settings": {"server_url": address}}
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}
        csp(settings, address)
        yield knows


def sign_in(page, live_server, sub):
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_role("link", name=re.compile("Acme")).or_(page.get_by_role("button", name=re.compile("Acme"))).click()
    if page.url.startswith(live_server.url):
        page.get_by_role("button", name=re.compile("Continue|Acme")).first.click()
    page.get_by_label("Subject").fill(sub)
    page.get_by_role("button", name="Authorize", exact=True).click()
    page.wait_for_url(f"{live_server.url}/**")


def member(email="ann@acme.example", **fields):
    return User.objects.create_user(email, name="Ann", **fields)


def test_somebody_who_is_here_signs_in_and_gets_the_roles_of_their_groups(page, live_server, provider, groups):
    ann = member(roles=["auditor"])
    provider("ann", email=ann.email, email_verified=True, name="Ann", groups=["ts-reviewers", "something else"])
    sign_in(page, live_server, "ann")
    ann.refresh_from_db()
    assert (ann.roles, ann.tier) == ([Role.REVIEWER], 2)
    event = Event.objects.get(verb="person.followed-groups")
    assert event.data["roles"] == [["auditor"], ["reviewer"]]
    assert page.get_by_role("link", name="Queues").first.is_visible()


def test_what_changes_at_the_provider_changes_here_at_the_next_sign_in(page, new_page, live_server, provider, groups):
    ann = member()
    provider("ann", email=ann.email, email_verified=True, groups=["ts-leads", "legal"])
    sign_in(page, live_server, "ann")
    ann.refresh_from_db()
    assert ann.roles == ["lead", "partner", "reviewer"] and ann.tier == 4
    assert [each.function.slug for each in ann.memberships.all()] == ["legal"]
    provider("ann", email=ann.email, email_verified=True, groups=["ts-reviewers"])
    sign_in(new_page(), live_server, "ann")
    ann.refresh_from_db()
    assert ann.roles == ["reviewer"] and not ann.memberships.exists()


def test_functions_that_no_group_names_stay_as_they_were_given(page, live_server, provider, groups):
    ann = member()
    Membership.objects.create(user=ann, function=Function.objects.create(slug="support", name="Support"))
    provider("ann", email=ann.email, email_verified=True, groups=["ts-reviewers"])
    sign_in(page, live_server, "ann")
    assert ann.memberships.get().function.slug == "support"


def test_who_is_in_no_group_is_not_let_in_and_told_whom_to_ask(page, live_server, provider, groups):
    ann = member(roles=["lead"])
    provider("ann", email=ann.email, email_verified=True, groups=["sales"])
    sign_in(page, live_server, "ann")
    assert page.get_by_text("You are in no group that may use Seacliff").is_visible()
    page.goto(f"{live_server.url}/queues")
    assert "/accounts/login" in page.url


def test_the_last_admin_stays_one(page, live_server, provider, groups):
    ann = member(roles=["admin"])
    provider("ann", email=ann.email, email_verified=True, groups=["ts-reviewers"])
    sign_in(page, live_server, "ann")
    ann.refresh_from_db()
    assert ann.roles == ["admin", "reviewer"]


def test_an_address_that_is_not_verified_opens_nobodys_account(page, live_server, provider, groups):
    ann = member(roles=["lead"])
    provider("mallory", email=ann.email, email_verified=False, groups=["ts-reviewers"])
    sign_in(page, live_server, "mallory")
    page.goto(f"{live_server.url}/queues")
    assert "/accounts/login" in page.url and not Event.objects.filter(verb="person.signed-in").exists()


def test_somebody_deactivated_stays_out(page, live_server, provider, groups):
    ann = member(is_active=False)
    provider("ann", email=ann.email, email_verified=True, groups=["ts-reviewers"])
    sign_in(page, live_server, "ann")
    page.goto(f"{live_server.url}/queues")
    assert "/accounts/login" in page.url


@pytest.mark.parametrize(("joins", "known"), [(True, 1), (False, 0)])
def test_a_group_lets_new_people_come_where_that_is_wanted(page, live_server, provider, groups, joins, known):
    groups.SIGN_ON_JOIN = joins
    provider("new", email="new@acme.example", email_verified=True, name="Nora New", groups=["ts-reviewers"])
    sign_in(page, live_server, "new")
    assert User.objects.filter(name="Nora New", roles=["reviewer"], tier=2).count() == known


def test_an_invitation_is_taken_up_by_signing_in(page, live_server, provider):
    Invitation.objects.create(
        email="new@acme.example", roles=["policy-manager"], digest="0" * 64,
        expires_at=timezone.now() + timedelta(days=1))  # fmt: skip
    provider("new", email="new@acme.example", email_verified=True, name="Nora New")
    sign_in(page, live_server, "new")
    assert User.objects.get(email="new@acme.example").roles == ["policy-manager"]
    assert Invitation.objects.get().accepted_at is not None


def test_passwords_can_be_switched_off_but_for_who_breaks_the_glass(client, settings):
    settings.SIGN_ON_ONLY, settings.BREAK_GLASS = True, ["root@acme.example"]
    for email in ("ann@acme.example", "root@acme.example"):
        User.objects.create_user(email, "correct horse battery", name=email, roles=["admin"])
    said = client.post("/accounts/login/", {"login": "ann@acme.example", "password": "correct horse battery"})
    assert "Passwords are switched off here" in said.content.decode() and "_auth_user_id" not in client.session
    client.post("/accounts/login/", {"login": "root@acme.example", "password": "correct horse battery"})
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"g": {"roles": ["king"]}}, "which there is not"),
        ({"g": {"tier": 12}}, "between 1 and 9"),
        ({"g": {"colour": 1}}, "can't be read"),
        (["g"], "can't be read"),
    ],
)
def test_a_faulty_map_is_refused_at_start(settings, wrong, said):
    settings.SIGN_ON_GROUPS = wrong
    [problem] = the_map_can_be_read(None)
    assert said in problem.msg


# ---- SAML


@pytest.fixture
def saml(settings, live_server, tmp_path, client):
    app = {"provider_id": "acme", "client_id": "acme", "name": "Acme", "settings": {
        "idp": {"entity_id": "x", "sso_url": "http://localhost/", "x509cert": "x"},
        "verified_email": ["acme.example"],
        "advanced": {"strict": True, "want_assertion_signed": True, "reject_idp_initiated_sso": True},
    }}  # fmt: skip
    settings.SOCIALACCOUNT_PROVIDERS = {"saml": {"APPS": [app]}}
    host = live_server.url.removeprefix("http://")
    metadata = client.get("/accounts/saml/acme/metadata/", headers={"host": host}).content.decode()
    found = SamlProvider(tmp_path, metadata)
    app["settings"]["idp"] = found.settings
    csp(settings, found.address)
    yield found
    found.stop()


def sign_in_by_saml(page, live_server):
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_role("link", name=re.compile("Acme")).or_(page.get_by_role("button", name=re.compile("Acme"))).click()
    if page.url.startswith(live_server.url):
        page.get_by_role("button", name=re.compile("Continue|Acme")).first.click()
    page.locator("input[type=submit]").click()
    page.wait_for_url(f"{live_server.url}/**")
    page.wait_for_load_state()


@NEEDS_XMLSEC
def test_saml_signs_in_and_gives_the_roles_of_the_groups(page, live_server, saml, groups):
    ann = member(roles=["auditor"])
    saml.who = {"mail": ann.email, "name": "Ann", "groups": ["ts-leads"]}
    sign_in_by_saml(page, live_server)
    ann.refresh_from_db()
    assert (ann.roles, ann.tier) == (["lead", "reviewer"], 4)
    assert page.get_by_role("link", name="Queues").first.is_visible()


def answered(client, live_server, answer):
    """Bring an answer to the address that takes them, as the provider's page would by the browser."""
    host = {"host": live_server.url.removeprefix("http://")}
    form = {"SAMLResponse": base64.b64encode(answer.encode()).decode(), "RelayState": "https://evil.example/"}
    return client.post("/accounts/saml/acme/acs/", form, headers=host, follow=True)


@NEEDS_XMLSEC
def test_a_saml_answer_that_is_not_right_lets_nobody_in(page, live_server, saml, groups):
    ann = member(roles=["auditor"])
    saml.who = {"mail": ann.email, "name": "Ann", "groups": ["ts-leads"]}
    acs, sp = (f"{live_server.url}/accounts/saml/acme/{name}/" for name in ("acs", "metadata"))
    sign_in_by_saml(page, live_server)
    right = saml.response_to("id-made-up", acs, sp)
    attacks = {
        "replayed": saml.sent[-1],
        "unsolicited": saml.response_to(None, acs, sp),
        "never asked for": right,
        "changed": right.replace("ts-leads", "ts-admin").replace(ann.email, "root@acme.example"),
        "for another": saml.response_to("id-made-up", "https://other.example/acs", sp),
        "no answer at all": "<xml/>",
    }
    saml.signs = False
    attacks["unsigned"] = saml.response_to("id-made-up", acs, sp)
    for attack, answer in attacks.items():
        client = Client()
        response = answered(client, live_server, answer)
        assert "_auth_user_id" not in client.session, attack
        assert all("evil" not in url for url, _status in response.redirect_chain), attack
    assert Event.objects.filter(verb="person.signed-in").count() == 1
