"""allauth's adapters: people come by invitation; nobody signs up by themselves. And what holds once somebody is in."""

import base64
import zoneinfo
from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from seacliff.people import groups, rates, sessions
from seacliff.people.access import actor_of_user
from seacliff.people.models import Invitation, User
from seacliff.people.permissions import Role
from seacliff.people.problems import NotAllowed, problem_response
from seacliff.record.actions import PUBLIC, Subject, happened

log = structlog.get_logger("seacliff.people")
TRIES_PER_ADDRESS = 20
TRIES_PER_MACHINE = 200
TRIES_SECONDS = 600
REFUSALS_PER_MACHINE = 30


class InvitedOnly(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return rates.address_of(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count tries per person and per machine for the whole installation; allauth's own count is one process's."""
        person = str(credentials.get("email", "")).lower()
        if settings.SIGN_ON_ONLY and person not in settings.BREAK_GLASS:
            raise ValidationError(_("Passwords are switched off here. Sign in with your company's account."))
        machine = rates.address_of(request)
        if not (
            rates.allow(f"sign-in:{person}", TRIES_PER_ADDRESS, TRIES_SECONDS)
            and rates.allow(f"sign-in-from:{machine}", TRIES_PER_MACHINE, TRIES_SECONDS)
        ):
            raise ValidationError(_("Too many attempts. Wait a few minutes and try again."))

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse:
        response = super().post_login(request, user, **details)
        sessions.begin(request)
        records = get_authentication_records(request, user)
        how = [record.get("provider") or record.get("type") or record["method"] for record in records]
        happened("person.signed-in", Subject("person", user.id), actor_of_user(user), data={"how": how})
        return response


class ByProvider(DefaultSocialAccountAdapter):
    """An identity provider signs in those who are here, by their verified address, and those who are invited. Where groups
    are mapped to roles they are followed, and with SEACLIFF_SIGN_ON_JOIN whoever is in one of them may come."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        found = groups.groups_of(sociallogin)
        if groups.mapped() and groups.given_to(found) is None:
            refused(request, sociallogin.account.provider, "in no mapped group", _known(sociallogin))
            sentence = _(
                "You are in no group that may use Seacliff. Ask your trust and safety lead, or whoever gives groups."
            )
            messages.error(request, sentence)
            raise ImmediateHttpResponse(redirect("account_login"))
        request.session["provider_factor"] = has_second_factor(sociallogin)
        if sociallogin.is_existing and not sociallogin.user.is_active:
            refused(request, sociallogin.account.provider, "deactivated", _known(sociallogin))
        elif sociallogin.is_existing:
            sociallogin.user = groups.follow(sociallogin.user, found, sociallogin.account.provider)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        in_a_group = groups.given_to(groups.groups_of(sociallogin)) is not None
        verified = bool(_verified(sociallogin))
        if verified and ((in_a_group and settings.SIGN_ON_JOIN) or _invitation(sociallogin) is not None):
            return True
        refused(request, sociallogin.account.provider, "not invited" if verified else "address not verified")
        return False

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        """The provider's answer was not one: forged, replayed, not asked for here, or somebody pressed Cancel."""
        why = (extra_context or {}).get("saml_last_error_reason") or exception or error or "not an answer to a request"
        refused(request, getattr(provider, "id", str(provider)), str(why))

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        both = f"{data.get('first_name') or ''} {data.get('last_name') or ''}".strip()
        user.name = (data.get("name") or both or (user.email or "").partition("@")[0])[:200]
        return user

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """Somebody comes for the first time: as invited, or as their groups say."""
        with transaction.atomic():
            invitation = _invitation(sociallogin)
            if invitation is not None:
                sociallogin.user.roles, sociallogin.user.tier = invitation.roles, invitation.tier
                invitation.accepted_at = timezone.now()
                invitation.save(update_fields=["accepted_at"])
            user: User = super().save_user(request, sociallogin, form)
            provider = sociallogin.account.provider
            data = {"provider": provider, "invitation": str(invitation.id) if invitation else ""}
            happened("person.joined", Subject("person", user.id), actor_of_user(user), data=data)
            sociallogin.user = groups.follow(user, groups.groups_of(sociallogin), provider)
        return sociallogin.user


NOBODY = UUID(int=0)


def refused(request: HttpRequest, provider: str, why: str, user: User | None = None) -> None:
    """A sign-in by a provider let nobody in: an event, so many for each machine that nobody floods the record."""
    machine = rates.address_of(request)
    log.warning("sign-in refused", provider=provider, why=why)
    if rates.allow(f"sign-in-refused:{machine}", REFUSALS_PER_MACHINE, TRIES_SECONDS):
        whom = Subject("person", user.id if user else NOBODY)
        happened("person.sign-in-refused", whom, PUBLIC, reason=why[:500], data={"provider": provider})


def _known(sociallogin: SocialLogin) -> User | None:
    return sociallogin.user if sociallogin.is_existing else None


def has_second_factor(sociallogin: SocialLogin) -> bool:
    """Whether a provider's sign-in counts as one with a second factor. Where its settings name `second_factor`, one of the
    values must be among what the provider says of how it was done: OIDC's `amr` (RFC 8176) or `acr`."""
    app = sociallogin.provider.app
    wanted = set((app.settings or {}).get("second_factor", [])) if app else set()
    data = sociallogin.account.extra_data or {}
    said: set[str] = set()
    for source in (data, data.get("id_token") or {}, data.get("userinfo") or {}):
        for claim in HOW_CLAIMS:
            value = source.get(claim) or []
            said |= {value} if isinstance(value, str) else set(map(str, value))
    return not wanted or bool(wanted & said)


# SAML's answer carries the same as an attribute where the provider is told to send it (Entra ID does so by itself).
HOW_CLAIMS = ("amr", "acr", "http://schemas.microsoft.com/claims/authnmethodsreferences")


def _verified(sociallogin: SocialLogin) -> str:
    """The address that the provider vouches for; empty when there is none."""
    return next((each.email for each in sociallogin.email_addresses if each.verified), "")


def _invitation(sociallogin: SocialLogin) -> Invitation | None:
    open_ones = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
    address = _verified(sociallogin)
    return open_ones.filter(email__iexact=address).order_by("-id").first() if address else None


def _sealing() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    derived = [
        HKDF(hashes.SHA256(), 32, salt=None, info=b"seacliff second factors").derive(key.encode()) for key in keys
    ]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])


class SecondFactor(DefaultMFAAdapter):
    """What makes codes is kept under the secret key: a copy of the database alone makes none."""

    def encrypt(self, text: str) -> str:
        return _sealing().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _sealing().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return encrypted_text  # kept before they were encrypted; under another key it makes wrong codes

    def get_totp_issuer(self) -> str:
        return f"Seacliff {settings.COMPANY_NAME}" if settings.COMPANY_NAME != "Seacliff" else "Seacliff"


class Preferences:
    """Middleware: pages in the language and time zone of whoever is signed in; a second factor where it is demanded."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(("/static/", "/livez", "/readyz", "/metrics")):
            return self.get_response(request)
        if request.path.startswith("/api/"):
            return self._api(request)
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        if request.path.startswith("/accounts/2fa/"):
            request.session.pop("second_factor", None)  # here somebody may give theirs up
        if not request.path.startswith(("/accounts/", "/i18n/")) and lacks_second_factor(request):
            messages.warning(request, _("A second factor is asked for here. Set up an app or a passkey to go on."))
            return redirect(reverse("mfa_index"))
        with translation.override(user.language), timezone.override(_zone(user.time_zone)):
            request.LANGUAGE_CODE = user.language
            return self.get_response(request)

    def _api(self, request: HttpRequest) -> HttpResponse:
        """A session reaches as much here as in its pages. Programs show a token, and cost nothing more."""
        with_session = settings.SESSION_COOKIE_NAME in request.COOKIES and "Authorization" not in request.headers
        if with_session and request.user.is_authenticated and lacks_second_factor(request):
            return problem_response(
                request, NotAllowed("A second factor is asked for here. Set one up under Settings.")
            )
        return self.get_response(request)


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


def lacks_second_factor(request: HttpRequest) -> bool:
    """Whether SEACLIFF_MFA demands one of this person and they have none. Sign-in by a provider is the provider's
    care, unless its settings say by what it is told (has_second_factor).

    The answer "has one" is kept in the session, so that it costs one query per sign-in.
    """
    user: User = request.user  # type: ignore[assignment]
    demanded = settings.MFA_DEMANDED == "everyone" or (settings.MFA_DEMANDED == "admins" and Role.ADMIN in user.roles)
    if not demanded or request.session.get("second_factor"):
        return False
    by_provider = any(record["method"] == "socialaccount" for record in get_authentication_records(request, user))
    by_provider = by_provider and request.session.get("provider_factor", False)
    if by_provider or get_adapter().is_mfa_enabled(user):
        request.session["second_factor"] = True
        return False
    return True
