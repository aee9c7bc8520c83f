"""Made worlds at few draws; `make value-check` counts a thousand."""

import pytest

from seacliff.value.designs.worlds import WORLDS, run

DRAWS, FEW = 40, {"discontinuity": 12, "discontinuity, acted on in part": 12, "one launch, one of 40 markets": 15,
                  "one launch, three of 24 markets": 12, "one launch, a noisy one of 24 markets": 20,
                  "discrete-time churn": 20, "discrete-time churn, the busy exposed": 20}  # fmt: skip


@pytest.mark.parametrize("name", WORLDS)
def test_intervals_cover_and_nothing_is_found_where_there_is_nothing(name):
    draws = FEW.get(name, DRAWS)
    effect, none = (run(WORLDS[name], effect, draws) for effect in (0.5, 0.0))
    # four standard errors of a count below what the full check demands
    assert effect.covered >= 0.93 - 4 * (0.93 * 0.07 / draws) ** 0.5
    assert none.found <= 0.06 + 4 * (0.06 * 0.94 / draws) ** 0.5
    assert not abs(effect.bias) > 1
