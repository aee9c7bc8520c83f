"""Trusted flaggers: whose reports come first among what is equally severe, in which harms, until when.

Regulation (EU) 2022/2065, article 22: the status rests on expertise in particular harms and can be withdrawn.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.intake.models import Reporter
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.policy.models import Category
from seacliff.record.actions import SYSTEM, Actor, Subject, happened
from seacliff.review.access import NotValid, Refused, must, person
from seacliff.review.models import Trust

BATCH = 100


@dataclass(frozen=True, slots=True)
class Trusted:
    """Reporter key to the harms in which they are trusted; an empty set means all."""

    harms: dict[str, frozenset[str]] = field(default_factory=dict)

    def covers(self, key: str, category: str) -> bool:
        harms = self.harms.get(key)
        return harms is not None and (not harms or category in harms)


def trusted_now() -> Trusted:
    """Who is trusted today. One query; routing asks it once a batch."""
    rows = Trust.objects.filter(Q(expires_on=None) | Q(expires_on__gte=timezone.now().date()), ended_at=None)
    return Trusted({key: frozenset(harms) for key, harms in rows.values_list("reporter__key", "categories")})


def trust(
    user: User,
    reporter: Reporter,
    *,
    categories: Iterable[str],
    until: date | None,
    reason: str,
    actor: Actor | None = None,
) -> Trust:
    """Make somebody a trusted flagger, or put other terms in the place of those that hold."""
    must(user, Permission.QUEUE_MANAGE)
    harms = sorted(set(categories))
    if unknown := set(harms) - set(Category.objects.filter(slug__in=harms).values_list("slug", flat=True)):
        raise NotValid(_("There is no harm %s.") % ", ".join(sorted(unknown)), "categories")
    if until is not None and until < timezone.now().date():
        raise NotValid(_("The last day has passed already."), "until")
    if not reason.strip():
        raise NotValid(_("Say on whose word or for what record they are trusted."), "reason")
    with transaction.atomic():
        reporter = Reporter.objects.select_for_update().get(id=reporter.id)
        now = timezone.now()
        Trust.objects.filter(reporter=reporter, ended_at=None).update(
            ended_at=now, ended_by=user, ended_because=_("Other terms took its place.")
        )
        made = Trust.objects.create(
            reporter=reporter, categories=harms, expires_on=until, reason=reason.strip(), given_by=user
        )
        Reporter.objects.filter(id=reporter.id).update(kind=Reporter.Kind.TRUSTED_FLAGGER)
        data = {"harms": harms, "until": until.isoformat() if until else None}
        happened("reporter.trusted", subject_of(reporter), actor or person(user), reason=made.reason, data=data)
    return made


def distrust(user: User, reporter: Reporter, reason: str, *, actor: Actor | None = None) -> None:
    """Take the status away."""
    must(user, Permission.QUEUE_MANAGE)
    if not reason.strip():
        raise NotValid(_("Say why: they will ask."), "reason")
    with transaction.atomic():
        held = Trust.objects.select_for_update().filter(reporter=reporter, ended_at=None).first()
        if held is None:
            raise Refused(_("They are no trusted flagger."), "not-trusted")
        held.ended_by = user
        _end(held, actor or person(user), reason.strip())


def expire_trust() -> int:
    """The desk: statuses whose last day has passed. Routing looks at the day itself and waits for nobody."""
    with transaction.atomic():
        over = Trust.objects.filter(ended_at=None, expires_on__lt=timezone.now().date()).select_for_update(
            skip_locked=True
        )
        rows = list(over[:BATCH])
        for row in rows:
            _end(row, SYSTEM, _("Its time was over."))
    return len(rows)


def _end(held: Trust, actor: Actor, reason: str) -> None:
    held.ended_at, held.ended_because = timezone.now(), reason
    held.save(update_fields=["ended_at", "ended_by", "ended_because"])
    reporter = held.reporter
    plain = Reporter.Kind.USER if reporter.key.startswith("user:") else Reporter.Kind.PERSON
    Reporter.objects.filter(id=reporter.id).update(kind=plain)
    happened("reporter.trust-ended", subject_of(reporter), actor, reason=reason)


def subject_of(reporter: Reporter) -> Subject:
    return Subject("reporter", reporter.id)
