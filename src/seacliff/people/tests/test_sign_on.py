"""Single sign-on through real identity providers, in a real browser: OpenID Connect and SAML, roles by groups."""

import base64
import re
import shutil
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.core.context import request_context
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone
from lxml import etree

from seacliff.people.groups import the_map_can_be_read
from seacliff.people.models import Function, Invitation, Membership, User
from seacliff.people.permissions import Role
from seacliff.people.sign_in import has_second_factor
from seacliff.record.models import Event
from seacliff.settings import _strict_saml

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


class Asked:
    """Somebody who pressed the button and stands at the provider: a request lives in this browser's session."""

    def __init__(self, live_server, saml):
        from saml2 import BINDING_HTTP_REDIRECT

        self.saml, self.client = saml, Client(headers={"host": live_server.url.removeprefix("http://")})
        to = self.client.post("/accounts/saml/acme/login/").headers["Location"]
        asked = saml.idp.parse_authn_request(parse_qs(urlsplit(to).query)["SAMLRequest"][0], BINDING_HTTP_REDIRECT)
        self.id, self.acs, self.sp = (
            asked.message.id,
            asked.message.assertion_consumer_service_url,
            asked.message.issuer.text,
        )

    def right(self, **changes):
        facts = {"request_id": self.id, "destination": self.acs, "sp": self.sp} | changes
        return self.saml.response_to(**facts)

    def brings(self, answer):
        """Whether that answer lets them in; the record says why not."""
        form = {"SAMLResponse": base64.b64encode(answer.encode()).decode(), "RelayState": "https://evil.example/"}
        response = self.client.post("/accounts/saml/acme/acs/", form, follow=True)
        assert all("evil" not in url for url, _status in response.redirect_chain)
        return "_auth_user_id" in self.client.session


@pytest.fixture
def ann(saml, groups):
    saml.who = {"mail": "ann@acme.example", "name": "Ann", "groups": ["ts-leads"]}
    member("root@acme.example", roles=["admin"])
    return member(roles=["auditor"])


def refusal():
    event = Event.objects.filter(verb="person.sign-in-refused").order_by("-id").first()
    return event.reason if event else ""


@NEEDS_XMLSEC
def test_the_right_answer_to_a_live_request_lets_in_and_a_second_time_it_does_not(live_server, saml, ann):
    """What the attacks below change is otherwise right: each of them fails for its own reason."""
    asked = Asked(live_server, saml)
    answer = asked.right()
    assert asked.brings(answer)
    again = Asked(live_server, saml)
    assert not again.brings(answer), "an answer to another request"
    asked.client.cookies.pop("seacliff_session")
    assert not asked.brings(answer), "the same answer, and the request is gone"
    assert Event.objects.filter(verb="person.signed-in").count() == 1


def changed(asked):
    return asked.right().replace("ts-leads", "ts-admin").replace("ann@acme", "root@acme")


def unsigned(asked):
    asked.saml.signs = False
    return asked.right()


ATTACKS = [
    (
        "for another service",
        lambda asked: asked.right(destination="https://other.example/acs"),
        "instead of|not intended",
    ),
    ("changed after it was signed", changed, "[Ss]ignature|digest"),
    ("unsigned", unsigned, "not signed"),
    ("no answer at all", lambda asked: "<xml/>", ""),
    ("not XML", lambda asked: "}{", "can't be read"),
    ("with entities", lambda asked: ENTITIES + asked.right().partition("?>")[2], "can't be read"),
    ("of many megabytes", lambda asked: asked.right().replace("</", " " * 1_000_000 + "</", 3), "can't be read"),
]
ENTITIES = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ts-admin"><!ENTITY f SYSTEM "file:///etc/passwd">]>'


@NEEDS_XMLSEC
@pytest.mark.parametrize(("attack", "reason"), [row[1:] for row in ATTACKS], ids=[row[0] for row in ATTACKS])
def test_a_wrong_answer_to_a_live_request_lets_nobody_in_and_the_record_says_why(
    live_server, saml, ann, attack, reason
):
    asked = Asked(live_server, saml)
    assert not asked.brings(attack(asked))
    assert re.search(reason, refusal()) and refusal()
    assert not Event.objects.filter(verb="person.signed-in").exists()


@NEEDS_XMLSEC
def test_an_answer_nobody_asked_for_lets_nobody_in(live_server, saml, ann):
    asked = Asked(live_server, saml)
    assert not asked.brings(asked.right(request_id=None))
    assert not asked.brings(asked.right(request_id="id-made-up"))
    assert Event.objects.filter(verb="person.sign-in-refused").count() == 2


SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"


def wrapped(answer, way):
    """The signed assertion is kept where its signature holds, and a forged one is put where it would be read (XSW:
    Somorovsky et al., On Breaking SAML, 2012, figures 3 to 8)."""
    root = etree.fromstring(answer.encode())
    right = root.find(f"{SAML}Assertion")
    forged = etree.fromstring(
        etree.tostring(right).replace(b"ann@acme", b"root@acme").replace(b"ts-leads", b"ts-admins")
    )
    forged.set("ID", "forged")
    signature = forged.find(SIGNATURE)
    forged.remove(signature)
    if way == "before it":
        root.insert(root.index(right), forged)
    elif way == "after it":
        root.append(forged)
    elif way == "around it":
        root.replace(right, forged)
        forged.append(right)
    elif way == "around it, in the signature":
        root.replace(right, forged)
        inner = right.find(SIGNATURE)
        right.remove(inner)
        forged.insert(1, inner)
        etree.SubElement(inner, "{http://www.w3.org/2000/09/xmldsig#}Object").append(right)
    elif way == "in extensions":
        etree.SubElement(root, "{urn:oasis:names:tc:SAML:2.0:protocol}Extensions").append(right)
        root.append(forged)
    elif way == "under the same ID":
        forged.set("ID", right.get("ID"))
        root.insert(root.index(right), forged)
    return etree.tostring(root).decode()


@NEEDS_XMLSEC
@pytest.mark.parametrize("way", ["before it", "after it", "around it", "around it, in the signature", "in extensions",
                                 "under the same ID"])  # fmt: skip
def test_a_signature_wrapped_around_somebody_elses_words_lets_nobody_in(live_server, saml, ann, way):
    asked = Asked(live_server, saml)
    assert not asked.brings(wrapped(asked.right(), way))
    assert refusal() and not Event.objects.filter(verb="person.signed-in").exists()


@NEEDS_XMLSEC
def test_an_answer_signed_by_another_key_lets_nobody_in(live_server, saml, ann, tmp_path, settings):
    asked = Asked(live_server, saml)
    (tmp_path / "other").mkdir()
    other = SamlProvider(tmp_path / "other", Client().get("/accounts/saml/acme/metadata/", headers={
        "host": live_server.url.removeprefix("http://")}).content.decode())  # fmt: skip
    settings.SOCIALACCOUNT_PROVIDERS["saml"]["APPS"][0]["settings"]["idp"]["x509cert"] = other.settings["x509cert"]
    assert not asked.brings(asked.right()) and "ignature" in refusal()
    other.stop()


def test_what_a_setting_says_can_not_weaken_what_saml_asks():
    app = {"client_id": "acme", "settings": {"advanced": {"want_assertion_signed": False, "strict": False}}}
    with pytest.raises(ImproperlyConfigured, match="strict, want_assertion_signed of acme"):
        _strict_saml(app)
    more = {"client_id": "acme", "settings": {"advanced": {"want_message_signed": True}}}
    _strict_saml(more)
    assert more["settings"]["advanced"]["want_message_signed"] and more["settings"]["advanced"]["strict"]


# ---- how somebody signed in there


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        ({"userinfo": {"amr": ["pwd"]}}, False),
        ({"id_token": {"amr": ["pwd", "otp"]}}, True),
        ({"id_token": {"acr": "mfa"}}, True),
        ({"http://schemas.microsoft.com/claims/authnmethodsreferences": ["hwk"]}, True),
        ({}, False),
        ({"id_token": {"amr": None}}, False),
    ],
)
def test_a_provider_whose_settings_name_second_factors_must_say_one(rf, settings, said, counts):
    app = {"provider_id": "acme", "name": "Acme", **CLIENT, "settings": {"server_url": "https://idp.example"}}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    request = rf.get("/")
    with request_context(request):
        provider = get_adapter().get_provider(request, "acme")
        login = SocialLogin(provider=provider, account=SocialAccount(provider="acme", uid="ann", extra_data=said))
        assert has_second_factor(login), "where nothing is named, the provider's sign-in counts"
        provider.app.settings["second_factor"] = ["otp", "hwk", "mfa"]
        assert has_second_factor(login) is counts


@pytest.mark.parametrize(
    ("named", "said", "is_in"), [([], ["pwd"], True), (["otp"], ["otp"], True), (["otp"], ["pwd"], False)]
)
def test_a_factor_that_the_provider_asked_for_is_asked_for_once(
    page, live_server, provider, settings, named, said, is_in
):
    """Where everybody must have one, whoever comes by the provider needs none of their own beside it."""
    settings.MFA_DEMANDED = "everyone"
    [app] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    app["settings"]["second_factor"] = named
    ann = member(roles=["reviewer"])
    provider("ann", email=ann.email, email_verified=True, name="Ann", amr=said)
    sign_in(page, live_server, "ann")
    page.goto(f"{live_server.url}/people/settings")
    assert ("/accounts/2fa/" not in page.url) is is_in
    assert Event.objects.get(verb="person.signed-in").data["how"] == ["acme"]


def test_a_refusal_by_groups_or_without_an_invitation_is_an_event(page, new_page, live_server, provider, groups):
    ann = member(roles=["lead"])
    provider("ann", email=ann.email, email_verified=True, groups=["sales"])
    sign_in(page, live_server, "ann")
    assert refusal() == "in no mapped group"
    provider("new", email="new@acme.example", email_verified=True, groups=["ts-reviewers"])
    sign_in(new_page(), live_server, "new")
    assert refusal() == "not invited"
