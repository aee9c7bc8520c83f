"""What several rooms need: a case decided and appealed, one that is open, a report with evidence."""

import io
from datetime import timedelta
from typing import Any

from django.utils import timezone
from PIL import Image
from PIL.PngImagePlugin import PngInfo

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

REPORTER = "quiet.reporter@example.org"
MARK = b"SEACLIFF-NEVER-SHOWN"
SECRET_NAME = "unspeakable.png"
COLOUR = (201, 13, 97)  # of every pixel of the restricted picture, by which a thumbnail of it would be known


def _picture() -> bytes:
    out, facts = io.BytesIO(), PngInfo()
    facts.add_text("Comment", MARK.decode())
    Image.new("RGB", (64, 64), COLOUR).save(out, "PNG", pnginfo=facts)
    return out.getvalue()


SECRET = _picture()


def plant(world: World) -> None:
    made = world.made
    made.rules = factories.policy()
    factories.notice_texts()
    made.other = factories.person("Olga Other", tier=4)
    made.decision = decided(made.other, made.rules)
    made.appealed = decided(made.other, made.rules)
    made.notice = Notice.objects.get(case_id=made.appealed.case_id, audience="affected")
    made.case = factories.case()
    made.report = factories.report(made.case, reporter=f"mail:{REPORTER}", reporter_name="Quiet Reporter")
    of_report = Subject("report", made.report.id)
    made.attached = evidence.attach(evidence.keep(b"a plain text"), of_report, "note.txt")
    made.secret = evidence.attach(evidence.keep(SECRET, restricted=True), of_report, SECRET_NAME)
    world.planted |= {
        "restricted material": (MARK, made.secret.evidence_id.encode(), SECRET_NAME.encode()),
        "who is affected": (b"@northfield.example",),
        "who reported": (REPORTER.encode(), b"Quiet Reporter"),
    }
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
