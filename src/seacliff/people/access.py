"""Who is asking, and may they? Every room's pages and API ask here.

Pages: `@needs(Permission.X)` over the view. API: `@scope(Permission.X)` under the operation; request.auth is a Caller.
A plain view that takes tokens as well (the intake hot path) calls `caller_of(request)`.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails
from ninja.utils import check_csrf, contribute_operation_callback

from seacliff.people import rates
from seacliff.people.models import ApiToken, User
from seacliff.people.permissions import Permission
from seacliff.people.problems import NotAllowed, NotSignedIn, TooMany
from seacliff.record import seclusion
from seacliff.record.actions import Actor
from seacliff.record.models import Event

TOKEN_PREFIX = "sc_"  # noqa: S105  what every token begins with, so that scanners recognise a leaked one
REMEMBERED_SECONDS = 2.0
REMEMBERED_MOST = 2_000
WRONG_TOKENS, TOKEN_SECONDS = 60, 600  # from one machine; good ones are let in all the while


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever calls the API: a person in the console (scopes None: all of theirs), or a program with a token."""

    user: User
    scopes: frozenset[str] | None = None
    token_id: UUID | None = None
    token_name: str = ""

    def may(self, permission: Permission) -> bool:
        """A token's scopes never reach beyond what its owner may do now."""
        return self.user.may(permission) and (self.scopes is None or permission in self.scopes)

    @property
    def actor(self) -> Actor:
        if self.token_id is None:
            return actor_of_user(self.user)
        return Actor(Event.ActorKind.TOKEN, self.token_id, f"{self.token_name} ({self.user})")


class Request(HttpRequest):
    """A request behind `@needs` or `@scope`: somebody is signed in, or a program showed its token."""

    user: User
    auth: Caller
    htmx: HtmxDetails


def actor_of_user(user: User) -> Actor:
    return Actor(Event.ActorKind.PERSON, user.id, str(user))


def actor_of(request: Request) -> Actor:
    """Who acts, for the record: the API's caller or the signed-in person."""
    caller = getattr(request, "auth", None)
    return caller.actor if isinstance(caller, Caller) else actor_of_user(request.user)


def needs(
    permission: Permission, *, secluded: bool = False
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """View decorator: sends strangers to sign in and back, refuses people without the permission (our 403 page).

    `secluded`: open to somebody who judges a matter afresh (record/seclusion.py); everything else is closed to them.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                if getattr(request, "htmx", False):  # a part of a page: the whole page goes to sign in
                    back = urlencode({"next": request.htmx.current_url_abs_path or "/"})
                    return HttpResponseClientRedirect(f"{reverse('account_login')}?{back}")
                return redirect_to_login(request.get_full_path())
            if not request.user.may(permission):
                raise PermissionDenied(f"This needs the permission {permission}, which none of your roles gives.")
            if not secluded and (answer := seclusion.turned_back(request)) is not None:
                return answer
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def scope(permission: Permission, *, secluded: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """API operation decorator, below @router.get(...): refuses callers without the permission, and documents it.
    `secluded` as in needs()."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(request: Request, *args: Any, **kwargs: Any) -> Any:
            must_be_allowed(request.auth, permission)
            if not secluded and _is_secluded(request.auth):
                raise NotAllowed(seclusion.sentence())
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        contribute_operation_callback(guarded, lambda operation: _document(operation, permission))
        return guarded

    return decorate


def must_be_allowed(caller: User | Caller, permission: Permission) -> None:
    """Raises NotAllowed."""
    if not caller.may(permission):
        whose = "the token's scopes" if isinstance(caller, Caller) and caller.token_id else "your roles"
        raise NotAllowed(f"This needs the permission {permission}, which {whose} do not give.")


def _is_secluded(caller: Caller) -> bool:
    """A token's owner is remembered for a moment, in which they may have gone into seclusion: then the row is asked."""
    if caller.token_id is None or not caller.user.may(Permission.CHECK_DECIDE):
        return bool(seclusion.place_of(caller.user))
    return User.objects.filter(id=caller.user.id, secluded_until__gt=timezone.now()).exists()


def _document(operation: Any, permission: Permission) -> None:
    operation.openapi_extra = {**(operation.openapi_extra or {}), "x-permission": str(permission)}


def digest_of(secret: str) -> str:
    """What is kept of a long random secret: nothing can be learnt from it, and looking it up leaks no timing."""
    return hashlib.sha256(secret.encode()).hexdigest()


# Tokens seen in the last two seconds, by digest: a program that sends thousands of reports costs one look-up.
_remembered: dict[str, tuple[float, Caller]] = {}


def forget_tokens() -> None:
    """Called when a token or its owner changes. Other processes notice within REMEMBERED_SECONDS."""
    _remembered.clear()


def caller_of(request: HttpRequest) -> Caller | None:
    """The caller by bearer token or console session; None for a stranger. Raises NotSignedIn for a bad token,
    TooMany for one of many of them, NotAllowed when a session's unsafe request lacks its CSRF token."""
    header = request.headers.get("Authorization", "")
    if header:
        try:
            return _by_token(header)
        except NotSignedIn as refusal:
            if seconds := rates.wait(f"wrong-token:{rates.address_of(request)}", WRONG_TOKENS, TOKEN_SECONDS):
                raise TooMany(
                    "Too many tokens from your address were not good. Wait before you try again.", seconds
                ) from refusal
            raise
    if not request.user.is_authenticated:
        return None
    if check_csrf(request):
        raise NotAllowed("The CSRF token is missing or wrong. A program should send a bearer token, not a session.")
    return Caller(request.user)


def _by_token(header: str) -> Caller:
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer":
        raise NotSignedIn("Only bearer tokens are understood: send `Authorization: Bearer sc_...`.")
    digest = digest_of(secret.strip())
    now = time.monotonic()
    known = _remembered.get(digest)
    if known and known[0] > now:
        return known[1]
    caller = _look_up(digest)
    if len(_remembered) >= REMEMBERED_MOST:
        _remembered.clear()
    _remembered[digest] = (now + REMEMBERED_SECONDS, caller)
    return caller


def _look_up(digest: str) -> Caller:
    token = ApiToken.objects.select_related("owner").filter(digest=digest).first()
    now = timezone.now()
    if token is None:
        raise NotSignedIn("This token is not known here.")
    if token.revoked_at or (token.expires_at and token.expires_at <= now) or not token.owner.is_active:
        raise NotSignedIn("This token was revoked, has expired, or belongs to somebody who has left.")
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - timedelta(minutes=1))
    if token.last_used_at is None or token.last_used_at < now - timedelta(minutes=1):
        ApiToken.objects.filter(stale, id=token.id).update(last_used_at=now)
    return Caller(token.owner, frozenset(token.scopes), token.id, token.name)
