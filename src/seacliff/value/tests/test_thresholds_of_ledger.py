"""A finding at a threshold, of a score and of strikes: from the record and the account days to a graded estimate."""

from datetime import date, timedelta
from functools import partial

import numpy as np
import pytest

from seacliff.people.problems import Invalid
from seacliff.policy.models import Policy
from seacliff.review.tests import factories
from seacliff.value.inputs import record
from seacliff.value.inputs.source import opened
from seacliff.value.ledger.designs import frame_of
from seacliff.value.ledger.plans import Plan
from seacliff.value.tests import world
from seacliff.value.tests.test_ledger import estimated, proposed

pytestmark = pytest.mark.django_db
WEEK = 7
SCORED = Plan("threshold", "active_days", threshold=0.7, horizon_days=WEEK, plausible=4.0)
STRUCK = Plan("strikes", "active_days", policy="spam", horizon_days=WEEK, plausible=4.0)
LOT = partial(Plan, "trial", "left", plausible=1.0, planned=0.5)
LOOKS = [
    "density at the threshold",
    "covariates at the threshold",
    "half and twice the bandwidth",
    "placebo cutoffs",
    "donut",
]


def scored(effect, share=1.0, accounts=1500):
    """The higher the score the less active; who is acted on is active on `effect` more of the days of the week after."""
    random = np.random.default_rng(8)
    scores = np.round(random.uniform(0.2, 1.0, accounts), 4)
    acted = (scores >= 0.7) & (random.uniform(size=accounts) < share)
    world.accounts_reported(scores, acted)

    def chance(number):
        reported = (world.NOON + timedelta(days=number % 4)).date()
        level = 0.6 - 0.3 * scores[number]
        return lambda day: level + effect * acted[number] * (day > reported)

    first = world.NOON.date() - timedelta(days=WEEK)
    world.days_of({f"s{number}": chance(number) for number in range(accounts)}, first, 2 * WEEK + 5)


def test_what_acting_does_at_the_threshold_of_a_score_is_found(lead):
    scored(0.4)
    run = estimated(lead, plan=SCORED).current
    assert run.grade == "B" and run.low < 0.4 * WEEK < run.high and run.low > 0, run.result
    assert [one["name"] for one in run.result["diagnostics"]] == LOOKS
    assert run.result["interval"] == "robust bias-corrected, Student"
    covariates = [row["covariate"] for row in run.result["diagnostics"][1]["rows"]]
    assert covariates == ["the account before", "hour"]  # nobody was reported before


def test_where_acting_does_nothing_nothing_is_found(lead):
    scored(0.0)
    run = estimated(lead, plan=SCORED).current
    assert run.low < 0 < run.high


def test_where_some_over_the_threshold_are_not_acted_on_it_is_the_effect_on_those_who_are(lead):
    scored(0.4, share=0.6)
    run = estimated(lead, plan=SCORED).current
    assert run.result["interval"] == "Anderson-Rubin" and run.result["diagnostics"][0]["name"] == "first-stage F"
    assert run.low < 0.4 * WEEK < run.high and run.low > 0, run.result
    assert 0.4 < run.result["figures"]["jump in actions"] < 0.8


def test_too_little_data_is_refused_with_how_much_would_do(lead):
    scored(0.4, accounts=300)
    run = estimated(
        lead, plan=Plan("threshold", "active_days", threshold=0.7, horizon_days=WEEK, plausible=0.2)
    ).current
    assert "rows near the threshold would do" in run.refusal and run.result["smallest_detectable"] > 0.2


def test_reports_without_a_score_and_other_spans_are_left_out(lead):
    scored(0.0, accounts=200)
    world.decided(40)  # nobody scored these
    with opened("") as source:
        whole = frame_of(SCORED, source)
        third = (world.NOON + timedelta(days=2)).date()
        part = frame_of(
            Plan("threshold", "active_days", threshold=0.7, horizon_days=WEEK, plausible=4.0, since=third), source
        )
        other = frame_of(Plan("threshold", "active_days", threshold=0.7, plausible=4.0, category="phishing"), source)
    assert len(whole) == 200 and len(part) == 100 and other.empty
    assert (whole.acted == (whole.value >= 0)).all()


def test_a_horizon_that_is_not_over_in_what_is_loaded_is_left_out(lead):
    scored(0.0, accounts=200)
    with opened("") as source:
        frame = frame_of(Plan("threshold", "active_days", threshold=0.7, horizon_days=WEEK + 2, plausible=4.0), source)
    assert len(frame) == 150  # the account days end twelve days after the first reports


def test_reports_again_need_no_account_days(lead):
    world.accounts_reported(np.linspace(0.2, 1, 200), np.linspace(0.2, 1, 200) >= 0.7)
    with opened("") as source:
        frame = frame_of(Plan("threshold", "reported_again", threshold=0.7, horizon_days=WEEK, plausible=1.0), source)
    assert len(frame) == 200 and not frame.outcome.any()


@pytest.mark.parametrize(("given", "score"), [(0.83, 0.83), ("0.83", 0.83), ("high", None), (None, None), ([1], None)])
def test_a_score_is_what_the_sender_gave_besides_as_a_number(given, score):
    world.accounts_reported(np.array([0.5]), np.array([True]))
    report = world.Report.objects.get()
    world.Report.objects.bulk_create([world.Report(
        product_id=report.product_id, channel="api", category="spam", target_kind="user", target_ref="s0",
        received_at=world.NOON + timedelta(days=1), extra={"score": given})])  # fmt: skip
    [found] = record.read("reports", (world.NOON + timedelta(days=1)).date()).score
    assert found == score or (score is None and np.isnan(found))


def struck(effect, accounts=400, threshold=3):
    """Accounts get one to three strikes, whoever they are; the third brings a suspension, then a week of other use."""
    rules = factories.publish(
        Policy.objects.create(slug="spam"), 1, at=world.NOON - timedelta(days=30), threshold=threshold
    )
    random = np.random.default_rng(4)
    reached = random.choice([1, 2, 3], accounts, p=[0.3, 0.3, 0.4])
    world.accounts_struck(reached, rules, gap_days=WEEK + 1)
    suspended = (world.NOON + timedelta(days=3 * (WEEK + 1))).date()

    def chance(number):
        level = random.uniform(0.3, 0.6)
        return lambda day: level + effect * (reached[number] == 3) * (day > suspended)

    first = world.NOON.date() - timedelta(days=WEEK)
    world.days_of({f"k{number}": chance(number) for number in range(accounts)}, first, 6 * WEEK)
    return reached


def test_strikes_are_compared_one_step_beside_the_next(lead):
    reached = struck(0.35)
    run = estimated(lead, plan=STRUCK).current
    assert run.grade == "C" and run.low < 0.35 * WEEK < run.high and run.low > 0, run.result
    assert run.n == (reached >= 2).sum() + (reached == 3).sum()
    assert [one["name"] for one in run.result["diagnostics"]] == [
        "density at the threshold", "covariates at the threshold", "twice the window", "placebo cutoffs", "donut",
        "E-value",
    ]  # fmt: skip


def test_a_strike_is_held_against_the_threshold_of_its_day(lead):
    """It was one higher until the second strikes."""
    struck(0.0, accounts=60, threshold=4)
    factories.publish(Policy.objects.get(), 2, at=world.NOON + timedelta(days=2 * (WEEK + 1)), threshold=3)
    with opened("") as source:
        frame = frame_of(STRUCK, source)
    strikes = record.read("strikes").set_index("strike_id")
    counts = frame.key.map(strikes["count"])
    assert set(zip(counts, frame.value, strict=True)) == {(1, -3), (2, -1), (3, 0)}
    assert not frame.acted.any()  # the version of each strike asked for a fourth


def test_a_strike_that_was_taken_back_or_expired_counts_no_more(lead):
    world.accounts_struck(np.array([3]), factories.policy())
    first, second, _third = world.Strike.objects.order_by("given_at")
    world.Strike.objects.filter(id=first.id).update(expires_at=second.given_at)
    world.Strike.objects.filter(id=second.id).update(taken_back_at=second.given_at + timedelta(hours=1))
    assert list(record.read("strikes")["count"]) == [1, 1, 1]


@pytest.mark.parametrize(
    ("plan", "field", "said"),
    [
        (Plan("threshold", "active_days", plausible=1.0), "threshold", "from which score on"),
        (Plan("strikes", "active_days", plausible=1.0), "policy", "threshold of strikes"),
        (Plan("threshold", "active_days", plausible=1.0, threshold=0.5, queue="general"), "queue", "does not look at a queue"),
        (LOT(launch="lobby", since=world.START), "since", "horizon say from when until when"),
        (LOT(launch="lobby", until=date(2100, 1, 1)), "until", "until today at most"),
        (Plan("series", "reports", plausible=1.0, category="spam", changed_at=world.START, until=world.START), "changed_at",
         "between the first and the last"),
        (Plan("churn", "left", plausible=1.0, threshold=0.0), "threshold", "does not look at a score's threshold"),
    ],
)  # fmt: skip
def test_what_a_plan_lacks_or_its_design_does_not_look_at_is_told(lead, plan, field, said):
    with pytest.raises(Invalid, match=said) as told:
        proposed(lead, plan=plan)
    assert told.value.errors[0]["pointer"] == f"#/{field}"
