"""The sample company's playbooks: eight in force, three runs in different states, at little cost."""

import time

import pytest

from seacliff.people.models import User
from seacliff.playbooks.library import all_in_force
from seacliff.playbooks.models import Run, RunStep
from seacliff.review.tests import factories
from seacliff.sample import playbooks_side

pytestmark = pytest.mark.django_db


def test_three_runs_stand_in_different_states():
    User.objects.create(email="ruth@lantern.example", name="Ruth Adler", roles=["lead"])
    User.objects.create(email="priya@lantern.example", name="Priya Nair", roles=["policy-manager"])
    for category in ("disrupted-meeting", "threats-violence"):
        factories.case(category=category)
    began = time.process_time()
    playbooks_side.seed()
    assert time.process_time() - began < 2
    assert len(all_in_force()) == 8
    press, wave, threat = Run.objects.order_by("id")
    assert (press.state, wave.state, threat.state) == ("finished", "running", "running")
    late = [step for step in RunStep.objects.filter(run=wave, state="open") if step.is_late]
    assert {step.key for step in late} == {"hosts", "statement"} and wave.about_label.startswith("C-")
