"""What shipped long enough ago offers its own finding, so that nobody chooses which effects are looked at."""

from datetime import date, timedelta

import pandas as pd
from django.db.models import Min
from django.utils import timezone

from seacliff.intake.models import Report
from seacliff.policy.models import PolicyVersion
from seacliff.record.desks import wake
from seacliff.value.inputs import reductions
from seacliff.value.inputs.source import SourceError, opened
from seacliff.value.ledger.actions import CHANNEL, Proposal, offer
from seacliff.value.ledger.launched import in_words
from seacliff.value.ledger.plans import Plan

LONG_ENOUGH = timedelta(days=56)  # eight weeks after it
BEFORE = timedelta(days=28)
LOOKED_BACK = timedelta(days=400)  # what shipped before that is history


def offer_all() -> int:
    """Policy versions and launches that are due; how many findings were offered."""
    today = timezone.now().date()
    made = sum(offer(proposal, origin) is not None for origin, proposal in (*_policies(today), *_launches(today)))
    if made:
        wake(CHANNEL)
    return made


def _policies(today: date) -> list[tuple[str, Proposal]]:
    due = PolicyVersion.objects.filter(
        state=PolicyVersion.State.PUBLISHED, number__gt=1,  # the first version has no before
        effective_at__date__range=(today - LOOKED_BACK, today - LONG_ENOUGH),
    ).select_related("policy").prefetch_related("policy__categories")  # fmt: skip
    first = dict(Report.objects.values_list("category").annotate(Min("received_at")))
    found = []
    for version in due:
        for category in version.policy.categories.all():
            changed = version.effective_at.date() if version.effective_at else today
            if category.slug not in first or first[category.slug].date() > changed - LONG_ENOUGH:
                continue  # there is no before to compare with
            plan = Plan("series", "reports", category=category.slug, changed_at=changed,
                        since=changed - 2 * LONG_ENOUGH, until=changed + LONG_ENOUGH)  # fmt: skip
            harm = category.name().lower()
            question = (
                f"Did reports of {harm} change when version {version.number} of “{version.title}” came into force?"
            )
            found.append((f"policy-version:{version.id}:{category.slug}", Proposal(question, plan)))
    return found


def _launches(today: date) -> list[tuple[str, Proposal]]:
    try:
        with opened() as source:
            launches = reductions.launches(source)
            lots = reductions.launches_by_lot(source) if len(launches) else set()
            first = reductions.first_day(source)
    except SourceError:
        return []  # the page on the data says so
    found = []
    for id, own in launches.groupby("id") if len(launches) else ():
        dates = sorted({_day(at) for at in own.shipped_at if not pd.isna(at)})  # without a day: not shipped
        if not dates or not today - LOOKED_BACK <= dates[-1] <= today - LONG_ENOUGH:
            continue
        if first is None or first > dates[0] - BEFORE:
            continue  # accounts are not known from before it
        if id not in lots and not own.unit.fillna("").all():
            continue  # it went everywhere at once: there is nothing to compare it with
        name = next((name for name in own["name"].fillna("") if name), id)
        design = "trial" if id in lots else "launch" if len(dates) == 1 else "staggered"
        plan = Plan(design, "active_days", launch=str(id))  # what is plausible, and the lot's share, a person must say
        found.append((f"launch:{id}", Proposal(f"What did “{name}” do to how often accounts are active?", plan)))
    return found


def launches_known() -> list[tuple[str, str]]:
    """Id and words of every launch of the source, for pages that can't wait for it."""
    try:
        with opened() as source:
            launches = reductions.launches(source)
            lots = reductions.launches_by_lot(source) if len(launches) else set()
    except SourceError:
        return []
    known = []
    for id, own in launches.groupby("id") if len(launches) else ():
        days = sorted(str(_day(at)) for at in own.shipped_at if not pd.isna(at)) or ["no day"]
        name = next((name for name in own["name"].fillna("") if name), "")
        known.append((str(id), in_words(name, str(id), days[0], days[-1], len(own), id in lots)))
    return known


def _day(at: object) -> date:
    return date.fromisoformat(str(at)[:10])
