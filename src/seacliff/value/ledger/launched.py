"""Which launches a finding may ask about. Light: pages import it, and no page waits for a warehouse."""

from django.conf import settings
from django.db.models import Count, Exists, Max, Min, OuterRef

from seacliff.value.models import Launch, Lot, Reading


def launches_known() -> dict[str, str] | None:
    """Id to words. Of Seacliff's own table as it is now; of another source as the worker read it last. None: not read yet."""
    if settings.VALUE_SOURCE:
        made = Reading.objects.filter(kind=Reading.Kind.OFFERS, made_at__isnull=False).first()
        return None if made is None or "launches" not in made.content else dict(made.content["launches"])
    lot = Lot.objects.filter(launch_id=OuterRef("id"))
    rows = Launch.objects.values("id").annotate(
        title=Max("name"), first=Min("shipped_at"), last=Max("shipped_at"), units=Count("unit"), drawn=Exists(lot)
    )
    return {row["id"]: in_words(row["title"], row["id"], str(row["first"]), str(row["last"]), row["units"], row["drawn"])
            for row in rows.order_by("-first", "id")}  # fmt: skip


def in_words(name: str, id: str, first: str, last: str, units: int, drawn: bool) -> str:
    days = first if first == last else f"{first} to {last}"
    how = "by lot" if drawn else f"to {units} markets" if units > 1 else "at once"
    return f"{name or id} ({id}), {days}, {how}"
