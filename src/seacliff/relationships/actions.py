"""The verbs of this room: wording and pinning a win, choosing whether a function gets the digest and
how often the pulse is put."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.partners.access import our_function
from seacliff.people.access import actor_of_user
from seacliff.people.models import Function, User
from seacliff.people.problems import Invalid, NotFound
from seacliff.record.actions import Subject, happened
from seacliff.relationships import wins
from seacliff.relationships.access import must_choose_digest
from seacliff.relationships.models import DigestChoice, PulseShare, Win

LONGEST = 600


@transaction.atomic
def word_win(user: User, kind: str, id: UUID, words: str, *, pinned: bool) -> Win:
    """Say in a lead's words what went well, and keep it on top or let it go. Raises NotFound, Invalid."""
    if not wins.exists(kind, id):
        raise NotFound(_("The record has no such win: the asker says first that it changed the outcome."))
    if len(words.strip()) > LONGEST:
        sentence = _("At most %d characters.") % LONGEST
        raise Invalid(sentence, errors=[{"pointer": "#/words", "detail": sentence}])
    win, _made = Win.objects.select_for_update().get_or_create(subject_kind=kind, subject_id=id)
    win.words, win.edited_by = words.strip(), user
    win.pinned_at = (win.pinned_at or timezone.now()) if pinned else None
    win.save()
    happened("win.worded", Subject(kind, id), actor_of_user(user), story=id, reason=win.words, data={"pinned": pinned})
    return win


@transaction.atomic
def choose_pulse_share(user: User, percent: str) -> None:
    """After how many of a hundred answered asks the pulse is put, from the next answer on. Raises Invalid."""
    if not (percent.isascii() and percent.isdigit() and int(percent) <= 100):
        sentence = _("Write a whole number from 0 to 100.")
        raise Invalid(sentence, errors=[{"pointer": "#/percent", "detail": sentence}])
    PulseShare.objects.update_or_create(id=1, defaults={"percent": int(percent)})
    happened("pulse.share-chosen", Subject("function", our_function().id), actor_of_user(user),
             data={"percent": int(percent)})  # fmt: skip


@transaction.atomic
def choose_digest(user: User, function: Function, *, wanted: bool) -> None:
    """From the next week on. Raises NotAllowed."""
    must_choose_digest(user, function)
    DigestChoice.objects.update_or_create(function=function, defaults={"wanted": wanted})
    happened("digest.chosen", Subject("function", function.id), actor_of_user(user), data={"wanted": wanted})
