"""Where the recipient of a mail goes on: the console for colleagues with an account, else a link that opens this ask."""

from django.conf import settings

from seacliff.partners.links import link_for, url_of
from seacliff.partners.models import Dispatch
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.record.wording import place_of


def to_answer(dispatch: Dispatch) -> str:
    """The whole address; empty when there is no page for them."""
    ask = dispatch.ask
    if ask is None:
        return ""
    if account_of(dispatch.address):
        place = place_of("ask", ask.id)
        return f"{settings.BASE_URL}{place}" if place else ""
    if dispatch.address.lower() == ask.asker_email.lower():
        return ""
    link = link_for(ask, dispatch.address, dispatch.recipient_name)
    return url_of(link) if link.revoked_at is None else ""


def account_of(address: str) -> User | None:
    user = User.objects.filter(email__iexact=address, is_active=True).first()
    return user if user is not None and user.may(Permission.CONSOLE_USE) else None
