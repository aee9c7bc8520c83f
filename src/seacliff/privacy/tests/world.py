"""A small company with a past, for the tests of this room."""

from datetime import timedelta

import time_machine
from django.utils import timezone

from seacliff.enforcement.models import Notice
from seacliff.intake.models import Message, Report
from seacliff.people.permissions import Role
from seacliff.policy.models import NoticeText
from seacliff.privacy import plan as plans
from seacliff.privacy.plan import Plan, Rule
from seacliff.record import evidence
from seacliff.record.actions import SYSTEM, Subject
from seacliff.record.desks import clear
from seacliff.record.models import Attachment, Evidence
from seacliff.review import actions
from seacliff.review.actions import Ordered, Verdict
from seacliff.review.models import Case
from seacliff.review.tests import factories

LONG_AGO = timedelta(days=800)


def officer(name="Petra Privacy"):
    return factories.person(name, roles=(Role.PRIVACY,))


def decided(
    user, rules, *, ago=LONG_AGO, reporters=("mail:ann@example.org",), kind="warn", tree=None, finding="violation"
):
    """A case that came in and was decided that long ago: reports with words, a name, a file; notices; an action."""
    if not NoticeText.objects.exists():
        factories.notice_texts()
    tree = tree or factories.tree()
    at = timezone.now() - ago
    with time_machine.travel(at):
        case = factories.case(tree["event"], opened_at=at)
        for reporter in reporters:
            report = factories.report(
                case, reporter=reporter, at=at, reporter_name=f"Name of {reporter.partition(':')[2].partition('@')[0]}",
                target_tree=[{"kind": "account", "ref": tree["account"].ref, "name": tree["account"].name}],
                subject=f"From {reporter}",
            )  # fmt: skip
            evidence.attach(evidence.keep(f"a file of {reporter}".encode()), Subject("report", report.id), "a.txt")
        actions.claim(user, case)
        verdict = Verdict(finding, "spam", rules if finding == "violation" else None, "Bulk.",
                          [Ordered(kind, tree["account"], {})] if finding == "violation" else [])  # fmt: skip
        actions.decide(user, case, verdict)
    with time_machine.travel(at + timedelta(minutes=2)):
        clear("settle-decisions", "release-actions")
        Notice.objects.filter(case_id=case.id).update(state="sent", sent_at=timezone.now())
        case.target.__class__.objects.filter(id__in=[node.id for node in tree.values()]).update(seen_at=at)
    mine = Attachment.objects.filter(subject_id__in=case.case_reports.values("report_id"))
    Evidence.objects.filter(attachment__in=mine).update(stored_at=at)
    case = Case.objects.get(id=case.id)
    case.tree = tree
    return case


def message(report: Report) -> Message:
    """The mail that a report was read from."""
    raw = b"From: Ann <ann@example.org>\r\nSubject: look\r\n\r\nsecret words"
    kept = Message.objects.create(
        source="smtp", product_id=report.product_id, raw=raw, digest="d" * 64, sender="ann@example.org", subject="look",
        recipients=["abuse@lantern.example"], state="read",
    )  # fmt: skip
    Message.objects.filter(id=kept.id).update(received_at=report.received_at)
    Report.objects.filter(id=report.id).update(message_id=kept.id)
    return kept


def publish(*rules: Rule, **more):
    return plans.publish(Plan(list(rules) or plans.default().rules, **({"guard": 1.0} | more)), "To begin with", SYSTEM)
