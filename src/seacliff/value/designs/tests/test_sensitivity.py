"""E-values in closed form."""

from math import exp, log, sqrt

import numpy as np
import pytest

from seacliff.value.designs.result import Grade, Result
from seacliff.value.designs.sensitivity import as_risk_ratio, e_value, hidden, with_hidden


def test_breast_feeding_and_respiratory_deaths():
    """VanderWeele and Ding (2017): a risk ratio of 3.9 (1.8 to 8.7)."""
    found = e_value(3.9, 1.8, 8.7)
    assert found.point == pytest.approx(7.26, abs=5e-3)
    assert found.bound == pytest.approx(3.0, abs=1e-12)


def test_protection_is_harm_turned_over():
    assert e_value(1 / 3.9, 1 / 8.7, 1 / 1.8).point == pytest.approx(e_value(3.9, 1.8, 8.7).point)
    assert e_value(1 / 3.9, 1 / 8.7, 1 / 1.8).bound == pytest.approx(3.0)


def test_an_interval_with_one_in_it_needs_nothing_hidden():
    assert e_value(1.2, 0.9, 1.6).bound == 1
    assert e_value(1.0).point == 1
    assert "nothing hidden is needed" in hidden(0.1, -0.1, 0.3, "risk ratio", True).says


def test_other_scales():
    assert as_risk_ratio(4, "odds ratio") == 2 and as_risk_ratio(4, "odds ratio", rare=True) == 4
    assert as_risk_ratio(0.5, "standardised difference") == pytest.approx(exp(0.455))
    assert as_risk_ratio(1, "hazard ratio") == pytest.approx(1)
    assert as_risk_ratio(2, "hazard ratio") == pytest.approx((1 - 0.5 ** sqrt(2)) / (1 - 0.5 ** sqrt(0.5)))
    assert hidden(log(3.9), log(1.8), log(8.7), "hazard ratio", True).figure == pytest.approx(3.0)
    assert hidden(0.5, 0.2, 0.8, "standardised difference", False).figure == pytest.approx(e_value(exp(0.182)).point)


def test_ratios_that_can_not_be():
    for wrong in ((0, 0, 1), (2, 3, 4), (2, 0, 1)):
        with pytest.raises(ValueError, match="A risk ratio lies"):
            e_value(*wrong)


def test_an_association_gets_its_e_value_by_the_outcomes_spread_and_an_effect_none():
    """By hand: half a standard deviation is a risk ratio of exp(0.91 / 2)."""
    outcome = np.array([0.0, 4.0])  # of standard deviation 2
    found = with_hidden(Result("made", 1.0, 0.2, 0.6, 1.4, 9, Grade.ADJUSTED), outcome)
    ratio = exp(0.91 * 0.5)
    assert found.diagnostics[0].rows[0]["point"] == pytest.approx(ratio + sqrt(ratio * (ratio - 1)))
    assert with_hidden(found, outcome) is found  # once
    assert not with_hidden(Result("made", 1.0, 0.2, 0.6, 1.4, 9, Grade.DESIGNED), outcome).diagnostics
    weak = with_hidden(Result("made", float("nan"), 0.2, float("-inf"), float("inf"), 9, Grade.ADJUSTED), outcome)
    assert weak.diagnostics[0].passed is None and "Without a point" in weak.diagnostics[0].says
