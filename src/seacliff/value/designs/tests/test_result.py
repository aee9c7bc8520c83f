"""Rules that all designs share."""

import json
from math import inf, nan

import pytest

from seacliff.value.designs.result import (
    DesignError,
    Diagnostic,
    Grade,
    Result,
    around,
    detectable,
    graded,
    holm,
    told,
    unseen,
)

PASSED, FAILED, TOLD = (Diagnostic(name, passed, 1.0, ".") for name, passed in (("a", True), ("b", False), ("c", None)))


def result(low=-1.0, high=3.0, estimate=1.0, diagnostics=()):
    return Result("trial", estimate, 1.0, low, high, 10, Grade.RANDOMISED, diagnostics)


def test_one_failed_diagnostic_is_an_x():
    assert graded(Grade.DESIGNED, (PASSED, TOLD)) == "B"
    assert graded(Grade.RANDOMISED, (PASSED, FAILED)) == "X"
    assert graded(Grade.DESIGNED, (PASSED, TOLD), ["a"]) == "B"
    assert graded(Grade.DESIGNED, (PASSED, TOLD), ["a", "c"]) == "C"  # c had nothing to look at
    assert graded(Grade.DESIGNED, (PASSED,), ["absent"]) == "C" and graded(Grade.DESIGNED, (FAILED,), ["absent"]) == "X"
    assert result(diagnostics=(PASSED, FAILED)).worst is FAILED
    assert result(diagnostics=(PASSED, TOLD)).worst is PASSED
    assert result().worst is None


def test_a_null_is_told_as_a_null():
    assert not result().significant
    assert "no effect has been shown" in told(result())
    assert "nought is outside" in told(result(low=0.1)).replace("an effect of nought is outside", "nought is outside")
    assert "do not bound" in told(result(low=-inf)) and "without bound" in told(result(low=-inf))
    assert "best guess" not in told(result(estimate=nan))


def test_the_smallest_detectable_effect():
    assert detectable(1.0) == pytest.approx(2.8016, abs=1e-4)
    assert around(1, 1) == pytest.approx((-0.959964, 2.959964), abs=1e-6)


def test_refusals_say_how_much_data_would_do():
    refusal = unseen("trial", 100, 2.0, 1.0, "accounts")
    assert refusal.needed == 400 and "400 accounts would do" in refusal.refusal and refusal.grade is None
    assert unseen("trial", 100, 1.0, 1.0) is None and unseen("trial", 100, 1.0, None) is None
    assert "no amount of data" in unseen("trial", 100, inf, 1.0).refusal
    with pytest.raises(DesignError, match="must not be nought"):
        unseen("trial", 100, 1.0, 0.0)


def test_results_are_json_without_nan():
    text = json.dumps(result(low=-inf, diagnostics=(PASSED,)).as_dict(), allow_nan=False)
    assert json.loads(text)["low"] is None and json.loads(text)["grade"] == "A"


def test_holm():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
