"""Signing in with a second factor, from setting it up to losing it: codes as an app on a phone makes them."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from seacliff.people import actions
from seacliff.people.access import actor_of_user
from seacliff.people.permissions import Permission
from seacliff.record.models import Event

pytestmark = pytest.mark.django_db
AUTHENTICATE = reverse("mfa_authenticate")


@pytest.fixture(autouse=True)
def nothing_counted():
    """Used codes and tries are kept in the cache."""
    cache.clear()
    yield
    cache.clear()


def code(secret: str, steps: int = 0) -> str:
    """RFC 6238: of now, or of so many half minutes from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def by_password(person) -> Client:
    client = Client()
    form = {"login": person.email, "password": "staple battery horse"}
    assert client.post(reverse("account_login"), form).status_code == 302
    return client


def again(client: Client) -> Client:
    """Their password once more, which setting up and giving up ask for."""
    form = {"password": "staple battery horse"}
    assert client.post(reverse("account_reauthenticate"), form).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("people:settings")).status_code == 200


@pytest.fixture
def secret(rob, settings) -> str:
    """Everybody must have one; Rob sets his up."""
    settings.MFA_DEMANDED = "everyone"
    client = by_password(rob)
    assert client.get(reverse("people:settings"))["Location"] == reverse("mfa_index")
    assert client.get(reverse("mfa_activate_totp"))["Location"].startswith(reverse("account_reauthenticate"))
    page = again(client).get(reverse("mfa_activate_totp"))
    found = client.session["mfa.totp.secret"]
    assert found in page.content.decode()
    assert client.post(reverse("mfa_activate_totp"), {"code": wrong(found)}).status_code == 200
    assert not is_in(client)
    assert client.post(reverse("mfa_activate_totp"), {"code": code(found)}).status_code == 302
    assert is_in(client)
    cache.clear()  # as after half a minute: a code is good once
    return found


def wrong(secret: str) -> str:
    good = {code(secret, steps) for steps in (-2, -1, 0, 1, 2)}
    return next(each for each in ("123456", "654321", "111222", "333444", "555666", "777888") if each not in good)


def test_a_password_alone_leads_to_the_code_and_opens_nothing(rob, secret):
    client = by_password(rob)
    assert not is_in(client)
    assert client.get("/api/v1/me").status_code == 401
    assert client.post(AUTHENTICATE, {"code": wrong(secret)}).status_code == 200
    assert not is_in(client)
    assert client.post(AUTHENTICATE, {"code": code(secret)}).status_code == 302
    assert is_in(client)
    assert client.get("/api/v1/me").status_code == 200
    first, second = Event.objects.filter(verb="person.signed-in").order_by("seq")
    assert (first.data["how"], second.data["how"]) == (["password"], ["password", "totp"])


def test_a_code_is_good_once(rob, secret):
    seen = code(secret)
    assert by_password(rob).post(AUTHENTICATE, {"code": seen}).status_code == 302
    over_a_shoulder = by_password(rob)
    assert over_a_shoulder.post(AUTHENTICATE, {"code": seen}).status_code == 200
    assert not is_in(over_a_shoulder)


def test_guessing_codes_is_slowed_down(rob, secret):
    guesser = by_password(rob)
    for _ in range(10):
        guesser.post(AUTHENTICATE, {"code": wrong(secret)})
    answer = guesser.post(AUTHENTICATE, {"code": code(secret)})
    assert answer.status_code in (200, 429) and not is_in(guesser), "right, and too late"


def test_a_recovery_code_lets_in_once(rob, secret):
    client = by_password(rob)
    client.post(AUTHENTICATE, {"code": code(secret)})
    again(client).post(reverse("mfa_generate_recovery_codes"))
    codes = re.findall(r"\b[0-9a-z]{8}\b", client.get(reverse("mfa_download_recovery_codes")).content.decode())
    assert len(codes) == 10
    for expected in (302, 200):
        assert by_password(rob).post(AUTHENTICATE, {"code": codes[0]}).status_code == expected


def test_without_the_factor_that_is_demanded_a_session_opens_no_page_and_no_operation(rob, settings):
    client = by_password(rob)
    assert client.get("/api/v1/me").status_code == 200
    settings.MFA_DEMANDED = "everyone"
    for path in ("/", "/policies", "/people/settings", "/asks"):
        assert client.get(path)["Location"] == reverse("mfa_index"), path
    for way in ({}, {"headers": {"X-CSRFToken": "x"}}):
        answer = client.get("/api/v1/me", **way)
        assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
        assert "second factor" in answer.json()["detail"]
    _, token = actions.issue_token(actor_of_user(rob), rob, name="sync", scopes=[Permission.CONSOLE_USE])
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_somebody_who_gives_theirs_up_is_asked_for_another(rob, secret):
    client = by_password(rob)
    client.post(AUTHENTICATE, {"code": code(secret)})
    assert is_in(client)
    client.post(reverse("mfa_deactivate_totp"))
    assert is_in(client), "not without their password"
    again(client).post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=rob).exists()
    assert client.get(reverse("people:settings"))["Location"] == reverse("mfa_index")


def test_after_a_reset_old_sessions_are_over_and_a_new_factor_is_demanded(ann, rob, secret):
    client = by_password(rob)
    client.post(AUTHENTICATE, {"code": code(secret)})
    actions.reset_second_factor(actor_of_user(ann), rob)
    assert client.get(reverse("people:settings"))["Location"].startswith(reverse("account_login"))
    assert by_password(rob).get(reverse("people:settings"))["Location"] == reverse("mfa_index")


def test_a_new_secret_key_still_believes_factors_of_the_one_before(rob, secret, settings):
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key, of today"
    client = by_password(rob)
    client.post(AUTHENTICATE, {"code": code(secret)})
    assert is_in(client)


def test_the_database_alone_makes_no_codes(rob, secret):
    assert secret not in str(Authenticator.objects.values_list("data", flat=True))
