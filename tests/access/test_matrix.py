"""Who reaches what: every address and operation, as every role and as a stranger, compared with matrix.csv.

A new address fails here until the table has its row. To write the table anew, and then to read the difference with care:
SEACLIFF_WRITE_ACCESS_MATRIX=1 make pytest TESTS=tests/access (fields.csv is written with it)
"""

import os

import pytest

from seacliff.api import api
from seacliff.people.access import forget_tokens
from seacliff.people.actions import issue_token
from seacliff.people.models import User
from seacliff.people.permissions import GRANTS, Permission, Role
from seacliff.record.actions import SYSTEM

from .walk import outcome, routes, table, write
from .world import STRANGER

pytestmark = pytest.mark.django_db


def test_every_address_answers_every_role_as_the_table_says(walked):
    walked = walked.rows
    if os.environ.get("SEACLIFF_WRITE_ACCESS_MATRIX"):
        write(walked)
    said = table()
    unknown = sorted(set(walked) - set(said))
    assert not unknown, f"The access matrix has no row for {unknown}. Say who may reach it, then write the table."
    gone = sorted(set(said) - set(walked))
    assert not gone, f"The access matrix has rows for what is not there: {gone}."
    wrong = [
        f"{method} {address} as {who}: {walked[address, method][who]}, the table says {expected}"
        for (address, method), row in said.items()
        for who, expected in row.items()
        if walked[address, method][who] != expected
    ]
    assert not wrong, "\n".join(wrong)


def test_the_table_and_the_grants_agree():
    """Where an address names a permission, roles that hold it are let in and nobody else is."""
    wrong = []
    for (address, method), row in table().items():
        if not row["permission"]:
            continue
        permission = Permission(row["permission"])
        for role in Role:
            holds = permission in GRANTS[role]
            if not holds and row[role] in ("yes", "no-such"):
                wrong.append(f"{method} {address}: {role} gets {row[role]} without {permission}")
            if holds and row[role] in ("sign-in",):
                wrong.append(f"{method} {address}: {role} is sent away with {permission}")
        if row[STRANGER] not in ("sign-in", "no-method"):
            wrong.append(f"{method} {address}: a stranger gets {row[STRANGER]}")
    assert not wrong, "\n".join(wrong)


def test_a_token_reaches_what_its_scopes_name_and_nothing_else(world, client):
    """Every operation of the API with a token that has every scope but the one it needs, and with that one alone."""
    owner = User.objects.get(id=world.people[Role.ADMIN].id)
    owner.roles = [role.value for role in Role]
    owner.save()
    wrong = []
    for route in routes():
        if not route.key[0].startswith("/api/v1/") or not route.permission:
            continue
        without = sorted(set(Permission) - {route.permission})
        for scopes, let_in in ((without, False), ([route.permission], True)):
            secret = issue_token(SYSTEM, owner, name="t", scopes=scopes)[1]
            forget_tokens()
            send = getattr(client, route.method.lower())
            body = {} if route.method in ("GET", "DELETE") else {"data": "{}", "content_type": "application/json"}
            answer = send(route.url(world), headers={"Authorization": f"Bearer {secret}"}, **body)
            User.objects.filter(id=owner.id).update(secluded_until=None)  # they may have taken a re-review
            refused = outcome(answer) == "no" and b"needs the permission" in answer.content  # not for whose it is
            if refused is let_in:
                wrong.append(f"{route.method} {route.path} with {scopes if let_in else 'every other scope'}: "
                             f"{answer.status_code}")  # fmt: skip
    assert not wrong, "\n".join(wrong)


def test_every_operation_of_the_api_names_its_permission():
    unnamed = [route.path for route in routes() if route.key[0].startswith("/api/v1/") and not route.permission]
    assert not unnamed
    assert api.openapi_url


def test_console_pages_without_a_named_permission_are_those_we_know():
    """A page that forgot @needs would stand here."""
    open_pages = {name for (name, _method), row in table().items() if not row["permission"] and "/" not in name}
    ours = {name for name in open_pages if name.split(":")[0] in OURS}
    assert ours == KNOWN_OPEN, ours ^ KNOWN_OPEN


OURS = {"enforcement", "intake", "policy", "targets", "review", "appeals", "record", "people", "home", "start",
        "policy-pack", "screens", "restricted", "quality", "privacy", "value", "wellness",
        "partners", "playbooks", "relationships"}  # fmt: skip
KNOWN_OPEN = {
    "relationships:pulse",
    "screens:style_guide",
    "screens:style_guide_public",
    "appeals:of-notice",
    "appeals:of-status",
    "enforcement:public-notice",
    "home",
    "intake:received",
    "intake:report",
    "intake:report-product",
    "partners:by-link",
    "partners:link-file",
    "people:join",
    "policy:changes",
    "privacy:download",
    "policy:rules",
    "review:status",
}
