"""Agreement: the same as other libraries say, honest about few and about weights."""

import krippendorff
import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

from seacliff.quality.agreement import Pair, agreement, share, wilson
from seacliff.quality.beyond_chance import alpha_of, alphas, kappas

# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), example C: four observers, twelve units, nominal data with
# missing values. Published: 0.743.
OBSERVED = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]
BY_UNIT = [list(unit) for unit in zip(*OBSERVED, strict=True)]


def test_alpha_is_the_published_one():
    assert alpha_of(BY_UNIT) == pytest.approx(0.743, abs=5e-4)


def test_alpha_is_the_librarys():
    dice = np.random.default_rng(3)
    for _turn in range(20):
        verdicts = dice.integers(0, 4, size=(30, 5)).astype(float)
        verdicts[dice.random(verdicts.shape) < 0.3] = np.nan
        theirs = krippendorff.alpha(reliability_data=verdicts.T, level_of_measurement="nominal")
        ours = alpha_of([[None if np.isnan(v) else v for v in row] for row in verdicts])
        assert ours == pytest.approx(theirs)


def pairs(table, chance=1.0):
    """Pairs from a table of counts: rows the first verdict, columns the second."""
    return [
        Pair(row, column, row == column, chance, wrong=row != column)
        for row, counts in enumerate(table)
        for column, count in enumerate(counts)
        for _one in range(count)
    ]


# Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions (3rd ed.), table 18.1, as counts of a hundred.
FLEISS = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]


def test_kappa_is_the_librarys_and_lies_in_its_interval():
    found = agreement("x", pairs(FLEISS))
    assert found.kappa.value == pytest.approx(cohens_kappa(np.array(FLEISS)).kappa)
    assert found.kappa.value == pytest.approx(0.68, abs=0.01)
    assert found.kappa.low < 0.68 < found.kappa.high
    assert found.alpha.low < found.alpha.value < found.alpha.high


def test_the_bootstrap_is_about_as_wide_as_the_libraries_standard_error():
    found = agreement("x", pairs(FLEISS)).kappa
    theirs = cohens_kappa(np.array(FLEISS))
    assert found.low == pytest.approx(theirs.kappa_low, abs=0.05)
    assert found.high == pytest.approx(theirs.kappa_upp, abs=0.05)


def test_resampled_kappa_and_alpha_of_the_whole_are_those_of_the_whole():
    firsts, seconds, times = np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([[50.0, 5.0, 20.0]])
    table = np.array([[50, 5], [0, 20]])
    assert kappas(firsts, seconds, 2, times)[0] == pytest.approx(cohens_kappa(table, return_results=False))
    counts = np.array([[2, 0], [1, 1], [0, 2]], dtype=float)
    counted = np.repeat(counts, [50, 5, 20], axis=0)
    theirs = krippendorff.alpha(value_counts=counted.astype(int), level_of_measurement="nominal")
    assert alphas(counts, times)[0] == pytest.approx(theirs)


def test_the_same_pairs_give_the_same_interval():
    assert agreement("x", pairs(FLEISS)) == agreement("x", pairs(FLEISS))


def test_too_few_say_nothing():
    found = agreement("x", pairs([[10, 1], [1, 7]]))
    assert found.too_few
    assert (found.n, found.agreed, found.share, found.alpha, found.kappa) == (19, 17, None, None, None)


def test_all_alike_leaves_alpha_and_kappa_untold():
    found = agreement("x", pairs([[40]]))
    assert (found.alpha, found.kappa) == (None, None)
    assert found.share.value == 1.0
    assert 0.9 < found.share.low < 1.0


def test_one_that_differs_among_many_alike_is_not_told_with_false_certainty():
    assert agreement("x", pairs([[59, 1], [0, 0]])).kappa is None


def test_a_share_weighs_each_by_how_likely_it_was_drawn():
    """Half of a hundred decisions drawn at 1 and all right, half drawn at 0.1 (so five) and all wrong: half is right."""
    those, weights = [True] * 50 + [False] * 5, [1.0] * 50 + [10.0] * 5
    found = share(those, weights)
    assert found.value == pytest.approx(0.5)
    assert found.high - found.low > 0.4  # as of the nineteen that these weights are worth


def test_a_share_with_equal_weights_is_wilsons():
    found = share([True] * 45 + [False] * 5, [7.0] * 50)
    assert (found.low, found.high) == pytest.approx(proportion_confint(45, 50, method="wilson"))
    assert wilson(1.0, 30).high == 1.0


def test_weighted_intervals_cover_the_truth():
    """Two strata of another size, error and chance; the interval holds the true share about as often as it says."""
    dice, truth, held = np.random.default_rng(5), (900 * 0.05 + 100 * 0.4) / 1000, 0
    for _turn in range(400):
        wrong = np.concatenate([dice.random(900) < 0.05, dice.random(100) < 0.4])
        chance = np.concatenate([np.full(900, 0.15), np.full(100, 0.6)])
        drawn = dice.random(1000) < chance
        found = share(list(wrong[drawn]), list(1 / chance[drawn]))
        held += found.low <= truth <= found.high
    assert held / 400 > 0.92


def test_what_is_yet_to_settle_counts_neither_as_wrong_nor_as_right():
    open_ones = [Pair("a", "b", False, 1.0, None)] * 10
    found = agreement("x", [*pairs([[30, 0], [10, 0]]), *open_ones])
    assert (found.n, found.open) == (50, 10)
    assert found.wrong.value == pytest.approx(0.25)
