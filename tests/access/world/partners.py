"""Asks of a function that the partner works in, in both directions; every other address names one of another function."""

from seacliff.partners import actions
from seacliff.partners.access import by_link, by_user, our_function
from seacliff.partners.actions import NewAsk
from seacliff.partners.links import link_for, token
from seacliff.partners.tests import factories
from seacliff.people.models import Membership
from seacliff.record import evidence
from seacliff.record.actions import Subject

from . import World

RESPOND = [f"/api/v1/asks/{{ref}}/{verb}" for verb in ("acknowledge", "answer", "hand-on", "messages")]
MANAGE = [f"/api/v1/asks/{{ref}}/{verb}" for verb in ("pause", "resume", "reschedule", "withdraw", "reopen", "outcome")]


def plant(world: World) -> None:
    comms, sales = factories.function("communications"), factories.function("sales")
    dana = world.people["partner"]
    Membership.objects.create(user=dana, function=comms)
    own, other = factories.made_ask(comms), factories.made_ask(sales, question="Hush-hush of another function")
    theirs = actions.ask(by_user(dana), NewAsk("advise", our_function(), "Is it over?", sender=comms))
    link = link_for(other, "lee@lantern.example")
    message = actions.say(by_link(link), other, "", files=[(evidence.keep(b"a file of an ask"), "plan.txt")])
    world.planted["an ask of another function"] = (b"Hush-hush of another function",)
    world.name("partners:ask file respond manage", "ref", other.ref)
    world.name("partners:by-link link-file", "token", token(link))
    world.name("partners:file link-file", "id", evidence.of(Subject("ask-message", message.id))[0].id)
    world.names |= {"partners:by-id.id": other.id, "api:asks.ref": other.ref}
    charter = factories.charter(sales)
    factories.charter(comms)
    world.names |= {"partners.slug": sales.slug, "partners:charter.number": charter.number,
                    "partners:charter-by-id.id": charter.id, "partners:function-by-id.id": sales.id}  # fmt: skip
    world.owns("one's own function", "partners:function", "partners:absence", slug=comms.slug)
    world.owns(
        "an ask to one's own function", "partners:ask", "partners:respond", "/api/v1/asks/{ref}", *RESPOND, ref=own.ref
    )
    world.owns("an ask by one's own function", "partners:manage", *MANAGE, ref=theirs.ref)
