"""Verbs on people: each one transaction that checks, writes the row and writes the event. Refusals are Problems."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from seacliff.people.access import TOKEN_PREFIX, actor_of_user, digest_of, forget_tokens
from seacliff.people.models import ApiToken, Function, Invitation, Membership, Team, User
from seacliff.people.permissions import Permission, Role
from seacliff.people.problems import Conflict, NotAllowed
from seacliff.record.actions import SYSTEM, Actor, Subject, happened

INVITATION_DAYS = 7
ADMIN_LINK_HOURS = 24


def person(user: User) -> Subject:
    return Subject("person", user.id)


# ---- how people come


def needs_first_admin() -> bool:
    """Whether nobody could run this installation yet."""
    return not User.objects.filter(is_active=True, roles__contains=[Role.ADMIN]).exists()


@transaction.atomic
def one_time_admin_link() -> str:
    """A link that makes one admin, who leads reviews too until others do, once, within a day. An earlier one dies.

    Who calls this owns the server.
    """
    Invitation.objects.filter(email="", accepted_at=None, revoked_at=None).update(revoked_at=timezone.now())
    made, secret = _invitation("", "", [Role.ADMIN, Role.LEAD], 4, None, timedelta(hours=ADMIN_LINK_HOURS))
    happened("person.invited", Subject("invitation", made.id), SYSTEM, data={"roles": made.roles, "link": "one-time"})
    return join_url(secret)


@transaction.atomic
def invite(
    actor: Actor, inviter: User | None, *, email: str, name: str = "", roles: Sequence[str], tier: int = 1
) -> tuple[Invitation, str]:
    """An invitation and its link, which is not stored: show it now. Replaces an open one for the address."""
    if User.objects.filter(email__iexact=email).exists():
        raise Conflict(f"{email} is already one of the people here. Change their roles on their page instead.")
    Invitation.objects.filter(email__iexact=email, accepted_at=None, revoked_at=None).update(revoked_at=timezone.now())
    made, secret = _invitation(email, name, roles, tier, inviter, timedelta(days=INVITATION_DAYS))
    data = {"email": email, "roles": list(roles), "tier": tier}
    happened("person.invited", Subject("invitation", made.id), actor, data=data)
    return made, join_url(secret)


def _invitation(
    email: str, name: str, roles: Sequence[str], tier: int, inviter: User | None, life: timedelta
) -> tuple[Invitation, str]:
    secret = secrets.token_urlsafe(32)
    made = Invitation.objects.create(
        email=email,
        name=name,
        roles=list(roles),
        tier=tier,
        digest=digest_of(secret),
        invited_by=inviter,
        expires_at=timezone.now() + life,
    )
    return made, secret


def join_url(secret: str) -> str:
    return settings.BASE_URL + reverse("people:join", args=[secret])


def send_invitation(invitation: Invitation, link: str, language: str = "en") -> None:
    """Mail the link now: it exists nowhere but in the caller's hands. Raises OSError when the mail server refuses."""
    with translation.override(language):
        facts = {"invitation": invitation, "link": link, "company": settings.COMPANY_NAME, "days": INVITATION_DAYS}
        subject, _, body = render_to_string("people/mail/invitation.txt", facts).partition("\n")
    EmailMessage(subject.strip(), body.strip() + "\n", to=[invitation.email]).send()


def open_invitation(secret: str, *, lock: bool = False) -> Invitation | None:
    """The invitation of a link that still works."""
    rows = Invitation.objects.select_for_update() if lock else Invitation.objects.all()
    return rows.filter(
        digest=digest_of(secret), accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()
    ).first()


@transaction.atomic
def join(secret: str, *, name: str, email: str, password: str, language: str = "en") -> User:
    """Take an invitation up. `email` counts only where the invitation has none (the first admin's link)."""
    invitation = open_invitation(secret, lock=True)
    if invitation is None:
        raise Conflict("This invitation was used, was taken back or has expired. Ask for a new one.")
    address = invitation.email or email
    if User.objects.filter(email__iexact=address).exists():
        raise Conflict(f"Somebody here already has the address {address}. Sign in instead.")
    user = User.objects.create_user(
        address, password, name=name, roles=invitation.roles, tier=invitation.tier, language=language
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    data = {"roles": user.roles, "invitation": str(invitation.id)}
    happened("person.joined", person(user), actor_of_user(user), data=data)
    return user


@transaction.atomic
def revoke_invitation(actor: Actor, invitation: Invitation) -> None:
    if Invitation.objects.filter(id=invitation.id, accepted_at=None, revoked_at=None).update(revoked_at=timezone.now()):
        happened("invitation.revoked", Subject("invitation", invitation.id), actor, data={"email": invitation.email})


# ---- what people are


@transaction.atomic
def edit_person(
    actor: Actor,
    user: User,
    *,
    name: str,
    roles: Sequence[str],
    tier: int,
    categories: Sequence[str] = (),
    languages: Sequence[str] = (),
) -> User:
    """Change name, roles, tier and skills. The last active admin stays one."""
    user = User.objects.select_for_update().get(id=user.id)
    if Role.ADMIN in user.roles and Role.ADMIN not in roles:
        keep_an_admin(user)
    wanted = {
        "name": name,
        "roles": sorted(roles),
        "tier": tier,
        "categories": sorted(categories),
        "languages": sorted(languages),
    }
    before = {field: getattr(user, field) for field in wanted}
    changes = {field: [before[field], value] for field, value in wanted.items() if before[field] != value}
    if changes:
        for field, value in wanted.items():
            setattr(user, field, value)
        user.save(update_fields=list(wanted))
        happened("person.edited", person(user), actor, data=changes)
        forget_tokens()
    return user


def keep_an_admin(user: User) -> None:
    """Raises Conflict when this is the last active admin."""
    others = User.objects.filter(is_active=True, roles__contains=[Role.ADMIN]).exclude(id=user.id)
    if not others.select_for_update().exists():
        raise Conflict("Nobody else is an admin: make somebody else one first, or nobody could run this installation.")


@transaction.atomic
def deactivate(actor: Actor, user: User) -> None:
    """Nothing of theirs is lost; they are out at once, on every device and with every token."""
    user = User.objects.select_for_update().get(id=user.id)
    if Role.ADMIN in user.roles:
        keep_an_admin(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions(user)
    happened("person.deactivated", person(user), actor)
    forget_tokens()


@transaction.atomic
def reactivate(actor: Actor, user: User) -> None:
    User.objects.filter(id=user.id).update(is_active=True)
    happened("person.reactivated", person(user), actor)
    forget_tokens()


def end_sessions(user: User) -> int:
    """Sign somebody out everywhere. Sessions are few (a team's), and their content names their person."""
    theirs = [
        session.session_key
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator()
        if session.get_decoded().get("_auth_user_id") == str(user.id)
    ]
    return Session.objects.filter(session_key__in=theirs).delete()[0]


@transaction.atomic
def reset_second_factor(actor: Actor, user: User) -> None:
    """For somebody who lost their phone: they sign in by password alone and set a new factor up."""
    count, _ = Authenticator.objects.filter(user=user).delete()
    end_sessions(user)
    happened("person.second-factor-reset", person(user), actor, data={"removed": count})


def change_settings(user: User, *, name: str, language: str, time_zone: str) -> None:
    """One's own; no event, nobody else is concerned."""
    User.objects.filter(id=user.id).update(name=name, language=language, time_zone=time_zone)


# ---- keys for programs


@transaction.atomic
def issue_token(
    actor: Actor, owner: User, *, name: str, scopes: Sequence[str], expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A token and its secret, which can't be shown again. Scopes are permissions its owner holds now."""
    beyond = sorted(set(scopes) - owner.permissions)
    if beyond:
        raise NotAllowed(f"A token can't reach beyond its owner, who has not: {', '.join(beyond)}.")
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        name=name,
        prefix=secret[: len(TOKEN_PREFIX) + 5],
        digest=digest_of(secret),
        scopes=sorted(Permission(scope) for scope in scopes),
        owner=owner,
        expires_at=expires_at,
    )
    happened("token.issued", Subject("token", token.id), actor, data={"name": name, "scopes": token.scopes})
    return token, secret


@transaction.atomic
def revoke_token(actor: Actor, token: ApiToken) -> None:
    if ApiToken.objects.filter(id=token.id, revoked_at=None).update(revoked_at=timezone.now()):
        happened("token.revoked", Subject("token", token.id), actor, data={"name": token.name})
        forget_tokens()


# ---- functions and teams


@transaction.atomic
def save_function(actor: Actor, function: Function) -> Function:
    """Create it or change it; the form has validated it."""
    verb = "function.added" if function._state.adding else "function.edited"
    function.save()
    happened(verb, Subject("function", function.id), actor, data={"name": function.name})
    return function


@transaction.atomic
def add_team(actor: Actor, function: Function, name: str) -> Team:
    team, added = Team.objects.get_or_create(function=function, name=name)
    if added:
        happened("team.added", Subject("function", function.id), actor, data={"team": name})
    return team


@transaction.atomic
def remove_team(actor: Actor, team: Team) -> None:
    """Its members stay in the function."""
    happened("team.removed", Subject("function", team.function_id), actor, data={"team": team.name})
    team.delete()


@transaction.atomic
def place(actor: Actor, user: User, function: Function, team: Team | None = None) -> Membership:
    """Somebody works in a function, and in a team of it."""
    if team and team.function_id != function.id:
        raise Conflict(f"{team.name} is not a team of {function.name}.")
    membership, _ = Membership.objects.update_or_create(user=user, function=function, defaults={"team": team})
    data = {"person": str(user.id), "team": team.name if team else ""}
    happened("function.member-placed", Subject("function", function.id), actor, data=data)
    return membership


@transaction.atomic
def displace(actor: Actor, membership: Membership) -> None:
    data = {"person": str(membership.user_id)}
    happened("function.member-removed", Subject("function", membership.function_id), actor, data=data)
    membership.delete()
