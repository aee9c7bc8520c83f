"""Who may see an ask, answer it, act for its asker. Partners see what is asked of or by their functions, nothing else."""

import re
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from seacliff.partners.models import Ask, AskLink, AskMessage
from seacliff.people.access import actor_of_user
from seacliff.people.models import Function, Membership, User
from seacliff.people.permissions import Permission
from seacliff.people.problems import NotAllowed
from seacliff.record.actions import SYSTEM, Actor
from seacliff.record.models import Event

OURS = "trust-and-safety"
REF = re.compile(r"(?:Q-)?([1-9][0-9]{0,17})\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class By:
    """Who acts on an ask, and by which way: somebody with an account, or somebody known by a link or a channel."""

    actor: Actor
    name: str
    via: str = "console"
    user: User | None = None
    email: str = ""


def by_user(user: User, via: str = "console", actor: Actor | None = None) -> By:
    return By(actor or actor_of_user(user), str(user), via, user, user.email)


def by_link(link: AskLink) -> By:
    name = link.name or link.email
    return By(Actor(Event.ActorKind.PUBLIC, link.id, name), name, "link", None, link.email)


def by_address(email: str, name: str, via: str) -> By:
    """Somebody whom a channel vouches for, such as the sender of a reply to a signed address."""
    return By(Actor(Event.ActorKind.PUBLIC, name=name or email), name or email, via, None, email)


def asks_of(user: User) -> QuerySet[Ask]:
    """Every ask that this person may see."""
    asks = Ask.objects.select_related("from_function", "to_function", "charter")
    if user.may(Permission.ASK_VIEW_ALL):
        return asks
    if not user.may(Permission.ASK_VIEW):
        return asks.none()
    functions = Membership.objects.filter(user=user).values("function")
    return asks.filter(Q(to_function__in=functions) | Q(from_function__in=functions) | Q(to_email=user.email.lower()))


def ask_of(user: User, ref: str) -> Ask:
    """The ask named "Q-1001"; 404 when there is none that this person may see."""
    found = REF.match(ref)
    ask = asks_of(user).filter(number=int(found[1])).first() if found else None
    if ask is None:
        raise Http404(f"There is no ask {ref}.")
    return ask


def ask_by_id(user: User, id: UUID) -> Ask:
    ask = asks_of(user).filter(id=id).first()
    if ask is None:
        raise Http404("There is no such ask.")
    return ask


def side_of(by: By, ask: Ask) -> AskMessage.Side | None:
    """For which side somebody speaks; None when for neither. T&S speaks for its own function."""
    if by.user is None:
        asker = by.email and by.email.lower() == ask.asker_email.lower()
        return AskMessage.Side.ASKER if asker or by.actor == SYSTEM else AskMessage.Side.ASKED
    for function, side in ((ask.to_function, AskMessage.Side.ASKED), (ask.from_function, AskMessage.Side.ASKER)):
        if speaks_for(by.user, function):
            return side
    return AskMessage.Side.ASKED if by.user.email.lower() == ask.to_email.lower() else None


def speaks_for(user: User, function: Function) -> bool:
    if function.slug == OURS and is_of_ours(user):
        return True
    if not user.may(Permission.ASK_ANSWER):
        return False
    return Membership.objects.filter(user=user, function=function).exists()


def is_of_ours(user: User) -> bool:
    """T&S's own people: they ask, and see every ask."""
    return user.may(Permission.ASK_MAKE) and user.may(Permission.ASK_VIEW_ALL)


def our_function() -> Function:
    """T&S itself, as a function among the others."""
    return Function.objects.get_or_create(slug=OURS, defaults={"name": "Trust & Safety"})[0]


def functions_of(user: User) -> QuerySet[Function]:
    """The functions somebody speaks for."""
    own = Q(memberships__user=user) if user.may(Permission.ASK_ANSWER) else Q(pk__in=[])
    if is_of_ours(user):
        own |= Q(id=our_function().id)
    return Function.objects.filter(own).distinct().order_by("name")


def board_of(user: User, slug: str) -> Function | None:
    """The function whose boards are looked at: the one named, else one's own (T&S first). 404 for what is not theirs."""
    if slug and user.may(Permission.ASK_VIEW_ALL):
        found = Function.objects.filter(slug=slug).first()
    else:
        own = sorted(functions_of(user), key=lambda function: (function.slug != OURS, function.name))
        found = next((function for function in own if slug in ("", function.slug)), None)
    if found is None and slug:
        raise Http404(f"There is no function {slug}.")
    return found or (our_function() if user.may(Permission.ASK_VIEW_ALL) else None)


def must_speak(by: By, ask: Ask, side: AskMessage.Side) -> None:
    """Raises NotAllowed unless they speak for that side."""
    if side_of(by, ask) != side:
        function = ask.to_function if side == AskMessage.Side.ASKED else ask.from_function
        raise NotAllowed(_("Only %s can do this.") % function.name)


def must_ask_for(by: By, function: Function) -> None:
    if by.user is not None and not speaks_for(by.user, function):
        raise NotAllowed(f"You do not ask for {function.name}.")
