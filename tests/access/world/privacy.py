from datetime import timedelta

from django.utils import timezone

from seacliff.people.permissions import Role
from seacliff.privacy import asking, exporting, holding
from seacliff.privacy.models import Run
from seacliff.privacy.plan import default, publish
from seacliff.record.actions import SYSTEM
from seacliff.review.tests import factories

from . import World


def plant(world: World) -> None:
    made, now = world.made, timezone.now()
    officer = factories.person("Petra Privacy", roles=(Role.PRIVACY,))
    rules = publish(default(), "To begin with", SYSTEM)
    run = Run.objects.create(plan=rules, state="ready", shown_at=now)
    until = (now + timedelta(days=9)).date()
    hold = holding.place(officer, "case", made.case, matter="22 C 114", reason="A court asked", review_on=until)
    asked = asking.take(officer, kind="access", party="reporter", asked_as=made.report.reporter_email)
    export = exporting.prepare(officer, asking.identify(officer, asked, "By mail"))
    world.name("privacy:run approve cancel", "id", run.id)
    world.name("privacy:asked do", "ref", str(asked))
    world.names |= {
        "privacy:version.number": rules.number,
        "privacy:release.id": hold.id,
        "privacy:request.id": asked.id,
        "privacy:look.id": export.id,
    }
