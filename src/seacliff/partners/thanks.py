"""What goes with the thanks for an answer: a room above may have a question for whoever answered or asked.

It registers itself from its AppConfig. `answered` is told in the transaction that answers; `address_of` is asked wherever
somebody is thanked, in a mail or on a page.
"""

from collections.abc import Sequence
from typing import Protocol

from seacliff.partners.access import By
from seacliff.partners.models import Ask


class Thanks(Protocol):
    def answered(self, asks: Sequence[tuple[Ask, By]]) -> None:
        """Asks are answered, each by somebody."""

    def address_of(self, ask: Ask, email: str) -> str:
        """The whole address of what this person is asked about it; empty when there is nothing, or no more."""


THANKS: list[Thanks] = []


def register(thanks: Thanks) -> None:
    THANKS.append(thanks)


def answered(asks: Sequence[tuple[Ask, By]]) -> None:
    for each in THANKS if asks else ():
        each.answered(asks)


def address_of(ask: Ask, email: str) -> str:
    """The first there is."""
    return next(filter(None, (each.address_of(ask, email) for each in THANKS if email)), "")
