"""What several rooms need: a case decided and appealed, one that is open, a report with evidence."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from seacliff.enforcement.models import Notice
from seacliff.people.models import User
from seacliff.record import evidence
from seacliff.record.actions import Subject
from seacliff.record.desks import clear
from seacliff.review import actions
from seacliff.review.actions import Ordered, Verdict
from seacliff.review.models import Decision
from seacliff.review.tests import factories

from . import World


def plant(world: World) -> None:
    made = world.made
    made.rules = factories.policy()
    factories.notice_texts()
    made.other = factories.person("Olga Other", tier=4)
    made.decision = decided(made.other, made.rules)
    made.appealed = decided(made.other, made.rules)
    made.notice = Notice.objects.get(case_id=made.appealed.case_id, audience="affected")
    made.case = factories.case()
    made.report = factories.report(made.case)
    of_report = Subject("report", made.report.id)
    made.attached = evidence.attach(evidence.keep(b"a plain text"), of_report, "note.txt")
    made.secret = evidence.attach(evidence.keep(b"never shown", restricted=True), of_report, "x.bin")
    world.names |= {"ref": made.case.ref, "slug": "general", "number": 1, "id": made.case.id, "token": "A" * 38,
                    "signature": "x", "key": "x"}  # fmt: skip


def decided(user: User, rules: Any) -> Decision:
    """A case that somebody decided, past its undo, with its action and its notices."""
    tree = factories.tree()
    case = factories.case(tree["event"])
    factories.report(case)
    actions.claim(user, case)
    verdict = Verdict("violation", "spam", rules, "Bulk.", [Ordered("warn", tree["account"], {})])
    decision = actions.decide(user, case, verdict)
    Decision.objects.filter(id=decision.id).update(undo_until=timezone.now() - timedelta(seconds=1))
    clear("settle-decisions")
    decision.refresh_from_db()
    return decision
