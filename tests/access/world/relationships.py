"""Relationships: pages of a function that is not the partner's; theirs is Communications."""

from seacliff.partners import actions
from seacliff.partners.access import by_address, by_user
from seacliff.partners.tests import factories
from seacliff.relationships.models import Pulse, PulseShare
from seacliff.relationships.pulse import asking

from . import World


def plant(world: World) -> None:
    won = factories.made_ask(factories.function("sales"), question="Hush-hush of another function, won")
    actions.answer(by_address("lee@lantern.example", "Lee", "email"), won, "yes", form={"advice": "Wait."})
    actions.record_outcome(by_user(won.asked_by), won, "helped", "They waited.")
    world.name("relationships:function digest", "slug", "sales")
    world.names |= {"relationships:word-win.kind": "ask", "relationships:word-win.id": won.id,
                    "api:relationships.slug": "sales"}  # fmt: skip
    PulseShare.objects.update_or_create(id=1, defaults={"percent": 100})
    put = factories.made_ask(factories.function("sales"), question="Hush-hush, asked how it was")
    actions.answer(by_address("kim@lantern.example", "Kim", "email"), put, "yes", form={"advice": "Wait."})
    world.name("relationships:pulse", "token", asking.url_of(Pulse.objects.get(ask=put)).rpartition("/")[2])
    world.owns(
        "of one's own function",
        "relationships:function",
        "relationships:digest",
        "/api/v1/relationships/functions/{slug}",
        slug="communications",
    )
