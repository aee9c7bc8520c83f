"""What intake looks up again and again: products by slug, and the categories a report may name.

Both are small and change rarely, so each process remembers them for a few seconds.
"""

import time
from collections.abc import Callable
from uuid import UUID

from django.http import Http404

from seacliff.policy.models import Category
from seacliff.targets.models import Product

REMEMBERED_SECONDS = 3.0


class Remembered[T]:
    """A value that is looked up again when it is some seconds old. Safe to race: the loser looks up in vain."""

    def __init__(self, look_up: Callable[[], T]) -> None:
        self.look_up, self.until = look_up, 0.0
        self.value: T | None = None

    def __call__(self) -> T:
        now = time.monotonic()
        if self.value is None or now > self.until:
            self.value, self.until = self.look_up(), now + REMEMBERED_SECONDS
        return self.value

    def forget(self) -> None:
        self.until = 0.0


products = Remembered(lambda: {product.slug: product for product in Product.objects.order_by("id")})
categories = Remembered(lambda: frozenset(Category.objects.values_list("slug", flat=True)))


def forget() -> None:
    products.forget()
    categories.forget()


def product_named(slug: str) -> Product | None:
    """The product of that slug; for an empty slug the default one, which is the oldest. None when there is none."""
    found = products()
    return found.get(slug) if slug else next(iter(found.values()), None)


def open_product(slug: str) -> Product:
    """The product whose public form is asked for. Http404 when there is none or its form is closed."""
    product = product_named(slug)
    if product is None or not product.is_open:
        raise Http404
    return product


def product_by_id(id: UUID) -> Product | None:
    return next((product for product in products().values() if product.id == id), None)
