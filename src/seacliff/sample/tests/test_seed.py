"""The sample company, filled in small."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from seacliff.enforcement.models import Action
from seacliff.intake.models import Message, Report, Unrouted
from seacliff.quality.models import Check, Golden, Session
from seacliff.record import seals
from seacliff.record.desks import clear
from seacliff.record.ids import time_of
from seacliff.record.models import Attachment, Event
from seacliff.record.verify import verify
from seacliff.review.models import Case, CaseReport, Decision, Work
from seacliff.sample.seed import seed


@pytest.mark.django_db(transaction=True)
def test_the_sample_company_holds_together():
    seed(reports=120)
    clear("sample-decisions", "sample-minimum")  # as the worker does after the start
    _holds_together()
    _has_half_a_year_behind_it()
    seals.seal_all()
    assert verify("").intact


def _holds_together():
    assert Report.objects.count() == CaseReport.objects.count() > 120 + 3 * 40
    assert Case.objects.filter(mass_reported=True).exists()
    assert set(Message.objects.values_list("state", flat=True)) == {"read", "needs-human"}
    assert set(Attachment.objects.values_list("declared_type", flat=True)) >= {"image/png", "message/rfc822"}
    assert not Unrouted.objects.exists()
    decided = Case.objects.filter(state="decided")
    assert decided.count() == Decision.objects.filter(superseded_at=None).count() > 10
    assert Work.objects.count() == Case.objects.exclude(state="decided").count() > 5
    assert Action.objects.exists()
    looks = Check.objects.filter(kind="sample")
    assert {"agreed", "waiting"} < set(looks.values_list("state", flat=True))
    assert Golden.objects.count() == Session.objects.filter(state="comparing").count() == 1


def _has_half_a_year_behind_it():
    """Everything at its own time, and nothing in the time to come."""
    now = timezone.now()
    decided = Decision.objects.filter(corrects=None)
    assert decided.dates("decided_at", "month").count() >= 6
    assert decided.filter(decided_at__lte=F("case__due_at")).count() > 0.6 * decided.count()
    alone = decided.filter(deliberation=None)
    in_order = alone.filter(claimed_at__lt=F("decided_at"), case__opened_at__lte=F("claimed_at"))
    assert in_order.count() == alone.count()
    first, last = (time_of(Event.objects.order_by(order).first().id) for order in ("id", "-id"))
    assert timedelta(days=179) < now - first < timedelta(days=182) and last <= now
    with connection.cursor() as cursor:
        for rest in ("record_event_rest", "intake_report_rest"):
            cursor.execute(f"SELECT count(*) FROM {rest}")
            assert cursor.fetchone()[0] == 0, f"{rest} holds what has a month of its own"
        cursor.execute("SELECT min(created_at) FROM policy_policyversion")  # a column's default follows the clock
        assert now - cursor.fetchone()[0] > timedelta(days=179)
