"""Who gets an ask: the person named, else the function's first contact who is there, else their deputy."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone

from seacliff.partners.access import OURS
from seacliff.partners.charters.document import Charter, charter_of
from seacliff.partners.models import Absence, Ask, CharterVersion
from seacliff.people.models import Function, User


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody whom news of an ask is carried to."""

    channel: str
    address: str
    name: str = ""


def charter_in_force(function: Function) -> CharterVersion | None:
    return CharterVersion.objects.filter(function=function, state=CharterVersion.State.AGREED).first()


def charter_between(first: Function, second: Function) -> CharterVersion | None:
    """The charter that holds for an ask between them: that of whichever is not T&S."""
    return charter_in_force(second if first.slug == OURS else first)


def asked_of(ask: Ask, on: date | None = None) -> list[Recipient]:
    """Whom the ask is carried to: a person by mail, and the function's channels for its kind. At most three queries."""
    charter = charter_of(ask.charter)
    found = [_mail(address, name) for address, name in _people(ask, charter, on or timezone.now().date())]
    return [*found, *mirrors_of(ask)]


def mirrors_of(ask: Ask) -> list[Recipient]:
    """Where else than in mail it is asked and talked about: the function's channels for its kind. No query."""
    served = charter_of(ask.charter).channels if ask.to_function.slug != OURS else ()
    fitting = [channel for channel in served if not channel.kinds or ask.kind in channel.kinds]
    return [Recipient(channel.name, channel.address, channel.address) for channel in fitting]


def asker_of(ask: Ask) -> list[Recipient]:
    """Whom news of it goes back to."""
    return [_mail(ask.asker_email, ask.asker_name)] if ask.asker_email else []


def people_of(function: Function, version: CharterVersion | None) -> dict[str, str]:
    """Whom of a function an ask can be given to, by address: the contacts of its charter and its people."""
    contacts = charter_of(version).contacts if function.slug != OURS else ()
    found = {contact.email.lower(): contact.name for contact in contacts}
    members = User.objects.filter(memberships__function=function, is_active=True)
    return found | {user.email.lower(): user.name for user in members}


def escalated_to(ask: Ask, step: int) -> list[Recipient]:
    """The charter's nth person told of late asks, counted from 1."""
    steps = charter_of(ask.charter).escalation
    return [_mail(steps[step - 1].email, steps[step - 1].name)] if 0 < step <= len(steps) else []


def _mail(address: str, name: str) -> Recipient:
    return Recipient("email", address, name)


def _people(ask: Ask, charter: Charter, on: date) -> list[tuple[str, str]]:
    if ask.to_email:
        return [(_there(ask.to_email, "", on) or ask.to_email, "")]  # away, and nobody stands in: they read it later
    contacts = charter.contacts if ask.to_function.slug != OURS else ()
    fitting = [each for each in contacts if not each.kinds or ask.kind in each.kinds] or list(contacts)
    for contact in fitting:
        address = _there(contact.email, contact.deputy, on)
        if address:
            return [(address, contact.name if address == contact.email else "")]
    if fitting:  # everybody is away and nobody stands in: better one who will read it than none
        return [(fitting[0].email, fitting[0].name)]
    members = User.objects.filter(memberships__function=ask.to_function, is_active=True).order_by("name")
    return [(user.email, user.name) for user in members[:5]]


def _there(email: str, deputy: str, on: date) -> str:
    """The address itself, or of whoever stands in on that day; empty when nobody does."""
    away = Absence.objects.filter(Q(email__iexact=email), since__lte=on, until__gte=on).order_by("-since").first()
    if away is None:
        return email
    return away.deputy or deputy


def contacts_of(function: Function, on: date | None = None) -> list[Recipient]:
    """Whom news of the work as a whole goes to: the charter's contacts or who stands in, else nobody. Without an ask."""
    contacts = charter_of(charter_in_force(function)).contacts
    there = [(contact, _there(contact.email, contact.deputy, on or timezone.now().date())) for contact in contacts]
    return [_mail(address, contact.name if address == contact.email else "") for contact, address in there if address]
