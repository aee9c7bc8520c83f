"""Finding targets."""

from django.db.models import F, Q
from django.db.models.functions import Lower

from seacliff.record.pages import Page, page
from seacliff.targets.models import Target


def search(words: str = "", kind: str = "", product: str = "", after: str = "", limit: int = 50) -> Page[Target]:
    """Targets whose identifier or name begins with the words, or whose address they are; the newest first."""
    rows = Target.objects.select_related("product", "parent")
    if words := words.strip():
        rows = rows.alias(small=Lower(F("name"))).filter(
            Q(ref__startswith=words) | Q(small__startswith=words.lower()) | Q(email=words.lower())
        )
    if kind:
        rows = rows.filter(kind=kind)
    if product:
        rows = rows.filter(product__slug=product)
    return page(rows, after=after, limit=limit)
