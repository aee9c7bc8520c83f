"""What makes the sample company's decisions fair, in use: appeals, a panel and its precedent, a consensus in course,
a trusted flagger, a group that looks like a brigade, somebody who is seldom right, budgets, whom to call."""

import random
from datetime import datetime, timedelta

import msgspec
from django.utils import timezone

from seacliff.appeals import actions as appealing
from seacliff.appeals.access import by_notice
from seacliff.appeals.models import Appeal
from seacliff.enforcement.models import Notice
from seacliff.intake.actions import take_reports
from seacliff.intake.incoming import NewReport, reporter_key
from seacliff.intake.models import Channel, Reporter
from seacliff.people.models import Function, Membership, User
from seacliff.policy.models import PolicyVersion
from seacliff.policy.queries import version_in_force
from seacliff.record.actions import SYSTEM
from seacliff.record.desks import clear
from seacliff.record.tokens import token_of
from seacliff.restricted.models import Contact
from seacliff.review import actions
from seacliff.review.actions import Ordered, Verdict
from seacliff.review.models import Case, Deliberation
from seacliff.review.queries import tree_above
from seacliff.review.reporters.brigades import find_brigades
from seacliff.review.reporters.trust import trust
from seacliff.review.tiers import deliberating, panel
from seacliff.review.verdicts import falls_on
from seacliff.sample import company
from seacliff.sample.clock import Clock
from seacliff.sample.halfyear import STATEMENTS, decide_appeal
from seacliff.targets.models import Kind, Product, Target
from seacliff.wellness.actions import set_budget

FLAGGER = "desk@clearwater-hotline.example"
GRUDGE = "grudge@mail.example"
RAIDERS = [f"fan{number}@mail.example" for number in range(1, 5)]
PANELLISTS = [("Elif Kaya", "Legal"), ("Marcus Bell", "Product"), ("Oskar Petrov", "Support")]
HANDLERS = [("Hanna Lindt", ["restricted-handler", "reviewer"]), ("Ines Duarte", ["restricted-handler"])]
CONTACTS = [
    ("GB", "Police", "999; online in no hurry: 101"),
    ("DE", "Polizei", "110"),
    ("ES", "Emergencias", "112"),
    ("", "Lantern's on-call counsel", "Phone list in the handbook, day and night"),
]


def seed(product: Product, dice: random.Random, clock: Clock, now: datetime) -> None:
    """After the half year's reports were reviewed, each thing at its own time. By the verbs that a real team uses."""
    people = {user.name: user for user in User.objects.all()} | _newcomers()
    _reports(product, people, clock, now)
    _strikes(people, clock, now)
    _deliberations(people, clock, now)
    _appeals(people, dice, clock, now)
    clock.move(now)
    find_brigades()
    trust(people["Ruth Adler"], Reporter.objects.get(key=reporter_key("", email=FLAGGER)),
          categories=["hate", "harassment", "threats-violence"], until=timezone.now().date() + timedelta(days=330),
          reason="Named by the Digital Services Coordinator")  # fmt: skip
    set_budget(SYSTEM, user=None, category="threats-violence", most=15)
    set_budget(SYSTEM, user=None, category="", most=120)
    for position, (country, name, how) in enumerate(CONTACTS):
        Contact.objects.create(country=country, name=name, how=how, position=position)


def _newcomers() -> dict[str, User]:
    made = {}
    for name, roles in [*((name, ["panel-member"]) for name, _function in PANELLISTS), *HANDLERS]:
        email = f"{name.split()[0].lower()}@{company.ADDRESS}"
        tier = 4 if "reviewer" in roles else 1
        made[name] = User.objects.create(email=email, name=name, roles=roles, tier=tier, password="!")  # noqa: S106
    for name, function in PANELLISTS:
        Membership.objects.create(user=made[name], function=Function.objects.get(name=function))
    return made


def _reports(product: Product, people: dict[str, User], clock: Clock, now: datetime) -> None:
    """A flagger's, a group's that reports the same four hosts, and those of somebody whose reports are seldom right."""
    made = [_report(product, FLAGGER, "hate", f"e-raid-{n}", "Open lecture", now - timedelta(hours=9 * n + 2),
                    "The speaker calls for violence against people of one origin; recording attached in our portal.")
            for n in range(2)]  # fmt: skip
    for n in range(4):
        start = now - timedelta(days=1 + n, hours=3)
        made += [_report(product, who, "harassment", f"u-host-{n}", f"host.{n}", start + timedelta(minutes=4 * place),
                         "This host insulted our community. Remove them.")
                 for place, who in enumerate(RAIDERS)]  # fmt: skip
    made += [_invitation(product, n, min(n, 2), now - timedelta(hours=30 - 5 * n)) for n in range(5)]
    for n in reversed(range(10)):
        at = now - timedelta(days=2 * n, hours=1)
        clock.move(at)
        _take(product, [_report(product, GRUDGE, "impersonation", f"u-g-{n}", f"seminar.{n}", at, "Fake account!!! Delete it.")])
        if n:
            clock.move(at + timedelta(hours=5))
            case = Case.objects.get(target__ref=f"u-g-{n}", state=Case.State.OPEN)
            reviewer = people["Lucía Herrera"]
            actions.claim(reviewer, case)
            clock.move(at + timedelta(hours=5, minutes=6))
            found = Verdict("no-violation", case.category, None, "The account is who it says it is.")
            actions.decide(reviewer, case, found)
            clock.move(at + timedelta(hours=6))
            actions.settle()
    clock.move(now - timedelta(minutes=50))
    _take(product, sorted(made, key=lambda report: report.received_at or now))


def _take(product: Product, reports: list[NewReport]) -> None:
    take_reports(reports, channel=Channel.IMPORT, owner=product.id)
    clear("routing")


def _invitation(product: Product, number: int, host: int, at: datetime) -> NewReport:
    """Somebody of a mailing list reports an event; the same host can have several."""
    written = _report(product, f"guest.{number}@mail.example", "spam", f"e-list-{number}", "Growth webinar", at,
                      "I never signed up; they say that I agreed when I bought shoes.")  # fmt: skip
    tree = [
        {"kind": Kind.USER, "ref": f"u-list-{host}", "name": f"growth.{host}", "email": f"growth.{host}@leads.example"},
        {"kind": Kind.ACCOUNT, "ref": f"acc-list-{host}", "name": "Growth Leads", "email": "admin@leads.example"},
    ]
    return msgspec.structs.replace(written, target_tree=tree)


def _strikes(people: dict[str, User], clock: Clock, now: datetime) -> None:
    """The host of one open case has two strikes: a third one suspends."""
    reviewer = people["Lucía Herrera"]
    for number in (3, 4):
        case = _listed(number)
        clock.move(now - timedelta(minutes=20 * (7 - number)))
        actions.claim(reviewer, case)
        clock.move(clock.now + timedelta(minutes=9))
        actions.decide(reviewer, case, _verdict(case, "violation", "A bought list."))


def _report(product: Product, who: str, category: str, ref: str, name: str, at: datetime, text: str) -> NewReport:
    return NewReport(
        product_id=product.id, category=category, target_kind=Kind.EVENT if ref.startswith("e-") else Kind.USER,
        target_ref=ref, target_name=name, reporter_email=who, reporter_key=reporter_key(product.slug, email=who),
        language="en", text=text, received_at=at,
    )  # fmt: skip


def _deliberations(people: dict[str, User], clock: Clock, now: datetime) -> None:
    """One case went all the way to the panel, whose precedent lies beside the next one; another is being voted on."""
    third = [people[name] for name in ("Mei Tanaka", "Samuel Osei", "Ruth Adler")]
    climbing, voting = _listed(0), _listed(1)
    clock.move(now - timedelta(hours=9))
    for case in (climbing, voting):
        actions.claim(people["Lucía Herrera"], case)
        actions.escalate(
            people["Lucía Herrera"], case, "A list bought from a partner: no precedent.", ground="precedent"
        )
        case.refresh_from_db()
    clock.move(now - timedelta(hours=7))
    for user, finding in zip(third[:2], ("violation", "no-violation"), strict=True):
        _vote(
            user, voting, finding, "The list was bought." if finding == "violation" else "They may have agreed before."
        )
    for user, finding in zip(third, ("violation", "no-violation", "violation"), strict=True):
        _vote(
            user,
            climbing,
            finding,
            "Nobody on the list asked for it." if finding == "violation" else "One click to leave.",
        )
    clock.move(now - timedelta(hours=6))
    for user, finding in zip(third, ("violation", "no-violation", "violation"), strict=True):
        deliberating.vote(user, climbing, _verdict(climbing, finding, "I stay with it."))
    hearing = Deliberation.objects.get(case=climbing, way="panel", closed_at=None)
    clock.move(now - timedelta(hours=4))
    sitting = [people[name] for name, _function in PANELLISTS]
    panel.convene(people["Ruth Adler"], hearing, sitting, sitting[0])
    reasons = ("Agreement given to a seller is no agreement with us.", "The recipients can't tell whom they agreed with.",
               "The host was told by the seller that all had agreed.")  # fmt: skip
    for user, finding, why in zip(sitting, ("violation", "violation", "no-violation"), reasons, strict=True):
        panel.declare(user, hearing)
        panel.vote(user, hearing, _verdict(climbing, finding, why))
    hearing.refresh_from_db()
    clock.move(now - timedelta(hours=1))
    panel.issue(sitting[0], hearing, question="Are invitations to a bought list spam, if the seller says that all agreed?",
                opinion="They are. Agreement must be given to the host who invites.")  # fmt: skip


def _listed(number: int) -> Case:
    return Case.objects.select_related("target").get(target__ref=f"e-list-{number}", category="spam")


def _vote(user: User, case: Case, finding: str, why: str) -> None:
    actions.claim(user, case)
    deliberating.vote(user, case, _verdict(case, finding, why))


def _verdict(case: Case, finding: str, why: str) -> Verdict:
    version: PolicyVersion | None = version_in_force(case.category)
    if finding != "violation":
        return Verdict(finding, case.category, None, why)
    return Verdict(finding, case.category, version, why, [Ordered("strike", _host_of(case), {})])


def _host_of(case: Case) -> Target:
    return falls_on("strike", case.target, tree_above(case.target))


def _appeals(people: dict[str, User], dice: random.Random, clock: Clock, now: datetime) -> None:
    """Some affected users appealed of late: three wait, one was overturned, one upheld."""
    told = Notice.objects.filter(audience="affected", outcome="violation", sent_at__lt=now - timedelta(hours=36))
    free = told.exclude(decision_id=None).exclude(case_id__in=Appeal.objects.values("case_id")).order_by("-sent_at")
    made = []
    for place, notice in enumerate(dice.sample(list(free[:20]), 5)):
        clock.move(now - timedelta(hours=30 - 4 * place))
        standing = by_notice(token_of("notice", notice.id))
        made.append(appealing.lodge(standing, STATEMENTS.get(standing.language[:2], STATEMENTS["en"])))
    clock.move(now - timedelta(hours=3))
    for appeal, outcome in zip(made, ("overturned", "upheld"), strict=False):
        others = map(people.get, ("Samuel Osei", "Ruth Adler"))
        decide_appeal(next(one for one in others if one and one.id != appeal.reviewer_id), appeal, outcome)
