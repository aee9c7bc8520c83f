import pytest

from seacliff.partners.models import Ask, CharterVersion
from seacliff.review.models import AskWait, Case
from seacliff.sample.seed import seed


@pytest.mark.django_db(transaction=True)
def test_asks_stand_in_every_state_and_both_directions():
    seed(reports=60)
    assert set(Ask.objects.values_list("state", flat=True)) == set(Ask.State.values)
    assert set(Ask.objects.exclude(answer="").values_list("answer", flat=True)) == set(Ask.Answer.values)
    assert set(Ask.objects.exclude(outcome="").values_list("outcome", flat=True)) == set(Ask.Outcome.values)
    ours = "trust-and-safety"
    assert Ask.objects.filter(to_function__slug=ours).count() > 5 < Ask.objects.filter(from_function__slug=ours).count()
    assert Ask.objects.filter(
        to_function__slug=ours, closed_at=None, due_at__lt=Ask.objects.latest("due_at").due_at
    ).exists()
    waiting = AskWait.objects.filter(ask__closed_at=None).first()
    assert waiting.case.state == Case.State.HELD and AskWait.objects.filter(case=waiting.case).count() == 2
    states = list(CharterVersion.objects.values_list("state", flat=True))
    assert states.count("agreed") == 5 and "proposed" in states and "draft" in states and "retired" in states
