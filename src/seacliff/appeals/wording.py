"""What is said about an appeal: the policy's own texts where they are written, otherwise ours, in the reader's language."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from seacliff.enforcement.models import Notice
from seacliff.enforcement.notices import line, render
from seacliff.policy.models import NoticeText
from seacliff.policy.queries import notice_text

Outcome = NoticeText.Outcome
Audience = NoticeText.Audience


def fill(notice: Notice, values: dict[str, Any], version: Any) -> Notice:
    """Write subject and body of a notice about an appeal."""
    audience, outcome = Audience(notice.audience), Outcome(notice.outcome)
    with translation.override(notice.language):
        try:
            text = notice_text(version, audience, outcome, notice.language)
            subject, body = text.subject, text.body
        except NoticeText.DoesNotExist:
            subject, body = ours(audience, outcome)
        values = {key: value() if callable(value) else value for key, value in values.items()}
        notice.subject = line(render(subject, values))
        notice.body = render(body, values)
    return notice


def ours(audience: Audience, outcome: Outcome) -> tuple[str, str]:
    """Subject and body, as templates, in the active language."""
    greeting = _("Hello,") + "\n\n"
    subject = {
        Outcome.APPEAL_RECEIVED: _("We have your appeal ({{ case_ref }})"),
        Outcome.APPEAL_UPHELD: _("Your appeal: the decision stands ({{ case_ref }})"),
        Outcome.APPEAL_OVERTURNED: _("After an appeal: the decision was overturned ({{ case_ref }})"),
        Outcome.APPEAL_CHANGED: _("After an appeal: the decision was changed ({{ case_ref }})"),
    }[outcome]
    body = {
        Outcome.APPEAL_RECEIVED: _(
            "your appeal concerning {{ what }} has arrived. Somebody who did not take the decision will look at it, "
            "at the latest by {{ due_on }}. You will hear from us here: {{ status_url }}"
        ),
        Outcome.APPEAL_UPHELD: _(
            "somebody who did not take the decision has looked at your appeal concerning {{ what }}. The decision "
            "stands.{% if answer %} {{ answer }}{% endif %}{% if rule_title %} It rests on this rule: {{ rule_title }}."
            "{% endif %}\n\nYou may also turn to an out-of-court dispute settlement body or to a court."
        ),
        Outcome.APPEAL_OVERTURNED: _(
            "the decision concerning {{ what }} was appealed and looked at by somebody who did not take it. It was "
            "wrong and does not stand any more.{% if answer %} {{ answer }}{% endif %}{% if reversed %} What was taken "
            "back: {{ reversed }}.{% endif %}{% if action %} What we do now: {{ action }}.{% endif %}"
        ),
        Outcome.APPEAL_CHANGED: _(
            "the decision concerning {{ what }} was appealed and looked at by somebody who did not take it. It was "
            "changed.{% if answer %} {{ answer }}{% endif %}{% if reversed %} What was taken back: {{ reversed }}."
            "{% endif %}{% if action %} What holds now: {{ action }}.{% endif %}"
        ),
    }[outcome]
    more = _("More on this page: {{ status_url }}") if outcome != Outcome.APPEAL_RECEIVED else ""
    return subject, greeting + body + (f"\n\n{more}" if more else "") + "\n\n{{ product }}"
