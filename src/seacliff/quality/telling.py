"""Who hears of a correction that nobody asked for: whom it concerns, and the reporters when the finding is another."""

from itertools import batched
from typing import Any

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from seacliff.enforcement.models import Action, Notice
from seacliff.enforcement.notices import (
    Matter,
    Told,
    addressed,
    describe,
    kinds_in_words,
    line,
    page_of,
    render,
    to_affected,
)
from seacliff.policy.models import NoticeText, PolicyVersion
from seacliff.policy.queries import notice_text
from seacliff.review.models import Decision
from seacliff.review.telling import AT_ONCE, matter_of_decision, told_of

Audience = NoticeText.Audience
CORRECTED = NoticeText.Outcome.CORRECTED


def tell(old: Decision, new: Decision) -> None:
    """The notices of a correction, in the transaction that corrects.

    The affected user hears of it if anything was done or is done now: a decision that newly stands against them as after
    any decision, with its way to appeal; otherwise what was wrong and what was taken back. Reporters hear of it when they
    had been told another finding.
    """
    matter = matter_of_decision(new)
    reversed_ = _taken_back(new)
    fresh = old.finding != Decision.Finding.VIOLATION and new.finding == Decision.Finding.VIOLATION
    if fresh:
        notices = to_affected(matter)
        for notice in notices:
            notice.decision_id = new.id
        Notice.objects.bulk_create(notices, ignore_conflicts=True)
    elif matter.affected is not None and (reversed_ or new.actions or old.actions):
        notice = _notice(new, Audience.AFFECTED, matter.affected.language, matter.affected.email)
        notice.target = matter.affected
        Notice.objects.bulk_create([_filled(notice, matter, new, reversed_, page_of(notice))])
    if old.finding != new.finding:
        _tell_reporters(matter, new)


def _tell_reporters(matter: Matter, new: Decision) -> None:
    for some in batched(told_of(new.case), AT_ONCE):
        Notice.objects.bulk_create([_to_reporter(reporter, matter, new) for reporter in some])


def _to_reporter(reporter: Told, matter: Matter, new: Decision) -> Notice:
    notice = _notice(new, Audience.REPORTER, reporter.language, reporter.address)
    notice.report_id = reporter.report_id
    return _filled(notice, matter, new, [], reporter.status_url)


def _taken_back(new: Decision) -> list[Action]:
    """What the correction reversed: the decision's own actions, and what its strikes had triggered in other cases."""
    assert new.corrects is not None
    own = Q(case_id=new.case_id)
    by_strikes = Q(parameters__because="strikes", target__in=[a["target_id"] for a in new.corrects.actions])
    return list(Action.objects.filter(own | by_strikes, reversed_by__not_before__gte=new.decided_at).order_by("id"))


def _notice(new: Decision, audience: NoticeText.Audience, language: str, address: str) -> Notice:
    notice = addressed(new.case_id, audience, CORRECTED, language, address)
    notice.decision_id = new.id
    return notice


def _filled(notice: Notice, matter: Matter, new: Decision, reversed_: list[Action], url: str) -> Notice:
    version = new.policy_version
    with translation.override(notice.language):
        values: dict[str, Any] = {
            "product": matter.product,
            "case_ref": matter.case_ref,
            "what": describe(matter),
            "rule_title": version.title_in(notice.language) if version else "",
            "stands": new.finding == Decision.Finding.VIOLATION,
            "reversed": kinds_in_words(action.kind for action in reversed_),
            "action": kinds_in_words(kind for kind, _parameters in matter.actions),
            "status_url": url,
        }
        subject, body = _text(version, Audience(notice.audience), notice.language)
        notice.subject, notice.body = line(render(subject, values)), render(body, values)
    return notice


def _text(version: PolicyVersion | None, audience: NoticeText.Audience, language: str) -> tuple[str, str]:
    """The policy's own words where they are written, otherwise ours, in the active language."""
    try:
        text = notice_text(version, audience, CORRECTED, language)
    except NoticeText.DoesNotExist:
        subject = _("We corrected our decision ({{ case_ref }})")
        body = _(
            "we looked again at our decision concerning {{ what }}, as we do with some of our decisions, and found that it "
            "was wrong.{% if stands %} It breaks this rule: {{ rule_title }}.{% else %} No rule was broken."
            "{% endif %}{% if reversed %} What was taken back: {{ reversed }}.{% endif %}{% if action %} What holds now: "
            "{{ action }}.{% endif %}"
        )
        more = _("More on this page: {{ status_url }}")
        return subject, "\n\n".join((_("Hello,"), body, more, "{{ product }}"))
    return text.subject, text.body
