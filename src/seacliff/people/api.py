"""API: who am I, and what may I do?"""

from typing import Any
from uuid import UUID

from ninja import Router, Schema

from seacliff.people.access import Request, scope
from seacliff.people.permissions import Permission

router = Router()


class Me(Schema):
    id: UUID
    name: str
    email: str
    roles: list[str]
    permissions: list[str]
    token: str


@router.get("", response=Me)
@scope(Permission.CONSOLE_USE)
def me(request: Request) -> dict[str, Any]:
    """The person behind the token or session, and what this caller may do."""
    caller = request.auth
    return {
        "id": caller.user.id,
        "name": caller.user.name,
        "email": caller.user.email,
        "roles": caller.user.roles,
        "permissions": sorted(each for each in Permission if caller.may(each)),
        "token": caller.token_name,
    }
