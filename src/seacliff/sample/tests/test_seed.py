import pytest

from seacliff.enforcement.models import Action
from seacliff.intake.models import Message, Report, Unrouted
from seacliff.quality.models import Check, Golden, Session
from seacliff.record import seals
from seacliff.record.models import Attachment
from seacliff.record.verify import verify
from seacliff.review.models import Case, CaseReport, Decision, Work
from seacliff.sample.seed import seed


@pytest.mark.django_db(transaction=True)
def test_the_sample_company_holds_together():
    seed(reports=120)
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
    seals.seal_all()
    assert verify("").intact
