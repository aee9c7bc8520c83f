"""Who hears what about an appeal: the appellant at once and at the end, the other side when something changed."""

from collections.abc import Iterable
from itertools import batched
from typing import Any

from django.utils.formats import date_format

from seacliff.appeals.models import Appeal
from seacliff.appeals.wording import fill
from seacliff.enforcement.models import Action, Notice
from seacliff.enforcement.notices import Matter, Told, addressed, describe, kinds_in_words, page_of, to_affected
from seacliff.intake.receipts import status_url
from seacliff.policy.models import NoticeText
from seacliff.review.telling import AT_ONCE, matter_of_decision, told_of

Audience = NoticeText.Audience
Outcome = NoticeText.Outcome
OUTCOMES = {
    Appeal.Outcome.UPHELD: Outcome.APPEAL_UPHELD,
    Appeal.Outcome.OVERTURNED: Outcome.APPEAL_OVERTURNED,
    Appeal.Outcome.CHANGED: Outcome.APPEAL_CHANGED,
}


def confirm(appeal: Appeal) -> None:
    """It has arrived."""
    matter = matter_of_decision(appeal.decision)
    Notice.objects.bulk_create([_to_appellant(appeal, matter, Outcome.APPEAL_RECEIVED, [])])


def tell(appeals: Iterable[Appeal], reversed_: list[Action]) -> None:
    """The outcome: to the appellants; and to everybody else concerned, unless all stays as it was."""
    rows = list(appeals)
    first = rows[0]
    outcome = OUTCOMES[Appeal.Outcome(first.outcome)]
    matter = matter_of_decision(first.new_decision or first.decision)
    notices = [_to_appellant(appeal, matter, outcome, reversed_) for appeal in rows]
    Notice.objects.bulk_create(notices)
    if outcome == Outcome.APPEAL_UPHELD:
        return
    told = {appeal.report_id for appeal in rows}
    if first.side == Appeal.Side.REPORTER:
        _tell_affected(first, matter, outcome, reversed_)
    others = (reporter for reporter in told_of(first.case) if reporter.report_id not in told)
    for some in batched(others, AT_ONCE):
        Notice.objects.bulk_create([_to_reporter(reporter, matter, first, outcome) for reporter in some])


def _to_reporter(reporter: Told, matter: Matter, appeal: Appeal, outcome: Outcome) -> Notice:
    notice = addressed(appeal.case_id, Audience.REPORTER, outcome, reporter.language, reporter.address)
    notice.report_id = reporter.report_id
    return _filled(notice, matter, appeal, [], reporter.status_url, answer="")


def _tell_affected(appeal: Appeal, matter: Matter, outcome: Outcome, reversed_: list[Action]) -> None:
    """Somebody against whom a decision now stands is told as after any decision; somebody freed hears of that."""
    if matter.outcome == Outcome.VIOLATION:
        notices = to_affected(matter)
        for notice in notices:
            notice.decision_id = appeal.new_decision_id
        Notice.objects.bulk_create(notices, ignore_conflicts=True)
    elif matter.affected is not None:
        notice = addressed(appeal.case_id, Audience.AFFECTED, outcome, matter.affected.language, matter.affected.email)
        notice.target = matter.affected
        Notice.objects.bulk_create([_filled(notice, matter, appeal, reversed_, page_of(notice), answer="")])


def _to_appellant(appeal: Appeal, matter: Matter, outcome: Outcome, reversed_: list[Action]) -> Notice:
    affected = appeal.side == Appeal.Side.AFFECTED
    audience = Audience.AFFECTED if affected else Audience.REPORTER
    notice = addressed(appeal.case_id, audience, outcome, appeal.language, appeal.address)
    notice.report_id, notice.target_id = appeal.report_id, appeal.target_id
    url = status_url(appeal.report_id) if appeal.report_id else page_of(notice)
    return _filled(notice, matter, appeal, reversed_ if affected else [], url, answer=appeal.answer)


def _filled(
    notice: Notice, matter: Matter, appeal: Appeal, reversed_: list[Action], url: str, *, answer: str
) -> Notice:
    version = appeal.policy_version
    values: dict[str, Any] = {
        "product": matter.product,
        "case_ref": matter.case_ref,
        "what": lambda: describe(matter),
        "rule_title": lambda: version.title_in(notice.language) if version else "",
        "answer": answer,
        "due_on": lambda: date_format(appeal.due_at, "DATE_FORMAT"),
        "reversed": lambda: kinds_in_words(action.kind for action in reversed_),
        "action": lambda: kinds_in_words(kind for kind, _parameters in matter.actions),
        "status_url": url,
    }
    return fill(notice, values, version)
