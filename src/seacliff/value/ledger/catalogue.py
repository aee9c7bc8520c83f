"""The designs that a finding may choose: what each answers, what it looks at, what it needs. Light: pages import it; `designs`
has what it takes to run them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seacliff.value.ledger.plans import Plan, PlanError


@dataclass(frozen=True, slots=True)
class Design:
    """`outcomes`: slug to (words, unit of the estimate). `needs`: fields of the plan that can't stay empty; `takes`: those that
    it looks at where they are filled, both besides what is ALWAYS asked. Another one that is filled is refused: nothing that was
    said goes unheard."""

    slug: str
    label: str
    answers: str
    outcomes: Mapping[str, tuple[str, str]]
    needs: Sequence[str]
    takes: Sequence[str]
    best: str  # the best grade it can get

    @property
    def looks_at(self) -> tuple[str, ...]:
        return (*self.needs, *self.takes, *ALWAYS)


ACCOUNT = {
    "active_days": ("Days on which the account is active", "active days of an account in {days} days"),
    "revenue": ("Revenue of the account", "revenue of an account in {days} days"),
    "left": ("Whether the account leaves", "share of accounts that leave within {days} days"),
}


LENIENCY_OUTCOMES = {
    "reports_again": ("Whether the reporter reports again", "share of reporters who report again within {days} days"),
    "reported_again": ("Reports against the account again", "reports against the account within {days} days"),
    **{f"target_{slug}": (f"Of the account reported: {words[0].lower()}", "account reported: " + words[1])
       for slug, words in ACCOUNT.items()},
    **{f"reporter_{slug}": (f"Of the reporter: {words[0].lower()}", "reporter: " + words[1])
       for slug, words in ACCOUNT.items()},
}  # fmt: skip
MARKET = {"active_days": (ACCOUNT["active_days"][0], "active days of an account in a week"),
          "revenue": (ACCOUNT["revenue"][0], "revenue of an account in a week"),
          "left": (ACCOUNT["left"][0], "share of accounts that leave in a week")}  # fmt: skip

THRESHOLD = {"reported_again": LENIENCY_OUTCOMES["reported_again"], **ACCOUNT}
ALWAYS = ("plausible", "until")  # needed, and taken, by every design

ALL = (
    Design("trial", "A lot", "What a change does whose accounts chance chose", ACCOUNT, ("launch", "planned"), ("horizon_days",),
           "A"),
    Design("leniency", "Reviewer leniency", "What acting on a case does to what its reporter or account does later",
           LENIENCY_OUTCOMES, (), ("category", "queue", "since", "horizon_days", "only_random"), "B"),
    Design("threshold", "A threshold of a score", "What acting on an account does whose score just crossed the threshold",
           THRESHOLD, ("threshold",), ("category", "since", "horizon_days"), "B"),
    Design("strikes", "A threshold of strikes", "What the action at the threshold does to an account that just reached it",
           THRESHOLD, ("policy",), ("since", "horizon_days"), "B"),
    Design("launch", "One launch, against other markets", "What a change did that shipped to some markets on one day",
           MARKET, ("launch",), ("since",), "B"),
    Design("staggered", "A change at several dates", "What a change did that reached markets at different dates",
           MARKET, ("launch",), ("since",), "B"),
    Design("series", "One series, before and after", "Whether reports of a category changed when something did",
           {"reports": ("Reports a day", "reports a day")}, ("category", "changed_at"), ("since",), "C"),
    Design("churn", "Exposure and leaving", "Whether accounts that met abuse leave more: an association, never an effect",
           {"left": ("Whether the account leaves", "log hazard ratio of leaving, exposed against not")}, (),
           ("category", "since"), "C"),
)  # fmt: skip
DESIGNS: dict[str, Design] = {design.slug: design for design in ALL}


def design_of(slug: str) -> Design:
    if slug not in DESIGNS:
        raise PlanError(f"There is no design {slug}; there are {', '.join(DESIGNS)}.", "design")
    return DESIGNS[slug]


def unit_of(plan: Plan) -> str:
    return DESIGNS[plan.design].outcomes[plan.outcome][1].format(days=plan.horizon_days)


def days_of(plan: Plan) -> int:
    """How many days one unit of the estimate is of."""
    return 7 if DESIGNS[plan.design].outcomes is MARKET else plan.horizon_days
