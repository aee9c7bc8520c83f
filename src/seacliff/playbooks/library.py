"""Playbooks as documents: drafting, publishing, retiring. A run goes by the version that was in force when it began."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify

from seacliff.people.models import Function, User
from seacliff.people.problems import Conflict, Invalid
from seacliff.playbooks.calendar import next_start
from seacliff.playbooks.document import book_of, content_of
from seacliff.playbooks.models import Playbook, PlaybookVersion
from seacliff.playbooks.reading import check, read
from seacliff.record.actions import Actor, Subject, happened

State = PlaybookVersion.State
RESERVED = {"new", "check", "install", "id", "of"}  # addresses beside those of playbooks


def functions() -> set[str]:
    """The short names of the functions there are."""
    return set(Function.objects.values_list("slug", flat=True))


def in_force(playbook: Playbook, at: datetime | None = None) -> PlaybookVersion | None:
    """The newest published version whose time has come; None for a playbook that has none or was retired."""
    if playbook.retired_at is not None:
        return None
    published = playbook.versions.filter(state=State.PUBLISHED, effective_at__lte=at or timezone.now())
    return published.order_by("-number").first()


def next_start_of(playbook: Playbook, after: datetime) -> datetime | None:
    """The first moment after `after` that the calendar of a version names which is in force then."""
    if playbook.retired_at is not None:
        return None
    published = playbook.versions.filter(state=State.PUBLISHED).order_by("-number")
    calendars = [(each.effective_at, book_of(each.content or {}).starts) for each in published if each.effective_at]
    found = []
    for place, (since, starts) in enumerate(calendars):
        moment = next_start(starts, max(after, since))
        if moment is not None and not any(newer <= moment for newer, _starts in calendars[:place]):
            found.append(moment)
    return min(found, default=None)


def all_in_force() -> list[PlaybookVersion]:
    """Of every playbook the version in force, by name. One query."""
    published = PlaybookVersion.objects.filter(
        state=State.PUBLISHED, effective_at__lte=timezone.now(), playbook__retired_at=None
    )
    newest = published.order_by("playbook_id", "-number").distinct("playbook_id").select_related("playbook")
    return sorted(newest, key=lambda version: version.playbook.name)


def slugs_in_force() -> list[str]:
    return [version.playbook.slug for version in all_in_force()]


@transaction.atomic
def create(actor: Actor, source: str, slug: str = "") -> PlaybookVersion:
    """A new playbook with its first draft; its short name comes from its name. Raises Invalid."""
    book, wrong = check(source)
    if book is None:
        raise Invalid(str(wrong[0]), errors=[{"pointer": "#/source", "detail": str(wrong[0])}])
    slug = slug or slugify(book.name)[:50]
    if slug in RESERVED:
        slug = f"{slug}-playbook"
    if not slug or Playbook.objects.filter(slug=slug).exists():
        sentence = f"There is a playbook {slug} already. Give this one another name." if slug else "Give it a name."
        raise Invalid(sentence, errors=[{"pointer": "#/source", "detail": sentence}])
    made = Playbook.objects.create(slug=slug, name=book.name)
    return save_draft(actor, made, source)


@transaction.atomic
def save_draft(actor: Actor, playbook: Playbook, source: str, change: str | None = None) -> PlaybookVersion:
    """Keep the draft as it is written, finished or not; there is one at most. Nobody runs by a draft."""
    Playbook.objects.select_for_update().get(id=playbook.id)
    draft = playbook.versions.filter(state=State.DRAFT).first()
    if draft is None:
        last = playbook.versions.aggregate(n=Max("number"))["n"] or 0
        draft = PlaybookVersion(playbook=playbook, number=last + 1)
        happened("playbook.drafted", _subject(playbook), actor, data={"number": draft.number})
    book, _wrong = check(source)
    draft.source, draft.content = source, content_of(book) if book else None
    draft.change = draft.change if change is None else change.strip()
    draft.save()
    return draft


@transaction.atomic
def publish(
    actor: Actor, version: PlaybookVersion, change: str, user: User | None = None, effective_at: datetime | None = None
) -> PlaybookVersion:
    """Let runs from then on go by it. Raises Invalid with everything that is wrong, by line."""
    version = _draft(version)
    now = timezone.now()
    if not change.strip():
        raise _invalid("change", "Say what changes and why: it is what the next person reads first.")
    if effective_at is not None and effective_at < now:
        raise _invalid("effective_at", "It can't take effect in the past. Leave the time out for now.")
    book = read(version.source, functions())
    version.content, version.change, version.state = content_of(book), change.strip(), State.PUBLISHED
    version.effective_at, version.published_at, version.published_by = effective_at or now, now, user
    version.save()
    playbook = version.playbook
    playbook.name = book.name
    playbook.next_start_at = next_start_of(playbook, now)
    playbook.save(update_fields=["name", "next_start_at"])
    data = {"number": version.number, "steps": len(book.steps), "effective_at": version.effective_at.isoformat()}
    happened("playbook.published", _subject(playbook), actor, reason=version.change, data=data)
    return version


@transaction.atomic
def discard(actor: Actor, version: PlaybookVersion) -> None:
    """Throw a draft away; a playbook that never was published goes with it."""
    version = _draft(version)
    playbook, number = version.playbook, version.number
    version.delete()
    happened("playbook.discarded", _subject(playbook), actor, data={"number": number})
    if not playbook.versions.exists():
        playbook.delete()


@transaction.atomic
def retire(actor: Actor, playbook: Playbook, *, retired: bool = True) -> None:
    """Nobody starts it any more; runs go on to their end. Or take that back."""
    now = timezone.now()
    playbook.retired_at = now if retired else None
    playbook.next_start_at = next_start_of(playbook, now)
    playbook.save(update_fields=["retired_at", "next_start_at"])
    happened("playbook.retired" if retired else "playbook.brought-back", _subject(playbook), actor)


def _draft(version: PlaybookVersion) -> PlaybookVersion:
    locked = PlaybookVersion.objects.select_for_update(of=["self"]).select_related("playbook").get(id=version.id)
    if locked.state != State.DRAFT:
        raise Conflict(f"Version {locked.number} is published: runs go by it. Draft a new one.")
    return locked


def _invalid(name: str, sentence: str) -> Invalid:
    return Invalid(sentence, errors=[{"pointer": f"#/{name}", "detail": sentence}])


def _subject(playbook: Playbook) -> Subject:
    return Subject("playbook", playbook.id)
