from django.utils import timezone

from seacliff.connectors.calendar.feed import PURPOSE
from seacliff.connectors.models import Feed, Incoming
from seacliff.partners.models import Dispatch
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
    now = timezone.now()
    lost = Dispatch.objects.create(key="x", channel="email", address="x@y.example", purpose="digest", state="failed",
                                   next_at=now, give_up_at=now)  # fmt: skip
    world.name("connectors:send-again", "id", lost.id)


def _feed(world: World) -> str:
    return token_of(PURPOSE, Feed.objects.create(user=world.people["reviewer"]).id)
