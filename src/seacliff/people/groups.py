"""Roles from the groups that an identity provider names, followed at each sign-in.

Where SEACLIFF_SIGN_ON_GROUPS maps groups, the map owns the roles, the tier and the mapped functions of whoever signs in by a
provider: what was given by hand is taken away again. Who is in none of the groups is not let in.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.core.checks import Error, register
from django.db import transaction

from seacliff.people.access import forget_tokens
from seacliff.people.actions import keep_an_admin, person
from seacliff.people.models import Function, Membership, User
from seacliff.people.permissions import Role
from seacliff.people.problems import Conflict
from seacliff.record.actions import SYSTEM, happened

USUAL_CLAIMS = (
    *("groups", "roles", "memberOf"),
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
    "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",  # isMemberOf of eduMember
)


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What belonging to a group gives."""

    roles: tuple[str, ...] = ()
    tier: int = 1
    functions: tuple[str, ...] = ()


def mapped() -> dict[str, Given]:
    """The map of the settings. Raises ValueError with a sentence."""
    try:
        found = msgspec.convert(settings.SIGN_ON_GROUPS, dict[str, Given])
    except msgspec.ValidationError as error:
        raise ValueError(f"SEACLIFF_SIGN_ON_GROUPS can't be read: {error}.") from error
    for group, given in found.items():
        if unknown := set(given.roles) - set(Role.values):
            raise ValueError(
                f"SEACLIFF_SIGN_ON_GROUPS gives the group {group} the role {', '.join(sorted(unknown))}, which there is not. "
                f"The roles are {', '.join(Role.values)}."
            )
        if not 1 <= given.tier <= 9:
            raise ValueError(f"SEACLIFF_SIGN_ON_GROUPS: the tier of {group} lies between 1 and 9.")
    return found


@register()
def the_map_can_be_read(app_configs: Any, **kwargs: Any) -> list[Error]:
    """At start, not at somebody's sign-in."""
    try:
        mapped()
    except ValueError as error:
        return [Error(str(error), id="people.E001")]
    return []


def groups_of(login: SocialLogin) -> list[str]:
    """What the provider says that somebody belongs to, from OIDC claims or SAML attributes."""
    data = login.account.extra_data or {}
    app = login.provider.app
    named = (app.settings or {}).get("groups") if app else None
    sources = [data, data.get("userinfo") or {}, data.get("id_token") or {}]
    found: list[str] = []
    for claim in [named] if named else USUAL_CLAIMS:
        for source in sources:
            value = source.get(claim) or []
            found += [value] if isinstance(value, str) else [str(each) for each in value]
    return list(dict.fromkeys(found))


def given_to(groups: Iterable[str]) -> Given | None:
    """What the groups give together; None when none of them is mapped."""
    found = [given for group, given in mapped().items() if group in set(groups)]
    if not found:
        return None
    return Given(
        tuple(sorted({role for given in found for role in given.roles})),
        max(given.tier for given in found),
        tuple(sorted({function for given in found for function in given.functions})),
    )


@transaction.atomic
def follow(user: User, groups: Iterable[str], provider: str) -> User:
    """Give and take roles, tier and functions as the groups say. The last active admin stays one."""
    given = given_to(groups)
    if given is None:
        return user
    user = User.objects.select_for_update().get(id=user.id)
    roles, kept = list(given.roles), False
    if Role.ADMIN in user.roles and Role.ADMIN not in roles:
        try:
            keep_an_admin(user)
        except Conflict:
            roles, kept = sorted([*roles, Role.ADMIN]), True
    changes = {name: [old, new] for name, old, new in (
        ("roles", user.roles, roles), ("tier", user.tier, given.tier)) if old != new}  # fmt: skip
    user.roles, user.tier = roles, given.tier
    user.save(update_fields=["roles", "tier"])
    changes |= _follow_functions(user, set(given.functions))
    if changes:
        reason = f"The groups at {provider}" + ("; the last admin stays one" if kept else "")
        happened("person.followed-groups", person(user), SYSTEM, reason=reason, data=changes)
        forget_tokens()
    return user


def _follow_functions(user: User, wanted: set[str]) -> dict[str, Any]:
    """Only functions that the map names are the map's to give and take."""
    owned = {slug for given in mapped().values() for slug in given.functions}
    there = set(Membership.objects.filter(user=user, function__slug__in=owned).values_list("function__slug", flat=True))
    for slug in sorted(wanted - there):
        function, _made = Function.objects.get_or_create(slug=slug, defaults={"name": slug.replace("-", " ").title()})
        Membership.objects.create(user=user, function=function)
    Membership.objects.filter(user=user, function__slug__in=there - wanted).delete()
    return {} if there == wanted else {"functions": [sorted(there), sorted(wanted)]}
