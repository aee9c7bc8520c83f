"""What is added up, and what is not."""

from math import inf, nan, sqrt

import pytest

from seacliff.value.designs.headline import Item, headline
from seacliff.value.designs.result import Diagnostic, Grade, Result, refused


def item(name, estimate, half, grade=Grade.DESIGNED, overlap=None, worth=1.0, low=None):
    low = estimate - half if low is None else low
    bad = (Diagnostic("balance", False, 0.0, "."),) if grade == Grade.FAILED else ()
    return Item(name, Result("d", estimate, half / 2, low, estimate + half, 9, grade, bad), overlap or name, worth)


def test_a_and_b_are_added_with_a_joint_interval_and_nulls_among_them():
    total = headline([item("trial", 10, 3, Grade.RANDOMISED), item("null", -1, 4)])
    assert (total.low, total.point, total.high) == pytest.approx((4, 9, 14))
    assert total.counted == ("trial", "null")


def test_one_error_behind_all_adds_half_widths():
    total = headline([item("a", 10, 3), item("b", 0, 4)], independent=False)
    assert (total.low, total.high) == (3, 17)


def test_lopsided_intervals_stay_lopsided():
    total = headline([item("a", 10, 3, low=2), item("b", 5, 4)])
    assert total.low == pytest.approx(15 - sqrt(64 + 16)) and total.high == pytest.approx(20)


def test_of_a_group_the_best_grade_counts_then_the_narrowest_whatever_they_say():
    total = headline([item("wide", 50, 9, overlap="kept"), item("narrow", 5, 1, overlap="kept"),
                      item("lot", -3, 20, Grade.RANDOMISED, overlap="kept")])  # fmt: skip
    assert total.counted == ("lot",) and total.point == -3
    assert total.left_out["wide"] == "overlaps with lot"


def test_worth_scales_and_may_turn():
    total = headline([item("saved", -2, 1, worth=-100)])
    assert (total.low, total.point, total.high) == (100, 200, 300)


def test_what_never_counts():
    total = headline([
        item("association", 9, 1, Grade.ADJUSTED), item("survey", 9, 1, Grade.SURVEY), item("failed", 9, 1, Grade.FAILED),
        item("unbounded", 9, 1, low=-inf), item("weak", nan, 1, low=0), Item("refused", refused("d", 5, "Too few."), "r"),
    ])  # fmt: skip
    assert (total.low, total.point, total.high) == (0, 0, 0) and not total.counted
    assert "an association" in total.left_out["association"] and "balance" in total.left_out["failed"]
    assert total.left_out["refused"] == "refused: Too few."
    assert total.left_out["unbounded"] == total.left_out["weak"] == "the data do not bound it"
