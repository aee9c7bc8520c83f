"""Who hears what about an appeal: the appellant at once and at the end, the other side when something changed."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from seacliff.appeals.models import Appeal
from seacliff.appeals.wording import fill
from seacliff.enforcement.models import Action, Notice
from seacliff.enforcement.notices import Matter, compose, describe
from seacliff.intake.receipts import status_url
from seacliff.policy.models import ActionKind, NoticeText
from seacliff.record.tokens import token_of
from seacliff.review.models import Decision
from seacliff.review.telling import matter_of, told_of

Outcome = NoticeText.Outcome
OUTCOMES = {
    Appeal.Outcome.UPHELD: Outcome.APPEAL_UPHELD,
    Appeal.Outcome.OVERTURNED: Outcome.APPEAL_OVERTURNED,
    Appeal.Outcome.CHANGED: Outcome.APPEAL_CHANGED,
}
AT_ONCE = 500


def confirm(appeal: Appeal) -> None:
    """It has arrived."""
    matter = _matter(appeal.decision)
    Notice.objects.bulk_create([_to_appellant(appeal, matter, Outcome.APPEAL_RECEIVED, [])])


def tell(appeals: Iterable[Appeal], reversed_: list[Action]) -> None:
    """The outcome: to the appellants; and to everybody else concerned, unless all stays as it was."""
    rows = list(appeals)
    first = rows[0]
    outcome = OUTCOMES[Appeal.Outcome(first.outcome)]
    matter = _matter(first.new_decision or first.decision)
    notices = [_to_appellant(appeal, matter, outcome, reversed_) for appeal in rows]
    Notice.objects.bulk_create(notices)
    if outcome == Outcome.APPEAL_UPHELD:
        return
    told = {appeal.report_id for appeal in rows}
    if first.side == Appeal.Side.REPORTER:
        _tell_affected(first, matter, outcome, reversed_)
    some: list[Notice] = []
    for reporter in told_of(first.case):
        if reporter.report_id not in told:
            notice = _notice(first, NoticeText.Audience.REPORTER, outcome, reporter.language, reporter.address)
            notice.report_id = reporter.report_id
            some.append(_filled(notice, matter, first, [], reporter.status_url, answer=""))
        if len(some) >= AT_ONCE:
            Notice.objects.bulk_create(some)
            some = []
    Notice.objects.bulk_create(some)


def _tell_affected(appeal: Appeal, matter: Matter, outcome: Outcome, reversed_: list[Action]) -> None:
    """Somebody against whom a decision now stands is told as after any decision; somebody freed hears of that."""
    if matter.outcome == Outcome.VIOLATION:
        notices = compose(matter, [])
        for notice in notices:
            notice.decision_id = appeal.new_decision_id
        Notice.objects.bulk_create(notices, ignore_conflicts=True)
    elif matter.affected is not None:
        notice = _notice(appeal, NoticeText.Audience.AFFECTED, outcome, matter.affected.language, matter.affected.email)
        notice.target = matter.affected
        Notice.objects.bulk_create([_filled(notice, matter, appeal, reversed_, _page_of(notice), answer="")])


def _to_appellant(appeal: Appeal, matter: Matter, outcome: Outcome, reversed_: list[Action]) -> Notice:
    affected = appeal.side == Appeal.Side.AFFECTED
    audience = NoticeText.Audience.AFFECTED if affected else NoticeText.Audience.REPORTER
    notice = _notice(appeal, audience, outcome, appeal.language, appeal.address)
    notice.report_id, notice.target_id = appeal.report_id, appeal.target_id
    url = status_url(appeal.report_id) if appeal.report_id else _page_of(notice)
    return _filled(notice, matter, appeal, reversed_ if affected else [], url, answer=appeal.answer)


def _notice(appeal: Appeal, audience: NoticeText.Audience, outcome: Outcome, language: str, address: str) -> Notice:
    now = timezone.now()
    return Notice(
        case_id=appeal.case_id,
        audience=audience,
        outcome=outcome,
        language=language or "en",
        address=address,
        state=Notice.State.PENDING if address else Notice.State.NO_ADDRESS,
        not_before=now,
        next_at=now,
    )


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
        "reversed": lambda: _kinds(action.kind for action in reversed_),
        "action": lambda: _kinds(kind for kind, _parameters in matter.actions),
        "status_url": url,
    }
    return fill(notice, values, version)


def _kinds(kinds: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(_(ActionKind(kind).label) for kind in kinds))


def _page_of(notice: Notice) -> str:
    return f"{settings.BASE_URL}/notices/{token_of('notice', notice.id)}"


def _matter(decision: Decision) -> Matter:
    actions = [(action["kind"], action["parameters"]) for action in decision.actions]
    return matter_of(
        decision.case, decision.finding, decision.category, decision.policy_version, decision.facts, actions
    )
