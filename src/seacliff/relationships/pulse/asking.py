"""Whom the two questions go to: a share of those who answered or asked us something, nobody more than once in thirty days.

They go with the thanks, on the page and in the mail where these are said: no mail is sent for them alone.
"""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.db import connection
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from seacliff.partners import thanks
from seacliff.partners.access import OURS, By
from seacliff.partners.models import Ask
from seacliff.people.models import Function
from seacliff.record.tokens import id_of, token_of
from seacliff.relationships.models import Pulse, PulseShare

PURPOSE = "pulse"
USUAL_SHARE = 20
PAUSE = timedelta(days=30)  # for one person
LIVES = timedelta(days=30)


class PulseThanks:
    """As `seacliff.partners.thanks` wants it."""

    def answered(self, asks: Sequence[tuple[Ask, By]]) -> None:
        percent = share()
        for ask, by in asks:
            found = whom(ask, by) if is_drawn(ask, percent) else None
            if found is not None:
                ask_once(ask, *found)

    def address_of(self, ask: Ask, email: str) -> str:
        open_ones = Pulse.objects.filter(ask=ask, email=email.lower(), answered_at=None, expires_at__gt=timezone.now())
        pulse = open_ones.first()
        return url_of(pulse) if pulse else ""


def register() -> None:
    thanks.register(PulseThanks())


def share() -> int:
    """Of a hundred asks, after how many the questions are put."""
    found = PulseShare.objects.values_list("percent", flat=True).first()
    return USUAL_SHARE if found is None else found


def is_drawn(ask: Ask, percent: int) -> bool:
    """By the ask's id, so that one that is opened again and answered again is drawn or not drawn as before."""
    return int.from_bytes(sha256(b"pulse" + ask.id.bytes).digest()[:4]) % 10_000 < percent * 100


def whom(ask: Ask, by: By) -> tuple[Function, str] | None:
    """The person of the other function, and that function: who answered us, or who had asked us."""
    if ask.from_function.slug == OURS:
        function, email = ask.to_function, by.email
    else:
        function, email = ask.from_function, ask.asker_email
    return (function, email.lower()) if "@" in email else None


def ask_once(ask: Ask, function: Function, email: str) -> Pulse | None:
    """Leave the questions for this person, unless they had some lately; inside the caller's transaction."""
    with connection.cursor() as cursor:  # two answers of one person at the same moment
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('pulse'), hashtext(%s))", [email])
    now = timezone.now()
    if Pulse.objects.filter(email=email, asked_at__gt=now - PAUSE).exists():
        return None
    made, _new = Pulse.objects.get_or_create(
        ask=ask, email=email, defaults={"function": function, "asked_at": now, "expires_at": now + LIVES}
    )
    return made


def url_of(pulse: Pulse) -> str:
    return f"{settings.BASE_URL}{reverse('relationships:pulse', args=[token_of(PURPOSE, pulse.id)])}"


def found(token: str) -> Pulse:
    """The questions of an address, answered or not. Http404 for what is no such address."""
    id = id_of(PURPOSE, token)
    wanted = Pulse.objects.select_related("ask__to_function", "ask__from_function", "function")
    pulse = wanted.filter(id=id).first() if id else None
    if pulse is None:
        raise Http404("This link leads to no question. Look whether it was copied whole.")
    return pulse
