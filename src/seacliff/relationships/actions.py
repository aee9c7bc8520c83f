"""The verbs of this room: wording and pinning a win, choosing whether a function gets the digest."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.people.access import actor_of_user
from seacliff.people.models import Function, User
from seacliff.people.problems import Invalid, NotFound
from seacliff.record.actions import Subject, happened
from seacliff.relationships import wins
from seacliff.relationships.access import must_choose_digest
from seacliff.relationships.models import DigestChoice, Win

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
def choose_digest(user: User, function: Function, *, wanted: bool) -> None:
    """From the next week on. Raises NotAllowed."""
    must_choose_digest(user, function)
    DigestChoice.objects.update_or_create(function=function, defaults={"wanted": wanted})
    happened("digest.chosen", Subject("function", function.id), actor_of_user(user), data={"wanted": wanted})
