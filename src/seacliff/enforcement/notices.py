"""Notices: composed from the policy's texts when the decision is made, sent by mail when it stands.

Nobody is told who reported them: the affected user's notice is made from a Matter, which holds no reporter at all.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from smtplib import SMTPRecipientsRefused
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, mailers
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.template import Context, Engine, Template
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from seacliff.enforcement.models import Notice
from seacliff.policy.models import ActionKind, NoticeText, PolicyVersion
from seacliff.policy.queries import notice_text
from seacliff.record.actions import SYSTEM, Subject, event, write
from seacliff.record.desks import desk
from seacliff.record.models import Event
from seacliff.record.tokens import token_of
from seacliff.targets.models import Target

log = structlog.get_logger("seacliff.notices")

BATCH = 50
LEASE = timedelta(minutes=5)
GIVE_UP_AFTER = timedelta(hours=24)
# Policy managers write these texts: plain text, no loading of other templates or tag libraries.
ENGINE = Engine(autoescape=False)
SPOKEN = {"en", "de", "es"}
# notice_text(), or one that remembers what it found, for who writes many
Words = Callable[[PolicyVersion | None, NoticeText.Audience, NoticeText.Outcome, str], NoticeText]


@dataclass(frozen=True, slots=True)
class Told:
    """A reporter who is told the outcome."""

    report_id: UUID
    address: str
    language: str
    received_at: datetime
    status_url: str


@dataclass(frozen=True, slots=True)
class Matter:
    """What a decision's notices speak of. It knows the target and the rule, and nobody who reported."""

    case_id: UUID
    case_ref: str
    product: str
    harm: dict[str, str]
    target: Target
    affected: Target | None
    outcome: NoticeText.Outcome
    version: PolicyVersion | None
    facts: str
    actions: list[tuple[ActionKind, dict]] = field(default_factory=list)
    automated: bool = False
    received_at: datetime | None = None


def to_affected(matter: Matter, text: Words = notice_text) -> list[Notice]:
    """The notice of a decision to the affected user, not yet stored: one when something was done, else none."""
    affected = matter.affected
    if matter.outcome != NoticeText.Outcome.VIOLATION or affected is None or not matter.actions:
        return []
    notice = Notice(target=affected, audience=NoticeText.Audience.AFFECTED)
    language = spoken(affected.language)
    return [_fill(notice, matter, text, language, affected.email, page_of(notice), matter.received_at)]


def to_reporter(matter: Matter, told: Told, text: Words = notice_text) -> Notice:
    """The notice of a decision to one who reported, not yet stored."""
    notice = Notice(report_id=told.report_id, audience=NoticeText.Audience.REPORTER)
    return _fill(notice, matter, text, spoken(told.language), told.address, told.status_url, told.received_at)


def acknowledgement(
    *,
    report_id: UUID,
    case_id: UUID,
    ref: str,
    product: str,
    what: str,
    address: str,
    language: str,
    received_at: datetime,
    status_url: str,
    text: Words = notice_text,
) -> Notice:
    """The receipt that goes to a reporter who left an address."""
    language = spoken(language)
    words = text(None, NoticeText.Audience.REPORTER, NoticeText.Outcome.RECEIVED, language)
    with translation.override(language):
        values = {
            "product": product,
            "case_ref": ref,
            "what": what,
            "received_on": date_format(received_at, "DATE_FORMAT"),
            "status_url": status_url,
        }
    now = timezone.now()
    return Notice(
        report_id=report_id,
        case_id=case_id,
        audience=NoticeText.Audience.REPORTER,
        outcome=NoticeText.Outcome.RECEIVED,
        language=language,
        address=address,
        subject=line(render(words.subject, values)),
        body=render(words.body, values),
        not_before=now,
        next_at=now,
    )


def _fill(
    notice: Notice,
    matter: Matter,
    text: Words,
    language: str,
    address: str,
    status_url: str,
    received_at: datetime | None,
) -> Notice:
    words = text(matter.version, NoticeText.Audience(notice.audience), matter.outcome, language)
    with translation.override(language):
        values = {
            "product": matter.product,
            "case_ref": matter.case_ref,
            "what": describe(matter),
            "facts": matter.facts,
            "rule_title": matter.version.title_in(language) if matter.version else "",
            "rule_text": matter.version.summary_in(language) if matter.version else "",
            "action": "; ".join(_(ActionKind(kind).label) for kind, _parameters in matter.actions),
            "duration": _duration(matter),
            "redress": _redress(notice.audience, status_url),
            "status_url": status_url,
            "received_on": date_format(received_at, "DATE_FORMAT") if received_at else "",
            "automated": _automated(matter.automated),
            "own_initiative": received_at is None,
        }
        notice.case_id = matter.case_id
        notice.outcome = matter.outcome
        notice.language = language
        notice.address = address
        notice.subject = line(render(words.subject, values))
        notice.body = render(words.body, values)
    notice.state = Notice.State.PENDING if address else Notice.State.NO_ADDRESS
    notice.not_before = notice.next_at = timezone.now()
    return notice


def describe(matter: Matter) -> str:
    """What the matter is about, in the active language: “event “Biology 101” (phishing)”."""
    language = translation.get_language() or "en"
    harm = matter.harm.get(language[:2]) or matter.harm.get("en", "")
    return _("%(kind)s “%(name)s” (%(harm)s)") % {
        "kind": _(matter.target.get_kind_display()),
        "name": matter.target.name or matter.target.ref,
        "harm": harm,
    }


def page_of(notice: Notice) -> str:
    """Where whoever holds the notice reads it again, and objects: nobody else knows the address."""
    return f"{settings.BASE_URL}/notices/{token_of('notice', notice.id)}"


def kinds_in_words(kinds: Iterable[str]) -> str:
    """Kinds of action in the active language, each once."""
    return "; ".join(dict.fromkeys(_(ActionKind(kind).label) for kind in kinds))


def addressed(
    case_id: UUID, audience: NoticeText.Audience, outcome: NoticeText.Outcome, language: str, to: str
) -> Notice:
    """A notice whose words are still to come, due now; without an address it is kept and not sent."""
    now = timezone.now()
    return Notice(
        case_id=case_id,
        audience=audience,
        outcome=outcome,
        language=spoken(language),
        address=to,
        state=Notice.State.PENDING if to else Notice.State.NO_ADDRESS,
        not_before=now,
        next_at=now,
    )


def _duration(matter: Matter) -> str:
    days = max((parameters.get("days") or 0 for _kind, parameters in matter.actions), default=0)
    return _("%(days)d days") % {"days": days} if days else _("until further notice")


def _redress(audience: str, status_url: str) -> str:
    if audience == NoticeText.Audience.AFFECTED:
        return _(
            "If you think that we are wrong, you can object on this page, free of charge: %(url)s "
            "Somebody who did not take the decision will look at it. You may also turn to an out-of-court dispute "
            "settlement body or to a court."
        ) % {"url": status_url}
    return _("If you disagree with the outcome, tell us on the same page; somebody else will look at it.")


def _automated(automated: bool) -> str:
    if automated:
        return _("The decision was taken by automated means.")
    return _("A person took the decision; no automated means decided.")


def spoken(language: str) -> str:
    """The language that is written in: the reader's, if we have it."""
    return language[:2].lower() if language[:2].lower() in SPOKEN else "en"


def line(text: str) -> str:
    """A mail's subject: one line, whatever was put into it."""
    return " ".join(text.split())[:200]


@lru_cache(maxsize=512)
def _template(source: str) -> Template:
    return Template(source, engine=ENGINE)


def render(source: str, values: dict) -> str:
    """Fill a notice text. Raises django.template.TemplateSyntaxError for a text that isn't well formed."""
    return _template(source).render(Context(values)).strip() + "\n"


@desk("notices", every=2.0)
def send_due() -> int:
    """Send one batch of due notices, each at least once and normally once."""
    claimed = _claim()
    if not claimed:
        return 0
    sent: list[tuple[Notice, str]] = []
    failed: list[tuple[Notice, str]] = []
    try:
        with mailers.default as mailer:
            for notice in claimed:
                problem = _send(notice, mailer)
                (failed if problem else sent).append((notice, problem))
    except OSError as error:  # the mail server is away: the whole rest waits
        done = {notice.id for notice, _problem in [*sent, *failed]}
        failed += [
            (notice, f"The mail server can't be reached: {error}") for notice in claimed if notice.id not in done
        ]
    _settle([notice for notice, _problem in sent], failed)
    return len(claimed)


def _claim() -> list[Notice]:
    now = timezone.now()
    with transaction.atomic():
        notices = list(
            Notice.objects.filter(state=Notice.State.PENDING, next_at__lte=now)
            .order_by("next_at", "id")
            .select_for_update(skip_locked=True)[:BATCH]
        )
        Notice.objects.filter(id__in=[notice.id for notice in notices]).update(next_at=now + LEASE)
    return notices


def _send(notice: Notice, mailer: BaseEmailBackend) -> str:
    """Send one; the problem in a sentence when it could not be."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    message = EmailMessage(
        subject=notice.subject,
        body=notice.body,
        to=[notice.address],
        headers={
            "Message-ID": f"<{notice.id}@{domain}>",  # the same at every try: a mailbox shows it once
            "Auto-Submitted": "auto-generated",
            "Content-Language": notice.language,
        },
    )
    try:
        mailer.send_messages([message])
    except SMTPRecipientsRefused as error:
        return f"The mail server refused the address: {error}"
    except (ValueError, UnicodeError) as error:
        return f"The notice can't be sent as mail: {error}"
    return ""


def _settle(sent: list[Notice], failed: list[tuple[Notice, str]]) -> None:
    now = timezone.now()
    events = []
    with transaction.atomic():
        Notice.objects.filter(id__in=[notice.id for notice in sent]).update(
            state=Notice.State.SENT, sent_at=now, last_error=""
        )
        events += [_told("notice.sent", notice) for notice in sent]
        for notice, problem in failed:
            attempts = notice.attempts + 1
            gone = now - notice.not_before > GIVE_UP_AFTER
            Notice.objects.filter(id=notice.id).update(
                attempts=attempts,
                last_error=problem[:500],
                state=Notice.State.FAILED if gone else Notice.State.PENDING,
                next_at=now + timedelta(seconds=min(30 * 2**attempts, 7200)),
            )
            if gone:
                events.append(_told("notice.failed", notice, reason=problem.replace(notice.address, "(the address)")))
        write(events)
    if failed:
        log.warning("notices wait for the mail server", waiting=len(failed), problem=failed[0][1])


def _told(verb: str, notice: Notice, reason: str = "") -> Event:
    data = {"audience": notice.audience, "outcome": notice.outcome, "language": notice.language}
    return event(verb, Subject("notice", notice.id), SYSTEM, story=notice.case_id, data=data, reason=reason)
