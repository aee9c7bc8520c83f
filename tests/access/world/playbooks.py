from seacliff.people.permissions import Role
from seacliff.playbooks.library import save_draft
from seacliff.playbooks.tests import factories
from seacliff.record.actions import SYSTEM
from seacliff.review.tests.factories import person

from . import World


def plant(world: World) -> None:
    lead = person("Lia Leads", roles=(Role.LEAD,))
    version = factories.published(user=lead)
    save_draft(SYSTEM, version.playbook, factories.SMALL)
    run = factories.started(version, lead)
    world.names |= {
        "playbooks.slug": version.playbook.slug,
        "playbooks.ref": run.ref,
        "playbooks:of-case.ref": world.made.case.ref,
        "playbooks.key": "look",
        "playbooks:by-id.id": version.playbook_id,
        "playbooks:run-by-id.id": run.id,
        "api:playbooks.slug": version.playbook.slug,
        "api:runs.ref": run.ref,
        "api:runs.key": "look",
    }
