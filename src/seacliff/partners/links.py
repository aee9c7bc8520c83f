"""The signed address that opens one ask to one person without an account."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from seacliff.partners.models import Ask, AskLink
from seacliff.record.tokens import id_of, token_of

PURPOSE = "ask-link"
LIVES_AFTER_DUE = timedelta(days=30)


def link_for(ask: Ask, email: str, name: str = "") -> AskLink:
    """Their link to this ask: made once, and prolonged when the ask's time is."""
    expires_at = max(ask.due_at, timezone.now()) + LIVES_AFTER_DUE
    link, made = AskLink.objects.get_or_create(
        ask=ask, email=email.lower(), defaults={"name": name, "expires_at": expires_at}
    )
    if not made and link.expires_at < expires_at and link.revoked_at is None:
        link.expires_at = expires_at
        link.save(update_fields=["expires_at"])
    return link


def token(link: AskLink) -> str:
    return token_of(PURPOSE, link.id)


def url_of(link: AskLink) -> str:
    return f"{settings.BASE_URL}{reverse('partners:by-link', args=[token(link)])}"


def opened(token: str) -> AskLink:
    """The link of an address. Http404 for what is no link, was revoked or has expired: nothing is told apart."""
    link = found(token)
    if not is_good(link):
        raise Http404("This link leads to no ask, or no longer works. Ask whoever sent it for a new one.")
    return link


def found(token: str) -> AskLink:
    """The link of an address, good or no longer so; whoever has it was once sent it. Http404 for what is no link."""
    id = id_of(PURPOSE, token)
    wanted = AskLink.objects.select_related("ask__to_function", "ask__from_function", "ask__charter")
    link = wanted.filter(id=id).first() if id else None
    if link is None:
        raise Http404("This link leads to no ask. Look whether it was copied whole.")
    return link


def is_good(link: AskLink) -> bool:
    return link.revoked_at is None and link.expires_at > timezone.now()


def used(link: AskLink) -> None:
    """Note that something was done by it, once."""
    AskLink.objects.filter(id=link.id, used_at=None).update(used_at=timezone.now())
