"""The rest of the sample company in the work: charters agreed and in the making, asks in every state and both directions,
some of them late, a case that waits for two answers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import msgspec
from django.utils import timezone

from seacliff.partners import actions, reminders
from seacliff.partners.access import by_address, by_user, our_function
from seacliff.partners.actions import NewAsk
from seacliff.partners.charters import actions as charters
from seacliff.partners.charters.document import Charter, Contact, Escalation, Promise
from seacliff.partners.charters.shipped import install, shipped
from seacliff.partners.models import Absence, Ask, CharterVersion
from seacliff.people.models import Function, Membership, User
from seacliff.people.permissions import Role
from seacliff.policy.queries import version_in_force
from seacliff.record.actions import SYSTEM, Subject
from seacliff.record.models import Clock
from seacliff.review import actions as review
from seacliff.review.models import Case
from seacliff.sample.company import ADDRESS

# name, function, what they are there
PARTNERS = [
    ("Dana Sommer", "communications", "Press officer"),
    ("Erik Lindqvist", "engineering", "Abuse tooling lead"),
    ("Gita Rao", "government-relations", "Policy counsel"),
    ("Paula Stein", "product", "Meetings product manager"),
    ("Leo Marchetti", "legal", "Counsel"),
    ("Sana Iqbal", "support", "Escalations"),
]
HEADS = {"communications": "Ingrid Vos", "engineering": "Hal Okoye", "legal": "Beatriz Lima"}
IN_FORCE = ("communications", "engineering", "government-relations", "legal", "support")

Step = Callable[["Side", Ask], object]


class Side:
    """Who speaks: the partner of the function, and a reviewer of ours."""

    def __init__(self, partner: User, ours: User, function: Function) -> None:
        self.partner, self.ours, self.function = partner, ours, function

    def asker(self, ask: Ask) -> User:
        return self.partner if ask.from_function_id == self.function.id else self.ours

    def asked(self, ask: Ask) -> User:
        return self.ours if ask.from_function_id == self.function.id else self.partner


def seen(side: Side, ask: Ask) -> None:
    actions.acknowledge(by_user(side.asked(ask)), ask)


def back(words: str) -> Step:
    return lambda side, ask: actions.ask_back(by_user(side.asked(ask)), ask, words)


def paused(words: str) -> Step:
    return lambda side, ask: actions.pause(by_user(side.asker(ask)), ask, words)


def withdrawn(words: str) -> Step:
    return lambda side, ask: actions.withdraw(by_user(side.asker(ask)), ask, words)


def said(words: str) -> Step:
    return lambda side, ask: actions.say(by_user(side.asker(ask)), ask, words)


def answered(answer: str, reason: str = "", via: str = "console", **form: str) -> Step:
    def step(side: Side, ask: Ask) -> None:
        who = side.asked(ask)
        by = by_user(who) if via == "console" else by_address(who.email, who.name, via)
        actions.answer(by, ask, answer, reason, form)

    return step


def came(outcome: str, words: str = "") -> Step:
    return lambda side, ask: actions.record_outcome(by_user(side.asker(ask)), ask, outcome, words)


def late(hours: float) -> Step:
    """Its time was over so many hours ago. Everything else about it is of today: the record's times are never made up."""

    def step(_side: Side, ask: Ask) -> None:
        due_at = timezone.now() - timedelta(hours=hours)
        Ask.objects.filter(id=ask.id).update(due_at=due_at)
        Clock.objects.filter(subject_id=ask.id, stopped_at=None).update(due_at=due_at)
        ask.refresh_from_db()
        reminders.plan(ask, due_at - timedelta(hours=24))

    return step


# function, "to" or "from" it, kind, severity, question, what became of it
ASKS: list[tuple[str, str, str, int, str, tuple[Step, ...]]] = [
    ("communications", "to", "advise", 2, "A reporter says our events are used to harass teachers. What may we say today?",
     (seen, answered("yes", via="email", advice="That we act within hours, and how to report. No figures yet."),
      came("helped", "The article quoted it word for word."))),
    ("communications", "to", "publish", 3, "The help page on disrupted meetings needs the new steps. Can it go out this week?",
     (seen, answered("partly", "Not before legal has read step 4.", wording="Lock the room once everybody is there."))),
    ("communications", "to", "review", 4, "Is the new notice for warnings readable to somebody who is upset?", (late(30),)),
    ("communications", "from", "advise", 2, "A paper asks how many classes were disrupted in October. What can we stand by?",
     (seen,)),
    ("communications", "from", "review", 3, "May the blog say that nine in ten reports are answered within a day?",
     (answered("no", "It is eight in ten in German. Say “most”.", risks="A claim that the record does not bear out."),
      came("helped", "It says “most” now."))),
    ("engineering", "to", "build", 2, "Links in the chat of public events carry the phishing. May guests post none?",
     (seen, answered("yes", planned_for="2027-01-15", instead="Turn guest chat off for events above 200."), came("open"))),
    ("engineering", "to", "build", 3, "Reviewers can't see who removed whom from a meeting. Can the log say so?",
     (seen, late(52))),
    ("engineering", "to", "advise", 3, "Would a limit of 50 invitations an hour hurt anybody who is honest?",
     (back("Per account or per organisation?"),)),
    ("engineering", "from", "advise", 3, "How many of October's spam accounts were older than a week?", (late(5),)),
    ("engineering", "from", "review", 4, "Design: guests may rename themselves during a meeting. What do you see?", ()),
    ("government-relations", "to", "advise", 2, "A ministry demands that we block a rally's event. What lies behind it?",
     (seen, answered("yes", via="link", advice="An election in three weeks. Ask for a court's order, in writing."),
      came("helped", "The demand was withdrawn."))),
    ("government-relations", "from", "advise", 3, "Figures on minors' reports for the hearing on the 12th?",
     (seen, back("For which country?"))),
    ("government-relations", "to", "inform", 4, "We publish government demands by country from January.",
     (answered("yes"),)),
    ("product", "to", "approve", 2, "Waiting rooms on by default for education plans, from Monday?", (seen, late(3))),
    ("product", "to", "build", 3, "A “report” button inside the meeting, not only after it.",
     (answered("partly", "For hosts first; guests in spring.", planned_for="2027-03-01"),
      came("partly", "Hosts use it. Guests still write mails."))),
    ("product", "from", "review", 3, "We want strangers to find public rehearsals by place. What may go wrong?", (seen,)),
    ("product", "from", "advise", 4, "What harm do you expect of breakout rooms without a host?",
     (answered("yes", advice="Harassment of minors. Let hosts listen in, and log who was there."),)),
    ("legal", "to", "approve", 1, "He said he would come to her office. May we tell the police his address now?",
     (seen, answered("yes", conditions="", via="email"), came("helped", "She is safe."))),
    ("legal", "to", "advise", 3, "Is a parody of our chief executive impersonation under the rule as it stands?",
     (seen, answered("no", "Parody that says so is not. The rule should say it, too."), came("nothing"))),
    ("legal", "to", "review", 2, "Draft answer to the customer who contests the suspension.",
     (paused("Their counsel asked for a week"),)),
    ("legal", "from", "advise", 2, "Which reports name the account in the Hamburg case? Numbers only.", (seen, late(20))),
    ("support", "from", "advise", 3, "A customer says they were suspended for an open rehearsal. What may we answer?",
     (answered("yes", advice="That a person looked again, and how to appeal."), came("helped"))),
    ("support", "from", "advise", 2, "Three schools called about the same intruder. Is it known?", ()),
    ("support", "to", "advise", 3, "Do people understand where to appeal? What do you hear?",
     (withdrawn("The survey told us already"),)),
]  # fmt: skip


def begin() -> None:
    """By the room's own verbs, as its people would."""
    lead = User.objects.filter(roles__contains=[Role.LEAD]).order_by("id").first()
    ours = User.objects.filter(roles__contains=[Role.REVIEWER], tier__gte=3).order_by("id").first()
    if lead is None or ours is None:
        return
    install(SYSTEM)
    our_function()
    partners = _partners()
    _charters(lead, partners)
    cases = list(Case.objects.filter(state=Case.State.OPEN).order_by("severity", "-number")[:12])
    for number, (slug, way, kind, severity, question, steps) in enumerate(ASKS):
        partner = partners[slug]
        function = Function.objects.get(slug=slug)
        side = Side(partner, ours, function)
        about = cases[number % len(cases)] if cases and way == "to" and number % 3 == 0 else None
        _ask(side, way, NewAsk(kind, function, question, severity), about, steps)
    _about_a_rule(ours, partners["legal"])
    _waiting(ours, partners)


def _partners() -> dict[str, User]:
    made = {}
    for name, slug, _role in PARTNERS:
        email = f"{name.split()[0].lower()}@{ADDRESS}"
        made[slug] = User.objects.create(email=email, name=name, roles=[Role.PARTNER], password="!")  # noqa: S106
        Membership.objects.create(user=made[slug], function=Function.objects.get(slug=slug))
    return made


def _charters(lead: User, partners: dict[str, User]) -> None:
    """Five in force, one of them in its second version; one waits for the other side's yes; four are drafts."""
    words = {slug: charter for slug, _name, _text, charter in shipped()}
    for slug in (*IN_FORCE, "product"):
        function, charter = Function.objects.get(slug=slug), _with_people(words[slug], slug, partners[slug])
        version = charters.draft(
            SYSTEM, lead, function, charter, "The charter that comes with Seacliff, with our people"
        )
        if slug in IN_FORCE:
            charters.agree(version, partners[slug].name, SYSTEM)
        else:
            charters.propose(by_user(lead), version)
    comms = Function.objects.get(slug="communications")
    better = msgspec.structs.replace(
        _with_people(words["communications"], "communications", partners["communications"]),
        we_ask=(Promise("advise", "what can be said about a case or a wave", {1: 0.5, 2: 2, 3: 8, 4: 24}),
                *words["communications"].we_ask[1:]),
        notes="At night the press officer on duty answers for severity 1.",
    )  # fmt: skip
    charters.agree(
        charters.draft(SYSTEM, lead, comms, better, "Severity 1 within half an hour"), partners[comms.slug].name, SYSTEM
    )
    legal = CharterVersion.objects.get(function__slug="legal", state=CharterVersion.State.AGREED)
    legal.review_on = timezone.now().date() + timedelta(days=9)
    legal.save(update_fields=["review_on"])
    today = timezone.now().date()
    Absence.objects.create(email=partners["engineering"].email, since=today - timedelta(days=2),
                           until=today + timedelta(days=5), deputy=f"hal@{ADDRESS}")  # fmt: skip


def _with_people(charter: Charter, slug: str, partner: User) -> Charter:
    role = next(role for _name, of, role in PARTNERS if of == slug)
    head = HEADS.get(slug)
    late_to = (Escalation(8, head, f"{head.split()[0].lower()}@{ADDRESS}"),) if head else ()
    contact = Contact(partner.name, partner.email, role, f"{head.split()[0].lower()}@{ADDRESS}" if head else "")
    return msgspec.structs.replace(charter, contacts=(contact,), escalation=late_to)


def _ask(side: Side, way: str, new: NewAsk, about: Case | None, steps: tuple[Step, ...]) -> None:
    if way == "from":
        made = actions.ask(by_user(side.partner), replace(new, to=our_function(), sender=side.function))
    elif about is not None:
        subject = Subject("case", about.id)
        made = actions.ask(by_user(side.ours), replace(new, about=subject, share=("harm", "severity", "reports")))
    else:
        made = actions.ask(by_user(side.ours), new)
    for step in steps:
        step(side, made)
        made.refresh_from_db()


def _about_a_rule(ours: User, counsel: User) -> None:
    version = version_in_force("impersonation")
    if version is None:
        return
    legal = Function.objects.get(slug="legal")
    asked = actions.ask(by_user(ours), NewAsk(
        "review", legal, "Does this wording leave room for parody?", 3, about=Subject("policy-version", version.id),
        share=("summary", "text")))  # fmt: skip
    actions.say(by_user(ours), asked, "It comes from the impersonation case of last week.")
    actions.acknowledge(by_user(counsel), asked)


def _waiting(ours: User, partners: dict[str, User]) -> None:
    """A case that two functions are asked about: one has answered, the case waits for the other."""
    case = review.claim_next(ours)
    if case is None:
        return
    for slug, question in [("government-relations", "The organiser stands for parliament. What does that change?"),
                           ("communications", "If we end the event, what do we say when we are called?")]:  # fmt: skip
        asked = actions.ask(by_user(ours), NewAsk(
            "advise", Function.objects.get(slug=slug), question, case.severity, about=Subject("case", case.id),
            share=("harm", "severity", "what", "reports", "rule"), wait=True))  # fmt: skip
    actions.answer(by_user(partners["communications"]), asked, "yes", "",
                   {"advice": "That the rule is the same for everybody, and which one."})  # fmt: skip
