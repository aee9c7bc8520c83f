"""Second looks in the sample company: week by week some decisions are judged again and differences settled, some decisions were
wrong and are corrected; a golden case, and a calibration whose verdicts lie side by side."""

import random

import msgspec

from seacliff.people.models import User
from seacliff.quality import actions as quality
from seacliff.quality.actions import Found
from seacliff.quality.models import Check, Golden
from seacliff.quality.plan import DEFAULT, publish
from seacliff.record.actions import SYSTEM
from seacliff.review.actions import Verdict
from seacliff.review.models import STANDS, Case, Decision

SECONDS = ("Mei Tanaka", "Samuel Osei", "Lucía Herrera", "Jonas Weber")
DIFFERS = 3  # of five looks, this one
VIOLATION, NO_VIOLATION = Decision.Finding.VIOLATION, Decision.Finding.NO_VIOLATION
SAME = ("I see what the first reviewer must have seen.", "The words leave no doubt.", "Nothing here speaks against it.")
OTHER = {
    "violation": "The evidence names the account, and the rule has no exception for it.",
    "no-violation": "It is rude, but nobody is attacked for who they are.",
}
SETTLED = {
    "first": "The guide's second question answers it: the event was public.",
    "second": "The chat log shows who wrote it: the first reviewer looked at the wrong account.",
    "neither": "Both missed that two accounts share one name.",
}
SAID = ("No violation: the group jokes among itself.", "A joke at somebody's cost is still an attack.",
        "I would ask for the minute before.")  # fmt: skip


def begin() -> None:
    """Before anything is decided. By the verbs that a real team uses, as all here."""
    first = msgspec.structs.replace(DEFAULT, share=0.09, rules=(), golden=0.0)
    publish(first, "One in eleven, until we know how far we agree", SYSTEM)


def look(dice: random.Random, people: dict[str, User], leave: int = 0) -> None:
    """Once a week: what was drawn is judged again, four in five alike and in turns; so many of the newest wait."""
    before = Check.objects.exclude(second=None).count()
    for place in range(Check.objects.filter(state=Check.State.WAITING).count() - leave):
        user = people[SECONDS[place % len(SECONDS)]]
        if check := quality.claim_next(user):
            same = (before + place) % 5 != DIFFERS
            quality.answer(user, check, _as_before(check, dice) if same else _otherwise(check))


def settle(dice: random.Random, lead: User) -> None:
    """The lead settles what the two saw differently; every third decision that was wrong is corrected."""
    differing = Check.objects.filter(state=Check.State.DIFFERS).exclude(second=lead).exclude(first=lead)
    for check in differing.select_related("decision").order_by("id"):
        right = dice.choices(tuple(SETTLED), (3, 4, 1))[0]
        wrong = right != Check.Right.FIRST and check.first_finding == VIOLATION and dice.random() < 0.35
        stands = check.decision is not None and check.decision.superseded_at is None  # an appeal may have come first
        verdict = Verdict(NO_VIOLATION, check.category, None, SETTLED[right]) if wrong and stands else None
        quality.settle(lead, check, right, SETTLED[right], verdict)


def _as_before(check: Check, dice: random.Random) -> Found:
    allowed = set(check.policy_version.allowed_actions if check.policy_version else ())
    kinds = [kind for kind in check.first_actions if kind in allowed]
    return Found(check.first_finding, check.first_found, dice.choice(SAME), kinds)


def _otherwise(check: Check) -> Found:
    finding = NO_VIOLATION if check.first_finding == VIOLATION else VIOLATION
    return Found(finding, check.category, OTHER[finding])


def calibrate(dice: random.Random) -> None:
    """Three reviewers decided the same three cases alone and now compare; one case is agreed on and kept as golden."""
    people = {user.name: user for user in User.objects.all()}
    lead, *members = (people[name] for name in ("Ruth Adler", "Amara Okafor", "Jonas Weber", "Lucía Herrera"))
    final = Decision.objects.filter(STANDS, settled=True, case__language="en", tier=1).exclude(reviewer__in=members[1:])
    ids = final.order_by("id").values_list("case_id", flat=True)
    about = list(dict.fromkeys([*ids.filter(case__category__in=("harassment", "hate"))[:3], *ids[:3]]))[:3]
    cases = list(Case.objects.filter(id__in=about).order_by("id"))
    session = quality.open_session(lead, "Jokes or attacks: where the rule on harassment begins", cases, members, 5)
    for member in members:
        while check := quality.claim_next(member, session):
            finding = dice.choice((VIOLATION, VIOLATION, NO_VIOLATION))
            quality.answer(member, check, Found(finding, check.category, dice.choice(SAID)))
    session = quality.compare(lead, session)
    quality.write_note(members[0], session, "We differ where the group knows each other. Does the rule ask who laughs?")
    row = session.cases.select_related("decision__case").order_by("place")[0]
    right = Found(
        VIOLATION, row.decision.case.category, "Whoever is laughed at did not agree to it; the guide says so."
    )
    quality.agree(lead, row, right.finding, right.category, right.rationale)
    quality.keep(lead, row.decision.case, right, source=Golden.Source.CALIBRATION, of_session=row)
    publish(msgspec.structs.replace(DEFAULT, rules=()), "We agree well enough to look at three in a hundred", SYSTEM)
