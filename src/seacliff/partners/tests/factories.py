"""Functions with charters and people, and asks between them, for the tests of this room and those above."""

import itertools
from datetime import timedelta
from typing import Any

from django.utils import timezone

from seacliff.partners.access import by_user
from seacliff.partners.actions import NewAsk, ask
from seacliff.partners.charters.document import Charter, Contact, Escalation, Promise, content_of
from seacliff.partners.models import Ask, CharterVersion, Dispatch
from seacliff.people.models import Function, Membership, User
from seacliff.people.permissions import Role

_numbers = itertools.count(1)


def function(slug: str = "communications") -> Function:
    found, _made = Function.objects.get_or_create(slug=slug, defaults={"name": slug.replace("-", " ").title()})
    return found


def charter(of: Function, **said: Any) -> CharterVersion:
    """An agreed charter: Dana answers, Eli stands in, Fay hears of what is four hours late."""
    defaults: dict[str, Any] = {
        "we_ask": (Promise("advise", hours={1: 1, 2: 4, 3: 8, 4: 40}), Promise("publish")),
        "contacts": (Contact("Dana Press", "dana@lantern.example", "Press officer", "eli@lantern.example"),),
        "escalation": (Escalation(4, "Fay Head", "fay@lantern.example"),),
    }
    now = timezone.now()
    return CharterVersion.objects.create(
        function=of,
        number=1000 + next(_numbers),
        state="agreed",
        content=content_of(Charter(**(defaults | said))),
        agreed_by="Dana Press",
        agreed_at=now,
        review_on=now.date() + timedelta(days=180),
    )


def reviewer(name: str = "") -> User:
    number = next(_numbers)
    return User.objects.create_user(f"reviewer{number}@example.org", name=name or f"Reviewer {number}",
                                    roles=[Role.REVIEWER])  # fmt: skip


def partner(of: Function, name: str = "") -> User:
    number = next(_numbers)
    made = User.objects.create_user(f"partner{number}@example.org", name=name or f"Partner {number}",
                                    roles=[Role.PARTNER])  # fmt: skip
    Membership.objects.create(user=made, function=of)
    return made


def made_ask(of: Function | None = None, by: User | None = None, **said: Any) -> Ask:
    of = of or function()
    defaults: dict[str, Any] = {"kind": "advise", "question": "What may we say about this?", "severity": 2}
    return ask(by_user(by or reviewer()), NewAsk(to=of, **(defaults | said)))


def news(of: Ask, purpose: str = "") -> list[tuple[str, str]]:
    """What was ordered for an ask so far: purpose and address, in order."""
    rows = Dispatch.objects.filter(ask=of).order_by("id")
    return [(row.purpose, row.address) for row in rows if not purpose or row.purpose == purpose]
