"""The playbooks that come with Seacliff."""

from pathlib import Path

from django.db import transaction

from seacliff.people.models import User
from seacliff.playbooks.document import Playbook as Document
from seacliff.playbooks.library import create, publish
from seacliff.playbooks.models import Playbook
from seacliff.playbooks.reading import read
from seacliff.record.actions import Actor

FOLDER = Path(__file__).with_name("shipped")
CHANGE = "The playbook that comes with Seacliff"


def shipped() -> dict[str, tuple[str, Document]]:
    """Short name to source and document of each."""
    sources = {path.stem: path.read_text() for path in sorted(FOLDER.glob("*.yaml"))}
    return {slug: (source, read(source)) for slug, source in sources.items()}


@transaction.atomic
def install(actor: Actor, user: User | None = None, *, published: bool = False) -> int:
    """Add those that are not there yet, as drafts to be made one's own, or published as they are. How many."""
    known = set(Playbook.objects.values_list("slug", flat=True))
    missing = {slug: source for slug, (source, _book) in shipped().items() if slug not in known}
    for slug, source in missing.items():
        draft = create(actor, source, slug)
        if published:
            publish(actor, draft, CHANGE, user)
    return len(missing)
