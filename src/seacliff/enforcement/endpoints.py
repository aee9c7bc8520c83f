"""Verbs on endpoints: who is told by webhook."""

from urllib.parse import urlsplit
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from seacliff.enforcement.deliveries import delivery
from seacliff.enforcement.models import Delivery, Endpoint, new_secret
from seacliff.record.actions import Actor, Subject, happened


def check(endpoint: Endpoint) -> None:
    """Raises ValidationError, by field, for what can't work."""
    problems: dict[str, str] = {}
    if urlsplit(endpoint.url).scheme not in ("http", "https"):
        problems["url"] = "The address must begin with https:// (or http:// inside your own network)."
    if not endpoint.hears:
        problems["hears"] = "Name at least one type of event, such as action.*"
    wrong = [
        type
        for type in endpoint.hears
        if not all(part.strip("*-").isalpha() or part == "*" for part in type.split("."))
    ]
    if wrong:
        problems["hears"] = (
            f"{', '.join(wrong)}: a type reads like action.*, action.suspend-account, case.decided or *."
        )
    if problems:
        raise ValidationError(problems)


def save(endpoint: Endpoint, actor: Actor) -> None:
    """Store a new or changed endpoint."""
    check(endpoint)
    with transaction.atomic():
        verb = "endpoint.added" if endpoint._state.adding else "endpoint.changed"
        endpoint.save()
        data = {"name": endpoint.name, "url": endpoint.url, "hears": endpoint.hears, "active": endpoint.is_active}
        happened(verb, Subject("endpoint", endpoint.id), actor, data=data)


def rotate_secret(endpoint: Endpoint, actor: Actor) -> None:
    """A new secret; the old one signs beside it until the next rotation, so that the receiver can change over in peace."""
    with transaction.atomic():
        endpoint.previous_secret, endpoint.secret = endpoint.secret, new_secret()
        endpoint.save(update_fields=["secret", "previous_secret"])
        happened("endpoint.secret-rotated", Subject("endpoint", endpoint.id), actor, data={"name": endpoint.name})


def ping(endpoint: Endpoint, actor: Actor) -> Delivery:
    """A message of type endpoint.ping, delivered like any other, to see whether the receiver verifies it."""
    with transaction.atomic():
        one = delivery(endpoint, uuid4(), "endpoint.ping", {"endpoint": endpoint.name}, timezone.now())
        one.save()
        happened("endpoint.pinged", Subject("endpoint", endpoint.id), actor, data={"name": endpoint.name})
    return one
