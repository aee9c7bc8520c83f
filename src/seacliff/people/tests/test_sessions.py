"""How long a sign-in holds, and what ends it."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from seacliff.people import actions
from seacliff.people.access import actor_of_user
from seacliff.people.models import User
from seacliff.people.permissions import Permission, Role

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def ann():
    return User.objects.create_user("ann@example.org", PASSWORD, name="Ann", roles=[Role.REVIEWER])


def signed_in(user, **cookies) -> Client:
    client = Client()
    for name, value in cookies.items():
        client.cookies[name] = value
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client


def is_in(client) -> bool:
    return client.get("/people/settings").status_code == 200


def after(**time):
    return time_machine.travel(timezone.now() + timedelta(**time), tick=False)


def test_a_sign_in_takes_a_new_session_whatever_was_planted(ann):
    planted = Client()
    planted.get("/accounts/login/")
    planted.session["x"] = "planted by somebody else"
    key = planted.session.session_key or "a" * 32
    client = signed_in(ann, seacliff_session=key)
    assert is_in(client) and client.cookies["seacliff_session"].value != key
    assert not is_in(_with(key))


def _with(key) -> Client:
    client = Client()
    client.cookies["seacliff_session"] = key
    return client


def test_the_cookie_is_for_browsers_alone_and_for_https_where_there_is_https(ann, settings):
    cookie = signed_in(ann).cookies["seacliff_session"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and not cookie["secure"]
    settings.SESSION_COOKIE_SECURE = True
    assert signed_in(ann).cookies["seacliff_session"]["secure"]


def test_whoever_asks_for_nothing_for_two_hours_is_signed_out(ann):
    client = signed_in(ann)
    with after(minutes=100):
        assert is_in(client)
    with after(minutes=200):
        assert is_in(client), "each page asked for begins the time anew"
    with after(minutes=330):
        assert not is_in(client)
    assert not is_in(client), "and the session is gone, not asleep"


def test_nobody_stays_signed_in_for_more_than_twelve_hours(ann):
    client = signed_in(ann)
    for hour in range(1, 12):
        with after(hours=hour):
            assert is_in(client)
    with after(hours=12, minutes=1):
        assert not is_in(client)


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(ann):
    client = signed_in(ann)
    with after(minutes=100):
        client.get("/cases/C-1/live")
    with after(minutes=130):
        assert not is_in(client)


def test_a_new_password_ends_the_other_sessions(ann):
    here, elsewhere = signed_in(ann), signed_in(ann)
    new = {"oldpassword": PASSWORD, "password1": "another horse entirely", "password2": "another horse entirely"}
    here.post("/accounts/password/change/", new)
    ann.refresh_from_db()
    assert ann.check_password(new["password1"]) and not is_in(elsewhere)


def test_signing_out_ends_the_session_on_the_server(ann):
    client = signed_in(ann)
    key = client.cookies["seacliff_session"].value
    client.post("/accounts/logout/")
    assert not Session.objects.filter(session_key=key).exists() and not is_in(_with(key))


def test_a_role_that_is_taken_away_is_gone_from_sessions_and_tokens_at_once(ann):
    root = User.objects.create_user("root@example.org", name="Root", roles=[Role.ADMIN])
    client, token = (
        signed_in(ann),
        actions.issue_token(actor_of_user(ann), ann, name="t", scopes=[Permission.CASE_VIEW])[1],
    )
    bearer = {"Authorization": f"Bearer {token}"}
    assert Client().get("/api/v1/cases", headers=bearer).status_code == 200 == client.get("/queues").status_code
    actions.edit_person(actor_of_user(root), ann, name="Ann", roles=[Role.PARTNER], tier=1)
    assert Client().get("/api/v1/cases", headers=bearer).status_code == 403 == client.get("/queues").status_code


def test_the_database_keeps_no_token_no_invitation_and_no_password_that_could_be_used(ann):
    secret = actions.issue_token(actor_of_user(ann), ann, name="t", scopes=[])[1]
    link = actions.invite(actor_of_user(ann), ann, email="new@example.org", roles=[Role.REVIEWER], tier=1)[1]
    rows = [*User.objects.values_list(), *ann.tokens.values_list(), *actions.Invitation.objects.values_list()]
    for kept in (secret, link.rstrip("/").rpartition("/")[2], PASSWORD):
        assert kept not in str(rows)


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "https:evil.example"],
)
def test_signing_in_leads_to_no_other_site(ann, elsewhere):
    client = Client()
    to = client.post(
        f"/accounts/login/?next={elsewhere}", {"login": ann.email, "password": PASSWORD, "next": elsewhere}
    )
    assert to.status_code == 302 and to["Location"].startswith("/") and not to["Location"].startswith(("//", "/\\"))
    to = client.post("/i18n/setlang/", {"language": "de", "next": elsewhere})
    assert to["Location"].startswith("/") and "evil" not in to["Location"]
