"""Privacy at the sample company: rules in force with a preview, two holds, two people who ask about their data."""

from datetime import timedelta

from django.utils import timezone

from seacliff.intake.models import Reporter
from seacliff.people.models import User
from seacliff.people.permissions import Role
from seacliff.privacy import asking, exporting, holding, running
from seacliff.privacy.models import Request
from seacliff.privacy.plan import Plan, Rule, default, publish
from seacliff.record.actions import SYSTEM
from seacliff.review.models import Case
from seacliff.sample.company import ADDRESS
from seacliff.targets.models import Kind, Target


def begin() -> None:
    """By the room's own verbs, as its officers would."""
    nadia, femi = User.objects.filter(roles__contains=[Role.PRIVACY], email__endswith=ADDRESS).order_by("id")[:2]
    rules = [
        *default().rules,
        Rule("report-text", 1095, category="fraud-scam"),
        Rule("evidence", 730, outcome="violation"),
    ]
    publish(Plan(rules), "What counsel and the works council agreed to", SYSTEM)
    _holds(nadia)
    running.ask_for_preview(nadia, SYSTEM)
    running.show_one()
    _requests(nadia, femi)


def _holds(officer: User) -> None:
    today = timezone.now().date()
    account = Target.objects.filter(kind=Kind.ORGANISATION).order_by("id").first()
    case = Case.objects.order_by("number").first()
    if account is None or case is None:
        return
    holding.place(officer, "tree", account, matter="Landgericht Hamburg 324 O 88/26", review_on=today + timedelta(days=90),
                  reason="The customer contests a suspension; counsel asks to keep everything")  # fmt: skip
    holding.place(officer, "case", case, matter="Preservation request 26-1107", review_on=today + timedelta(days=30),
                  until=today + timedelta(days=90), reason="Police asked to preserve it for 90 days")  # fmt: skip


def _requests(nadia: User, femi: User) -> None:
    now = timezone.now()
    reporter = Reporter.objects.filter(key__startswith="mail:").order_by("-reports", "id").first()
    affected = Target.objects.filter(kind=Kind.USER, cases__isnull=False).order_by("id").first()
    if reporter is None or affected is None:
        return
    address = reporter.key.removeprefix("mail:")
    erasure = asking.take(nadia, kind=Request.Kind.ERASURE, party=Request.Party.REPORTER, asked_as=address, contact=address,
                          said="Please delete everything you have about me.", received_at=now - timedelta(days=26))  # fmt: skip
    asking.identify(nadia, erasure, "Answered our question from the address itself")
    asking.prepare_erasure(nadia, erasure)
    running.show_one()
    access = asking.take(femi, kind=Request.Kind.ACCESS, party=Request.Party.AFFECTED, asked_as=affected.ref,
                         contact=affected.email, said="What do you hold about me, and who says so?",
                         received_at=now - timedelta(days=9), thing=affected)  # fmt: skip
    asking.identify(femi, access, "Asked from inside the signed-in account")
    exporting.prepare(femi, access)
    asking.take(femi, kind=Request.Kind.ACCESS, party=Request.Party.REPORTER, asked_as="m.keller@mail.example",
                contact="m.keller@mail.example", said="Art. 15 DSGVO, bitte.", received_at=now - timedelta(days=2))  # fmt: skip
