from seacliff.connectors.calendar.feed import PURPOSE
from seacliff.connectors.models import Feed, Incoming
from seacliff.record.tokens import token_of

from . import World


def plant(world: World) -> None:
    row = Incoming.objects.create(channel="email", key=":x", raw=b"x", state="needs-human")
    world.names |= {
        "connectors:tracker-hook.name": "none-here",
        "connectors:teams-hook.name": "none-here",
        "connectors:calendar-feed.token": _feed(world),
    }
    world.name("connectors:incoming-one incoming-source incoming-take incoming-set-aside", "id", row.id)


def _feed(world: World) -> str:
    return token_of(PURPOSE, Feed.objects.create(user=world.people["reviewer"]).id)
