"""What follows from a decision once it can no longer be undone: its notices, and what its reporters are known for."""

from itertools import batched

from django.db import connection, transaction
from django.utils import timezone

from seacliff.enforcement.models import Notice
from seacliff.review.models import Decision
from seacliff.review.telling import notices_of

AT_ONCE, NOTICES_AT_ONCE = 100, 500

# Everybody who reported counts once per case, whatever they sent; a decision that a case repeats another says nothing.
REMEMBER = """
UPDATE intake_reporter r SET upheld = r.upheld + said.upheld, rejected = r.rejected + said.rejected
FROM (
    SELECT cr.reporter_key, count(*) FILTER (WHERE d.finding = 'violation') AS upheld,
        count(*) FILTER (WHERE d.finding = 'no-violation') AS rejected
    FROM review_decision d JOIN review_casereport cr ON cr.case_id = d.case_id
    WHERE d.id = ANY(%s) AND cr.duplicate_of IS NULL AND cr.set_aside_id IS NULL AND cr.reporter_key <> '' GROUP BY 1
) said WHERE r.key = said.reporter_key
"""


def settle(most: int = AT_ONCE) -> int:
    """Settle one batch of decisions whose undo window is over; how many."""
    with transaction.atomic():
        due = Decision.objects.filter(settled=False, undo_until__lte=timezone.now()).order_by("undo_until")
        decisions = list(
            due.select_related("case__target", "policy_version").select_for_update(skip_locked=True, of=["self"])[:most]
        )
        standing = [decision for decision in decisions if decision.undone_at is None]
        for notices in batched(notices_of([decision for decision in standing if decision.notify]), NOTICES_AT_ONCE):
            Notice.objects.bulk_create(notices, ignore_conflicts=True)
        with connection.cursor() as cursor:
            cursor.execute(REMEMBER, [[decision.id for decision in standing]])
        Decision.objects.filter(id__in=[decision.id for decision in decisions]).update(settled=True)
    return len(decisions)
