"""The API's frame: who gets in, what an error looks like, how lists go on."""

import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from seacliff.api import api
from seacliff.people import access, rates
from seacliff.people.models import ApiToken, Function, User
from seacliff.people.permissions import Permission
from seacliff.record.models import Event
from seacliff.record.pages import BadCursor, page

pytestmark = pytest.mark.django_db


def token(owner: User, *scopes: str, **fields) -> str:
    secret = f"sc_{owner.name}{len(scopes)}{ApiToken.objects.count()}"
    ApiToken.objects.create(
        name="sync", prefix=secret[:8], digest=access.digest_of(secret), scopes=list(scopes), owner=owner, **fields
    )
    access.forget_tokens()
    return secret


def me(client: Client, secret: str):
    return client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})


def test_a_token_may_do_what_its_scopes_and_its_owner_allow(client, ann):
    secret = token(ann, Permission.CONSOLE_USE, Permission.CASE_DECIDE)
    answer = me(client, secret)
    assert answer.status_code == 200
    assert answer.json()["permissions"] == [Permission.CONSOLE_USE]  # an admin may not decide, so her token may not


def test_a_token_without_the_scope_is_refused_with_the_permission_named(client, ann):
    answer = me(client, token(ann, Permission.POLICY_VIEW))
    assert answer.status_code == 403
    assert Permission.CONSOLE_USE in answer.json()["detail"]


@pytest.mark.parametrize("field", ["revoked_at", "expires_at"])
def test_a_revoked_or_expired_token_is_refused(client, ann, field):
    secret = token(ann, Permission.CONSOLE_USE, **{field: timezone.now() - timedelta(seconds=1)})
    assert me(client, secret).status_code == 401


def test_a_token_of_somebody_who_left_is_refused(client, ann):
    secret = token(ann, Permission.CONSOLE_USE)
    User.objects.filter(id=ann.id).update(is_active=False)
    assert me(client, secret).status_code == 401


def test_a_stranger_is_told_how_to_sign_in(client):
    answer = client.get("/api/v1/me")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    problem = answer.json()
    assert {"type", "title", "status", "detail", "instance", "request_id"} <= problem.keys()
    assert (problem["status"], problem["instance"]) == (401, "/api/v1/me")


def test_a_bad_token_is_refused_even_beside_a_good_session(client, ann):
    client.force_login(ann)
    assert me(client, "sc_nonsense").status_code == 401


def test_a_session_works_and_acts_as_the_person(client, ann):
    client.force_login(ann)
    assert client.get("/api/v1/me").json()["token"] == ""
    assert access.Caller(ann).actor.kind == Event.ActorKind.PERSON


def test_last_use_is_written_once_a_minute(client, ann, django_assert_num_queries):
    secret = token(ann, Permission.CONSOLE_USE)
    me(client, secret)
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    access.forget_tokens()
    with django_assert_num_queries(1):
        me(client, secret)
    assert ApiToken.objects.get().last_used_at == first
    with django_assert_num_queries(0):  # remembered for two seconds
        me(client, secret)


@pytest.mark.parametrize(("method", "path", "status"), [("get", "/api/v1/nothing", 404), ("delete", "/api/v1/me", 405)])
def test_what_django_answers_under_the_api_is_a_problem_as_well(client, method, path, status):
    answer = getattr(client, method)(path)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status


def test_every_operation_names_the_permission_it_needs():
    for path, operations in api.get_openapi_schema(path_prefix="")["paths"].items():
        for method, operation in operations.items():
            assert operation.get("x-permission"), f"{method.upper()} {path} is open to every caller"


def test_the_documentation_page_names_every_operation_and_problem(client):
    text = client.get("/api/v1/docs").content.decode()
    assert "/api/v1/me" in text
    assert "<script>" not in text


def test_a_list_by_key_neither_repeats_nor_misses_rows_while_others_arrive():
    for number in range(25):
        Function.objects.create(slug=f"f{number}", name=f"{number // 5}")
    seen, after = [], ""
    while True:
        found = page(Function.objects.all(), after=after, limit=4, keys=("name", "-id"))
        seen += [row.slug for row in found.rows]
        if not found.after:
            break
        after = found.after
        Function.objects.create(slug=f"new{len(seen)}", name="0")  # lands on a page already read
    assert len(seen) == len(set(seen)) == 25


def test_a_list_by_key_costs_one_query(django_assert_num_queries):
    Function.objects.bulk_create(Function(slug=f"f{n}", name="x") for n in range(10))
    with django_assert_num_queries(1):
        first = page(Function.objects.all(), limit=3)
    with django_assert_num_queries(1):
        page(Function.objects.all(), after=first.after, limit=3)


@pytest.mark.parametrize("after", ["x", "!!", "W10", "WyJ4Il0", "\x00"])
def test_a_foreign_cursor_is_refused(after):
    with pytest.raises(BadCursor):
        page(Function.objects.all(), after=after)


def test_rates_allow_so_many_and_come_back_evenly():
    assert [rates.allow("a", 3, 60) for _ in range(5)] == [True, True, True, False, False]
    assert rates.allow("b", 3, 60)
    assert 15 < rates.wait("a", 3, 60) <= 20
    assert [rates.allow("c", 2, 2) for _ in range(3)] == [True, True, False]
    time.sleep(1.1)  # one of the two comes back each second
    assert rates.allow("c", 2, 2)
    assert rates.clean() >= 0
