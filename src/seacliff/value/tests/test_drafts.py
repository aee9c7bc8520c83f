"""The first drafts: what they ask, what they say of it, and what they must not conclude."""

import pytest

from seacliff.value import assumptions
from seacliff.value.assumptions import Costs
from seacliff.value.board.drafts import Given, texts
from seacliff.value.ledger.queries import standing
from seacliff.value.tests.test_designs_of_ledger import fact

pytestmark = pytest.mark.django_db
COSTS = Costs(loaded_cost=20_000.0, overhead=5_000.0, reviewers=12.0)
ROWS = [{"label": "hours to a decision, median", "before": 6.0, "after": 7.0, "change": 1.0, "low": 0.5, "high": 1.5},
        {"label": "cost a year", "before": 9.0, "after": 8.0, "change": -1.0, "low": -1.0, "high": -1.0}]  # fmt: skip
TEAM = {"answers": [{"name": "A tenth of the team fewer", "share": "-10%", "sentence": "A tenth of the team fewer: slower.",
                     "rows": ROWS},
                    {"name": "A tenth of the team more", "share": "+10%", "sentence": "A tenth of the team more: faster.",
                     "rows": ROWS}],
        "held_out": {"sentence": "Of 10 figures 9 lie where they were foretold."}}  # fmt: skip


def said(lead, costs=COSTS, team=TEAM) -> dict[str, str]:
    assumptions.publish(lead, costs, "Finance")
    return {kind: text.text for kind, text in texts(Given(standing(lead), {}, team, costs)).items()}


def test_the_investment_case_asks_for_people_and_money_and_says_what_is_not_known(lead):
    shown, refused = fact(lead, "A", 1, 3, worth=1000.0), fact(lead, "", None, None, refusal="Too few rows")
    case = said(lead)["investment"]
    for words in ("12 reviewers, 245,000 EUR a year", "A tenth more is 1 reviewer of 12 (8%), 20,000 EUR a year",
                  "| hours to a decision, median | 6 | 7 | 1 (0.5 to 1.5) |", f"{shown.ref}, grade A",
                  "2,000 EUR (1,000 to 3,000) a year", "no finding is about that", f"{refused.ref}, refused",
                  "9 lie where they were foretold", "lasts for a year"):  # fmt: skip
        assert words in case, words
    assert "cost a year" not in case  # of money the costs speak


def test_figures_that_are_words_already_stay_as_they_are(lead):
    row = {"measure": "breach_share", "label": "share that misses its target", "before": "20.1%", "after": "22%",
           "change": "+2 points", "interval": "+1 to +3", "shown": True}  # fmt: skip
    team = {"answers": [{"name": "One of six fewer", "share": "-10%", "sentence": "So.", "rows": [row]}]}
    assert "| share that misses its target | 20.1% | 22% | +2 points (+1 to +3) |" in said(lead, team=team)["cut"]


def test_a_tenth_is_the_people_and_the_price_that_are_simulated(lead):
    """Six people who are four full-time ones: one of six is two thirds of a full-time reviewer."""
    team = {"team": {"people": 6, "full_time": 4.0, "share": 4 / 6}, "answers": []}
    assert "1 reviewer of 6 (17%), 13,300 EUR a year" in said(lead, team=team)["cut"]


def test_the_cut_plan_says_what_each_way_costs_and_loses(lead):
    shown = fact(lead, "A", 1, 3, worth=1000.0)
    plan = said(lead)["cut"]
    assert plan.startswith("If a tenth has to go, it is 1 reviewer of 12 (8%), 20,000 EUR a year.")
    assert "| hours to a decision, median | 6 | 7 | 1 (0.5 to 1.5) |" in plan
    assert shown.ref in plan and "2,000 EUR (1,000 to 3,000) a year" in plan and "is not cut" in plan
    assert plan.count("A tenth of the team fewer") == 1  # the table's head, and nothing that repeats it


@pytest.mark.parametrize(
    ("worth", "costs", "goes"),
    [
        (1000.0, COSTS, True),  # at most 3,000 a year fits
        (10_000.0, COSTS, False),  # 30,000 fits, and a reviewer costs 20,000
        (None, COSTS, False),
        (1000.0, Costs(), False),
    ],
)
def test_a_null_goes_first_only_where_its_interval_leaves_no_room_for_what_matters(lead, worth, costs, goes):
    null = fact(lead, "A", -1, 3, worth=worth)
    drafts = said(lead, costs)
    assert null.ref in drafts["cut"]
    assert ("can go first" in drafts["cut"]) is goes
    assert ("does not show that there is none" in drafts["cut"]) is not goes
    assert (null.ref in drafts["investment"].partition("What is not known")[2]) is not goes


def test_a_null_of_grade_c_is_nothing_to_cut_by(lead):
    null = fact(lead, "C", -1, 3, worth=1.0)
    assert null.ref not in said(lead)["cut"]


def test_with_nothing_known_the_drafts_say_so(lead):
    drafts = said(lead, Costs(), {})
    assert drafts["ask"] == "We ask to keep the team as it is."
    assert "has not been simulated yet" in drafts["cut"] and "names nothing that could go" in drafts["cut"]
    assert "No effect of grade A or B" in drafts["investment"]
