"""How people come, what they become, how they go."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse
from django.utils import timezone

from seacliff.people import actions, rates
from seacliff.people.access import actor_of_user
from seacliff.people.models import ApiToken, Function, Invitation, User
from seacliff.people.permissions import GRANTS, Permission, Role
from seacliff.people.problems import Conflict, NotAllowed
from seacliff.record.actions import SYSTEM
from seacliff.record.models import Event

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough pass phrase"


def path_of(link: str) -> str:
    return re.sub(r"^https?://[^/]+", "", link)


def verbs() -> list[str]:
    return list(Event.objects.order_by("seq").values_list("verb", flat=True))


def test_an_admin_invites_and_the_link_lets_somebody_in_once(client, ann):
    client.force_login(ann)
    page = client.post(reverse("people:invite"), {"email": "New@example.org", "roles": ["reviewer"], "tier": "2"})
    assert page.status_code == 200
    (message,) = mail.outbox
    link = path_of(re.search(r"http\S+/people/join/\S+", message.body)[0])
    assert link.rsplit("/", 1)[1] not in str(Invitation.objects.values())  # only its digest is kept

    new = Client()
    assert new.post(link, {"name": "New", "password": PASSWORD}).status_code == 302
    user = User.objects.get(email__iexact="new@example.org")
    assert (user.roles, user.tier) == (["reviewer"], 2)
    assert new.get(reverse("people:settings")).status_code == 200
    assert Client().get(link).status_code == 410
    assert verbs()[-2:] == ["person.invited", "person.joined"]


def test_a_name_can_not_bring_in_headers_of_the_invitation(ann):
    for company, name in (("Acme\nBcc: all@example.org", "New"), ("Acme", "New\r\nBcc: all@example.org")):
        invitation, link = actions.invite(actor_of_user(ann), ann, email="new@example.org", roles=[], name=name)
        with override_settings(COMPANY_NAME=company):
            actions.send_invitation(invitation, link)
    for message in mail.outbox:
        assert message.message()["Bcc"] is None and message.recipients() == ["new@example.org"]
    assert len(mail.outbox) == 2


def test_an_invitation_taken_back_expired_or_replaced_lets_nobody_in(client, ann):
    actor = actor_of_user(ann)
    first, link = actions.invite(actor, ann, email="a@example.org", roles=["auditor"])
    _, second = actions.invite(actor, ann, email="A@example.org", roles=["auditor"])
    assert client.get(path_of(link)).status_code == 410
    assert client.get(path_of(second)).status_code == 200
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(path_of(second)).status_code == 410
    third, link = actions.invite(actor, ann, email="c@example.org", roles=["auditor"])
    actions.revoke_invitation(actor, third)
    assert client.post(path_of(link), {"name": "C", "password": PASSWORD}).status_code == 410
    with pytest.raises(Conflict):
        actions.join(link.rsplit("/", 1)[1], name="C", email="", password=PASSWORD)
    assert first.id != third.id


def test_a_mail_server_that_is_away_does_not_lose_the_invitation(client, ann, settings):
    away = {"host": "127.0.0.1", "port": 1}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": away}}
    client.force_login(ann)
    page = client.post(reverse("people:invite"), {"email": "new@example.org", "roles": ["reviewer"], "tier": "1"})
    assert "could not be sent" in page.content.decode()
    assert "/people/join/" in page.content.decode()


def test_the_one_time_link_makes_the_first_admin_and_the_one_before_dies(client):
    assert actions.needs_first_admin()
    old, link = actions.one_time_admin_link(), actions.one_time_admin_link()
    assert client.get(path_of(old)).status_code == 410
    answer = client.post(path_of(link), {"email": "ada@example.org", "name": "Ada", "password": PASSWORD})
    assert answer["Location"] == reverse("start")
    assert not actions.needs_first_admin()
    assert client.get(reverse("start")).status_code == 200
    assert Client().get(path_of(link)).status_code == 410


@pytest.mark.parametrize("password", ["short", "ada@example.org", "password1234"])
def test_a_weak_password_is_refused_where_it_was_typed(client, password):
    link = path_of(actions.one_time_admin_link())
    page = client.post(link, {"email": "ada@example.org", "name": "Ada", "password": password})
    assert page.status_code == 200
    assert page.context["form"].errors["password"]
    assert not User.objects.exists()


def test_nobody_signs_up_without_an_invitation(client):
    assert client.post(reverse("account_signup"), {"email": "x@example.org"}).status_code == 200
    assert not User.objects.exists()


def test_signing_in_is_on_the_record_and_guessing_is_slowed_down(client, rob, monkeypatch):
    monkeypatch.setattr("seacliff.people.sign_in.TRIES_PER_ADDRESS", 3)
    login = reverse("account_login")
    right = {"login": rob.email, "password": "staple battery horse"}
    assert client.post(login, right).status_code == 302
    assert verbs() == ["person.signed-in"]
    guesser = Client()
    for _ in range(2):
        assert guesser.post(login, {"login": rob.email, "password": "wrong guess here"}).status_code == 200
    assert guesser.post(login, right).status_code == 200  # right, and too late
    assert "_auth_user_id" not in guesser.session


def test_shutting_somebody_out_ends_sessions_and_tokens_at_once(ann, rob):
    _, secret = actions.issue_token(actor_of_user(rob), rob, name="sync", scopes=[Permission.CONSOLE_USE])
    here = Client()
    here.force_login(rob)
    bearer = {"Authorization": f"Bearer {secret}"}
    assert here.get(reverse("people:settings")).status_code == 200
    assert Client().get("/api/v1/me", headers=bearer).status_code == 200

    actions.deactivate(actor_of_user(ann), rob)
    assert here.get(reverse("people:settings")).status_code == 302
    assert Client().get("/api/v1/me", headers=bearer).status_code == 401
    actions.reactivate(actor_of_user(ann), rob)
    assert here.get(reverse("people:settings")).status_code == 302  # an old session does not come back to life


def test_the_last_admin_stays(ann, rob):
    actor = actor_of_user(ann)
    with pytest.raises(Conflict):
        actions.deactivate(actor, ann)
    with pytest.raises(Conflict):
        actions.edit_person(actor, ann, name="Ann", roles=["lead"], tier=1)
    actions.edit_person(actor, rob, name="Rob", roles=["admin", "reviewer"], tier=1)
    actions.deactivate(actor, ann)
    assert not User.objects.get(id=ann.id).is_active


def test_an_edit_is_recorded_with_before_and_after(client, ann, rob):
    client.force_login(ann)
    form = {"name": "Rob", "roles": ["reviewer", "lead"], "tier": "3", "languages": "EN, de"}
    assert client.post(reverse("people:person", args=[rob.id]), form).status_code == 302
    rob.refresh_from_db()
    assert (rob.roles, rob.tier, rob.languages) == (["lead", "reviewer"], 3, ["de", "en"])
    event = Event.objects.get(verb="person.edited")
    assert event.data["tier"] == [1, 3]
    assert event.actor_name == "Ann"
    wrong = client.post(reverse("people:person", args=[rob.id]), form | {"languages": "klingonese"})
    assert "No such language" in wrong.content.decode()


def test_a_token_cannot_reach_beyond_its_owner(rob):
    with pytest.raises(NotAllowed):
        actions.issue_token(actor_of_user(rob), rob, name="x", scopes=[Permission.PEOPLE_MANAGE])


def test_a_token_is_shown_once_and_never_kept(client, rob):
    client.force_login(rob)
    page = client.post(reverse("people:new-token"), {"name": "sync", "life": "30", "scopes": [Permission.CASE_VIEW]})
    secret = page.context["secret"]
    assert secret in page.content.decode()
    row = ApiToken.objects.values().get()
    assert secret not in str(row)
    assert secret.startswith(row["prefix"])
    assert 29 < (row["expires_at"] - timezone.now()).days + 1 <= 30
    assert secret not in client.get(reverse("people:settings")).content.decode()
    assert secret not in str(list(Event.objects.values()))


def test_only_its_owner_or_an_admin_revokes_a_token(client, ann, rob):
    token, _ = actions.issue_token(actor_of_user(ann), ann, name="hers", scopes=[Permission.CONSOLE_USE])
    client.force_login(rob)
    assert client.post(reverse("people:revoke-token", args=[token.id])).status_code == 404
    client.force_login(ann)
    client.post(reverse("people:revoke-token", args=[token.id]))
    assert ApiToken.objects.get().revoked_at is not None


PAGES = {
    "people:list": Permission.PEOPLE_MANAGE,
    "people:invite": Permission.PEOPLE_MANAGE,
    "people:functions": Permission.PEOPLE_MANAGE,
    "people:permissions": Permission.CONSOLE_USE,
    "people:settings": Permission.CONSOLE_USE,
    "people:new-token": Permission.CONSOLE_USE,
    "start": Permission.PEOPLE_MANAGE,
}


@pytest.mark.parametrize("name", PAGES)
def test_each_page_opens_for_the_roles_that_hold_its_permission_and_for_no_other(client, name):
    assert client.get(reverse(name)).status_code == 302
    for role in Role:
        user = User.objects.create_user(f"{role}@example.org", name=role, roles=[role])
        client.force_login(user)
        assert client.get(reverse(name)).status_code == (200 if PAGES[name] in GRANTS[role] else 403), role


def test_the_list_costs_the_same_for_three_people_and_for_forty(client, ann, django_assert_num_queries):
    client.force_login(ann)
    client.get(reverse("people:list"))

    def grow(count: int) -> None:
        function = Function.objects.get_or_create(slug="legal", name="Legal")[0]
        for number in range(count):
            email = f"u{User.objects.count()}@example.org"
            user = User.objects.create_user(email, name=f"U{number}", roles=["auditor"])
            actions.place(SYSTEM, user, function)

    grow(2)
    with django_assert_num_queries(5):  # session, user, people, memberships, invitations
        client.get(reverse("people:list"))
    grow(38)
    with django_assert_num_queries(5):
        client.get(reverse("people:list"))


def test_functions_hold_teams_and_people(client, ann, rob):
    client.force_login(ann)
    client.post(reverse("people:functions"), {"name": "Communications", "slug": "comms", "description": ""})
    page = reverse("people:function", args=["comms"])
    client.post(page, {"form": "team", "name": "Press"})
    team = Function.objects.get().teams.get()
    client.post(page, {"form": "place", "place-person": str(rob.id), "place-team": str(team.id)})
    membership = rob.memberships.get()
    assert membership.team == team
    client.post(reverse("people:remove-team", args=[team.id]))
    assert rob.memberships.get().team is None
    client.post(reverse("people:displace", args=[membership.id]))
    assert not rob.memberships.exists()
    assert set(verbs()) >= {"function.added", "team.added", "function.member-placed", "function.member-removed"}


def test_pages_come_in_the_language_and_time_zone_of_whoever_reads_them(client, rob):
    client.force_login(rob)
    form = {"name": "Rob", "language": "de", "time_zone": "Europe/Berlin"}
    assert client.post(reverse("people:settings"), form).status_code == 302
    assert '<html lang="de"' in client.get(reverse("people:settings")).content.decode()


def test_a_demanded_second_factor_stands_before_every_page_but_its_own(client, rob, settings):
    client.force_login(rob)
    assert client.get(reverse("people:settings")).status_code == 200
    settings.MFA_DEMANDED = "admins"
    assert client.get(reverse("people:settings")).status_code == 200
    settings.MFA_DEMANDED = "everyone"
    assert client.get(reverse("people:settings"))["Location"] == reverse("mfa_index")
    assert client.get(reverse("mfa_index")).status_code == 200


def test_an_identity_provider_from_the_settings_stands_on_the_sign_in_page(client, settings):
    app = {"provider_id": "acme", "name": "Acme Login", "client_id": "x", "secret": "y"}
    app["settings"] = {"server_url": "https://id.example.org"}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    page = client.get(reverse("account_login")).content.decode()
    assert "Acme Login" in page
    assert "/accounts/oidc/acme/login/" in page


def test_rates_are_kept_under_a_digest(django_assert_num_queries):
    from django.db import connection

    with django_assert_num_queries(1):
        rates.allow("form:203.0.113.7", 5, 60)
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM people_rate")
        assert "203.0.113.7" not in str(cursor.fetchall())
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'people_rate'")
        assert cursor.fetchone() == ("u",)
