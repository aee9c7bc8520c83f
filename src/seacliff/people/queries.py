"""What the people pages show; each function has a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from seacliff.people.models import ApiToken, Function, Invitation, Membership, User
from seacliff.people.permissions import GRANTS, Permission, Role
from seacliff.record.ids import time_of
from seacliff.record.models import Event
from seacliff.record.pages import Page, page


def people(*, search: str = "", role: str = "", active: bool | None = True, after: str = "") -> Page[User]:
    """People by name, a page at a time, with the functions they work in."""
    rows = User.objects.prefetch_related(
        Prefetch("memberships", Membership.objects.select_related("function", "team").order_by("function__name"))
    )
    if active is not None:
        rows = rows.filter(is_active=active)
    if role:
        rows = rows.filter(roles__contains=[role])
    if search:
        rows = rows.filter(Q(name__icontains=search) | Q(email__icontains=search))
    return page(rows, after=after, keys=("name", "id"))


def open_invitations() -> QuerySet[Invitation]:
    return (
        Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
        .exclude(email="")
        .select_related("invited_by")
        .order_by("-id")[:200]
    )


@dataclass(frozen=True, slots=True)
class SignIn:
    """How somebody can prove who they are."""

    password: bool
    second_factors: list[str]
    providers: list[str]


def sign_in_of(user: User) -> SignIn:
    """Two queries."""
    factors = Authenticator.objects.filter(user=user).values_list("type", flat=True)
    providers = SocialAccount.objects.filter(user=user).values_list("provider", flat=True)
    return SignIn(user.has_usable_password(), sorted(set(factors)), sorted(set(providers)))


def live_tokens(owner: User) -> QuerySet[ApiToken]:
    """Those not revoked, expired ones included: their owner should see why a program fails."""
    return ApiToken.objects.filter(owner=owner, revoked_at=None).order_by("-id")


def events_of(user: User, limit: int = 20) -> list[tuple[Event, datetime]]:
    """What was done to somebody's account and when, newest first."""
    events = Event.objects.filter(subject_id=user.id).order_by("-id")[:limit]
    return [(event, time_of(event.id)) for event in events]


def functions() -> QuerySet[Function]:
    return (
        Function.objects.annotate(
            members=Count("memberships", filter=Q(memberships__user__is_active=True), distinct=True)
        )
        .prefetch_related("teams")
        .order_by("name")
    )


def members(function: Function) -> QuerySet[Membership]:
    return function.memberships.select_related("user", "team").order_by("team__name", "user__name")


def permission_table() -> list[dict[str, Any]]:
    """Per permission: its room, the thing, the verb, and for each role whether it is granted."""
    rows = []
    for permission in sorted(Permission):
        room, thing, verb = permission.split(":")
        rows.append(
            {
                "permission": str(permission),
                "room": room,
                "words": f"{verb.replace('-', ' ')} {'' if thing == 'any' else thing}".strip(),
                "roles": [(role, permission in GRANTS[role]) for role in Role],
            }
        )
    return rows
