"""E-values in closed form."""

from math import exp, log, sqrt

import pytest

from seacliff.value.designs.sensitivity import as_risk_ratio, e_value, hidden


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
