"""The half year of the sample company: reports come in day and night, and its reviewers take them shift by shift.

Who works when, how long a review takes and what is found is drawn by dice; all that happens, happens by the verbs of the rooms,
at the moment at which it would have happened. What came at night waited for the morning, but for danger to life, and two weeks
were short of hands.
"""

import heapq
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any
from unittest.mock import patch
from uuid import UUID

from django.core.mail import mailers
from django.core.mail.backends.dummy import EmailBackend

from seacliff.appeals import actions as appealing
from seacliff.appeals.access import by_notice, why_not
from seacliff.appeals.models import Appeal
from seacliff.enforcement import outbound
from seacliff.enforcement.models import Notice
from seacliff.intake.actions import take_reports
from seacliff.intake.incoming import NewReport
from seacliff.intake.models import Channel
from seacliff.people.models import User
from seacliff.policy.models import ActionKind, PolicyVersion
from seacliff.policy.queries import version_in_force
from seacliff.record.clocks import notice_breaches
from seacliff.record.desks import DESKS
from seacliff.record.tokens import token_of
from seacliff.review import actions
from seacliff.review.actions import Ordered, Verdict
from seacliff.review.models import Case, Decision, Work
from seacliff.review.queries import tree_above
from seacliff.review.verdicts import LEVELS, falls_on
from seacliff.sample import quality_side
from seacliff.sample.clock import Clock

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
# Hour it begins, hours it lasts, how many review.
WEEKDAY = ((8.0, 4.0, 2), (14.0, 4.0, 2))
WEEKEND = ((11.0, 2.0, 1),)
SHORT_OF_HANDS = (9, 17)  # weeks ago: one person, in the afternoons
UNTOUCHED = 9 * HOUR  # nobody has looked at what came in since
FIRST = ("Amara Okafor", "Jonas Weber", "Lucía Herrera")
SENIOR = ("Mei Tanaka", "Samuel Osei", "Ruth Adler")
# Of a review at the first tier, in minutes: the median, by what was reported. It spreads lognormally.
MINUTES = {"spam": 12, "phishing": 20, "disrupted-meeting": 30, "impersonation": 35, "fraud-scam": 35, "harassment": 40,
           "hate": 45, "copyright": 50, "privacy-doxxing": 45}  # fmt: skip
SPREAD, AT_HIGHER_TIERS, BETWEEN = 0.5, 1.4, 9  # of the logarithm; times as long; minutes on average
URGENT = ("self-harm", "threats-violence")
ESCALATED, HELD, APPEALED = 0.06, 0.015, 0.06
FOUND = {"spam": 0.75, "phishing": 0.7, "impersonation": 0.35, "harassment": 0.45, "copyright": 0.4}  # else 0.55
FIRM = (ActionKind.REMOVE_CONTENT, ActionKind.STRIKE, ActionKind.WARN, ActionKind.END_EVENT, ActionKind.BLOCK_USER)
ROUND = ("returns", "settle-decisions", "release-actions", "deliveries", "notices", "sample-decisions")
SEEN = ("The reports and the evidence agree.", "The log shows it from the first minute.",
        "Two reporters who don't know each other tell the same.", "The account has done it before.")  # fmt: skip
NOT_SEEN = ("Nothing here that the rule forbids.", "The host agreed to it in writing.", "One report, and the log says otherwise.",
            "It looks like a misunderstanding between two hosts.")  # fmt: skip
STATEMENTS = {
    "de": "Alle Eingeladenen hatten zugestimmt. Die Liste stammt aus unserer Anmeldung, ich kann sie vorlegen.",
    "es": "Era un ensayo abierto y todos se habían apuntado. Por favor, revísenlo.",
    "en": "We ran this for our own members, who asked for it. Please look at the sign-up page.",
}


@contextmanager
def nobody_outside() -> Iterator[None]:
    """Mails go nowhere, and the company's product takes whatever it is told: nothing leaves this process."""
    with (
        patch.object(mailers, "create_connection", lambda *_args, **_options: EmailBackend()),
        patch.object(outbound, "client", nullcontext),
        patch.object(outbound, "post", lambda *_args: (200, "")),
    ):
        yield


@dataclass
class HalfYear:
    """The company at work. `reports` are in the order in which they arrive, with their moments."""

    clock: Clock
    dice: random.Random
    people: dict[str, User]
    owner: UUID
    reports: list[tuple[datetime, NewReport]]
    until: datetime
    rule: Callable[[str], PolicyVersion | None] = field(default_factory=lambda: cache(version_in_force))
    to_come: list[Any] = field(default_factory=list)  # a heap: when, an id, what happens then
    taken: int = 0
    turn: int = 0

    def pass_by(self, since: datetime) -> None:
        """Every day since, shift by shift, and what was due at its end."""
        today = since
        while today < self.until:
            weekend = today.weekday() > 4
            short = (self.until - today).days // 7 in SHORT_OF_HANDS
            for hour, hours, hands in WEEKEND if weekend else WEEKDAY[1:2] if short else WEEKDAY:
                start = today + hour * HOUR
                if start < self.until - UNTOUCHED:
                    self._shift(start, min(start + hours * HOUR, self.until - UNTOUCHED), 1 if short else hands)
            if today + 17.5 * HOUR < self.until and not weekend:
                self._end_of(today + 17.5 * HOUR)
            today += DAY
        self.clock.move(self.until)
        self._take_in(self.until)
        notice_breaches()

    def _take_in(self, at: datetime) -> None:
        first = self.taken
        while self.taken < len(self.reports) and self.reports[self.taken][0] <= at:
            self.taken += 1
        if came := [report for _moment, report in self.reports[first : self.taken]]:
            take_reports(came, channel=Channel.IMPORT, owner=self.owner)
            DESKS["routing"].work()

    def _shift(self, start: datetime, end: datetime, hands: int) -> None:
        """Reviewers take case after case until none waits that is for them, or their time is over."""
        self._calls(start)
        self.clock.move(start)
        self._take_in(start)
        waiting = Work.objects.filter(holder=None, held_until=None).count()
        busy: list[Any] = [
            (start + self.dice.random() * 20 * MINUTE, number, who, None) for number, who in enumerate(self._on(hands))
        ]
        heapq.heapify(busy)
        while busy:
            at, number, who, case = heapq.heappop(busy)
            if case is not None:
                self.clock.move(at)
                waiting += self._finish(who, case)
                heapq.heappush(busy, (at + self.dice.expovariate(1 / BETWEEN) * MINUTE, number, who, None))
            elif waiting and at < end:
                self.clock.move(at)
                if case := actions.claim_next(who):
                    waiting -= 1
                    heapq.heappush(busy, (at + self._takes(who, case), number, who, case))

    def _calls(self, until: datetime) -> None:
        """Somebody is called for danger to life, at any hour, and comes within a quarter of an hour or so."""
        while urgent := next((at for at, one in self.reports[self.taken :] if one.category in URGENT), None):
            at = urgent + self.dice.lognormvariate(2.6, 0.7) * MINUTE
            if at > until:
                return
            self.clock.move(at)
            self._take_in(at)
            self.turn += 1
            who = self.people[SENIOR[self.turn % len(SENIOR)]]
            if case := actions.claim_next(who):
                self.clock.move(at + self._takes(who, case))
                self._finish(who, case)

    def _on(self, hands: int) -> list[User]:
        """One who can take whatever comes, and with them another or one of the first line, in turns."""
        self.turn += 1
        others = FIRST if self.turn % 2 else SENIOR
        names = (SENIOR[self.turn % len(SENIOR)], others[(self.turn + 1) % len(others)])
        return [self.people[name] for name in names[:hands]]

    def _takes(self, who: User, case: Case) -> timedelta:
        minutes = MINUTES.get(case.category, 30) * self.dice.lognormvariate(0, SPREAD)
        return min(max(1, minutes * (AT_HIGHER_TIERS if case.tier > 1 else 1)), 170) * MINUTE

    def _finish(self, who: User, case: Case) -> int:
        """Decide, or pass it on; how many cases wait more for it."""
        chance = self.dice.random()
        if who.tier == 1 and case.tier == 1 and chance < ESCALATED:
            actions.escalate(who, case, "I can't tell from the log whether it was meant.", ground="unsure")
            return 1
        if chance > 1 - HELD:
            actions.hold(who, case, self.clock.now + 2 * DAY, "Waits for the host's answer")
            return 0
        actions.decide(who, case, verdict(self.dice, case, self.rule(case.category)))
        return 0

    def _end_of(self, at: datetime) -> None:
        """What the worker does within seconds, and the others within a day: notices, actions, appeals, second looks."""
        self.clock.move(at)
        for name in ROUND:
            DESKS[name].work()
        notice_breaches()
        self._appeal(at)
        if at.weekday() == 2:
            quality_side.look(self.dice, self.people, leave=2 if self.until - at < 7.5 * DAY else 0)
        if at.weekday() == 3:
            quality_side.settle(self.dice, self.people["Ruth Adler"])

    def _appeal(self, at: datetime) -> None:
        """Some who were told today will object within days; what was objected to is decided by somebody else."""
        told = Notice.objects.filter(audience="affected", outcome="violation", sent_at=at).order_by("id")
        for id in told.values_list("id", flat=True):
            if self.dice.random() < APPEALED:
                heapq.heappush(self.to_come, (at + self.dice.uniform(0.7, 6) * DAY, str(id), partial(self._lodge, id)))
        while self.to_come and self.to_come[0][0] <= at:
            moment, _key, happen = heapq.heappop(self.to_come)
            self.clock.move(moment)
            happen()
        self.clock.move(at)

    def _lodge(self, notice: UUID) -> None:
        standing = by_notice(token_of("notice", notice))
        if why_not(standing):  # it was corrected meanwhile
            return
        appeal = appealing.lodge(standing, STATEMENTS.get(standing.language[:2], STATEMENTS["en"]))
        later = self.clock.now + self.dice.lognormvariate(0.4, 0.6) * DAY
        heapq.heappush(self.to_come, (later, str(appeal.id), partial(self._answer, appeal)))

    def _answer(self, appeal: Appeal) -> None:
        who = next(self.people[name] for name in SENIOR if self.people[name].id != appeal.reviewer_id)
        decide_appeal(who, appeal, "overturned" if self.dice.random() < 0.15 else "upheld")


def verdict(dice: random.Random, case: Case, version: PolicyVersion | None) -> Verdict:
    """What a reviewer finds: more of spam breaks the rule than of harassment."""
    if dice.random() < FOUND.get(case.category, 0.55):
        above = tree_above(case.target)
        falls = [
            (kind, falls_on(kind, case.target, above)) for kind in FIRM if version and kind in version.allowed_actions
        ]
        if fitting := [Ordered(kind, target, {}) for kind, target in falls if target.kind in LEVELS[kind]]:
            return Verdict(
                Decision.Finding.VIOLATION, case.category, version, dice.choice(SEEN), [dice.choice(fitting)]
            )
    return Verdict(Decision.Finding.NO_VIOLATION, case.category, None, dice.choice(NOT_SEEN))


def decide_appeal(who: User, appeal: Appeal, outcome: str) -> None:
    held = appealing.claim(who, appeal)
    if outcome == "upheld":
        appealing.uphold(who, held, reasons="The evidence is as the first reviewer saw it.", answer="")
    else:
        other = Verdict(
            Decision.Finding.NO_VIOLATION, appeal.category, None, "They had agreed: the sign-up page shows it."
        )
        appealing.decide(who, held, other, answer="")
