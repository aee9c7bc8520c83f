"""Who may do what with a case. Every page, API operation and verb of the room asks here."""

import re
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.record.actions import Actor
from seacliff.record.models import Event
from seacliff.review.models import Case, Queue, Work

REF = re.compile(r"(?:C-)?([1-9][0-9]{0,17})\Z", re.IGNORECASE)


class Refused(Exception):
    """What was asked cannot be done as things stand. The sentence says why and what to do; `code` is for programs,
    `field` names the part of a verdict that is at fault."""

    def __init__(self, sentence: str, code: str = "refused", field: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.code, self.field = sentence, code, field


class NotPermitted(Refused):
    """This person may not do this at all."""

    def __init__(self, sentence: str, code: str = "not-permitted") -> None:
        super().__init__(sentence, code)


class NotValid(Refused):
    """The verdict, the reason or the date does not fit the rules; another one would."""

    def __init__(self, sentence: str, field: str, code: str = "not-valid") -> None:
        super().__init__(sentence, code, field)


class Unread(Refused):
    """The rule on this harm has changed since this person last read it: they read and acknowledge it, then go on."""

    def __init__(self, category: str) -> None:
        sentence = _("The rule on %s has changed. Read what is new and acknowledge it; then go on.") % category
        super().__init__(sentence, "change-unread")
        self.category = category


def person(user: User) -> Actor:
    """The reviewer as the record names them."""
    return Actor(Event.ActorKind.PERSON, user.id, str(user))


def must(user: User, permission: Permission) -> None:
    if not user.may(permission):
        raise NotPermitted(_("You may not do this: none of your roles gives the permission %s.") % permission)


def case_of(user: User, ref: str) -> Case:
    """The case named "C-1001" with its target, queue and queue row; 404 when there is none that this person may see."""
    found = REF.match(ref)
    if not found or not user.may(Permission.CASE_VIEW):
        raise Http404(_("There is no case %s.") % ref)
    wanted = Case.objects.select_related(
        "target", "queue", "work__holder", "work__assigned_to", "decided_by", "brigade"
    )
    case = wanted.filter(number=int(found[1])).first()
    if case is None:
        raise Http404(_("There is no case %s.") % ref)
    return case


def queue_of(user: User, slug: str) -> Queue:
    queue = Queue.objects.filter(slug=slug).first() if user.may(Permission.CASE_VIEW) else None
    if queue is None:
        raise Http404(_("There is no queue %s.") % slug)
    return queue


def colleague_of(user: User, id: UUID) -> User:
    """Somebody a case can be given to."""
    must(user, Permission.CASE_ASSIGN)
    found = User.objects.filter(id=id, is_active=True).first()
    if found is None:
        raise NotValid(_("There is nobody here whom the case could be given to by that name."), "user")
    return found


def cases_of(user: User, ids: list[UUID]) -> list[Case]:
    """The cases with these ids, in this order."""
    must(user, Permission.CASE_VIEW)
    found = Case.objects.select_related("target").in_bulk(ids)
    if len(found) != len(set(ids)):
        raise NotValid(_("One of the selected cases does not exist any more. Load the page again."), "cases")
    return [found[id] for id in dict.fromkeys(ids)]


def must_review(user: User, case: Case) -> None:
    """Deciding, and every step towards it, needs the permission and the tier."""
    must(user, Permission.CASE_DECIDE)
    if case.tier > user.tier:
        raise NotPermitted(
            _("%(case)s is with tier %(tier)s; you review up to tier %(own)s. Somebody of that tier can claim it.")
            % {"case": case.ref, "tier": case.tier, "own": user.tier},
            "tier-too-low",
        )


def must_be_open(case: Case) -> None:
    if case.state == Case.State.DECIDED:
        by = str(case.decided_by) if case.decided_by else _("the system")
        raise Refused(
            _("%(case)s was already decided by %(name)s.") % {"case": case.ref, "name": by}, "already-decided"
        )


def must_hold(user: User, case: Case, work: Work | None) -> Work:
    """The queue row of a case that this person holds, or why they cannot go on with it."""
    must_be_open(case)
    if work is not None and work.held_until is not None and case.state == Case.State.OPEN:
        raise Refused(_("%s is being deliberated: see its page.") % case.ref, "deliberated")
    if work is None or work.held_until is not None:
        raise Refused(_("%s is on hold. Resume it first.") % case.ref, "on-hold")
    if work.holder_id is None:
        raise Refused(
            _("You do not hold %s: you have not claimed it, or your lease ran out. Claim it to go on.") % case.ref,
            "lease-expired",
        )
    if work.holder_id != user.id:
        raise Refused(
            _("%(case)s was taken by %(name)s. Take the next one, or ask them.")
            % {"case": case.ref, "name": work.holder},
            "taken",
        )
    return work
