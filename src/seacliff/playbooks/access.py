"""Who may look at playbooks and runs, write them, steer runs. Partners see their asks and no run."""

import re
from uuid import UUID

from django.http import Http404

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.people.problems import Conflict
from seacliff.playbooks.models import Playbook, PlaybookVersion, Run

REF = re.compile(r"(?:R-)?([1-9][0-9]{0,17})\Z", re.IGNORECASE)


def playbook_of(user: User, slug: str) -> Playbook:
    """404 when there is none that this person may see."""
    found = Playbook.objects.filter(slug=slug).first() if user.may(Permission.PLAYBOOK_VIEW) else None
    if found is None:
        raise Http404(f"There is no playbook {slug}.")
    return found


def playbook_by_id(user: User, id: UUID) -> Playbook:
    found = Playbook.objects.filter(id=id).first() if user.may(Permission.PLAYBOOK_VIEW) else None
    if found is None:
        raise Http404("There is no such playbook.")
    return found


def version_of(playbook: Playbook, number: int) -> PlaybookVersion:
    found = playbook.versions.select_related("playbook", "published_by").filter(number=number).first()
    if found is None:
        raise Http404(f"{playbook} has no version {number}.")
    return found


def draft_of(playbook: Playbook) -> PlaybookVersion:
    """Raises Conflict when nobody is writing one."""
    found = playbook.versions.select_related("playbook").filter(state=PlaybookVersion.State.DRAFT).first()
    if found is None:
        raise Conflict(f"{playbook} has no draft. Edit it to begin one.")
    return found


def run_of(user: User, ref: str) -> Run:
    """The run named "R-1001"; 404 when there is none that this person may see."""
    found = REF.match(ref)
    wanted = Run.objects.select_related("playbook", "version", "lead")
    run = wanted.filter(number=int(found[1])).first() if found and user.may(Permission.PLAYBOOK_VIEW) else None
    if run is None:
        raise Http404(f"There is no run {ref}.")
    return run


def run_by_id(user: User, id: UUID) -> Run:
    run = Run.objects.filter(id=id).first() if user.may(Permission.PLAYBOOK_VIEW) else None
    if run is None:
        raise Http404("There is no such run.")
    return run
