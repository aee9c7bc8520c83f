"""What other functions were asked before the company had Seacliff, brought in as it was: answers, refusals, what came of them.

Communications and Support answer fast, Legal takes its time, all with Engineering goes through one person, and with some
functions nobody has ever worked.
"""

import random
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from seacliff.partners.access import by_user, our_function
from seacliff.partners.actions import NewAsk, ask
from seacliff.partners.models import Ask
from seacliff.people.models import Function, User
from seacliff.record.ids import uuid7
from seacliff.relationships.actions import word_win

DAYS = 150
HOURS = {1: 2, 2: 8, 3: 24, 4: 72}


class Habit(NamedTuple):
    """How a function answers: how many asks, its people, hours it takes, how often yes; and T&S's own part in it."""

    asks: int
    people: tuple[str, ...]
    hours: float
    yes: float
    ours: tuple[str, ...]
    questions: tuple[tuple[str, str], ...]
    theirs: tuple[tuple[str, str], ...] = ()


HABITS = {
    "communications": Habit(26, ("Dana Sommer", "Ingrid Vos"), 4, 0.85, ("Ruth Adler", "Mei Tanaka", "Samuel Osei"), (
        ("publish", "May we say on the status page that the wave of disrupted lessons is over?"),
        ("advise", "A paper asks how many meetings we end a month. What may we say?"),
        ("review", "Does our notice to suspended hosts read well outside of the team?"),
    ), (("advise", "A reporter writes about raids on a school's meetings. Is it true, and is it over?"),
        ("inform", "We mention account safety in the autumn letter. Is every sentence of it still right?"))),
    "engineering": Habit(18, ("Erik Lindqvist",), 40, 0.55, ("Samuel Osei",), (
        ("build", "Can guests be held in the waiting room when twenty join within a minute?"),
        ("build", "Can a suspended host's scheduled meetings be cancelled with the account?"),
        ("advise", "What would a limit of fifty invitations a day break?"),
    ), (("review", "We change how display names are stored. Does any of your rules rest on them?"),)),
    "legal": Habit(14, ("Leo Marchetti", "Beatriz Lima"), 60, 0.7, ("Ruth Adler", "Priya Nair"), (
        ("review", "Does the new wording of the rule on impersonation hold in Germany?"),
        ("approve", "May we tell a reporter that the account was suspended?"),
        ("advise", "How long must we keep what was reported as a threat?"),
    )),
    "product": Habit(12, ("Paula Stein", "Tim Fraser"), 30, 0.6, ("Priya Nair", "Mei Tanaka"), (
        ("review", "Which of the six safeguards for public events ship at launch?"),
        ("build", "Can people report from inside a breakout room?"),
    ), (("review", "Reactions open to guests next month. What could be done with them?"),
        ("review", "We let hosts share recordings by link. What do you see?"))),
    "support": Habit(16, ("Sana Iqbal", "Oskar Lind"), 6, 0.95, ("Amara Okafor", "Jonas Weber", "Lucía Herrera"), (
        ("inform", "Appeals now close after six months: does your macro say so?"),
        ("advise", "What do hosts tell you most after a meeting was ended?"),
    ), (("advise", "A customer says that their account was closed by mistake. Who looks at it?"),)),
}  # fmt: skip
REASONS = ("Not before the next quarter: the team is on the new client.",
           "Only for public events; rooms of schools stay as they are.",
           "There is no legal basis for it in two of the countries.")  # fmt: skip
CAME = {
    "helped": ("The statement was quoted whole and the questions stopped within a day.",
               "Raids of that kind fell by two thirds within a fortnight.",
               "The rule went out with one sentence less, and no appeal has turned on it since."),
    "partly": ("It held for public events; in breakout rooms we still see it.",),
    "nothing": ("The paper never wrote about it.",),
}  # fmt: skip


def seed(dice: random.Random) -> None:
    """Some ninety answered asks of the past months, a few that are open, one win on top."""
    ours, now = our_function(), timezone.now()
    functions = {function.slug: function for function in Function.objects.all()}
    users = {user.name: user for user in User.objects.all()}
    rows = [
        _answered(dice, now, habit, (ours, functions[slug]), users, by_us=number % 4 != 3 or not habit.theirs)
        for slug, habit in HABITS.items()
        for number in range(habit.asks)
    ]
    Ask.objects.bulk_create(rows)
    ruth = users["Ruth Adler"]
    for slug, days in (("legal", 2), ("product", 5)):
        kind, question = HABITS[slug].questions[0]
        ask(by_user(ruth), NewAsk(kind, functions[slug], question, due_at=now + timedelta(days=days)))
    best = next(row for row in rows if row.outcome == "helped" and row.to_function.slug == "communications")
    word_win(ruth, "ask", best.id, "Communications answered within the hour, and a school could tell its parents that it "
             "was over.", pinned=True)  # fmt: skip


def _answered(
    dice: random.Random,
    now: datetime,
    habit: Habit,
    sides: tuple[Function, Function],
    users: dict[str, User],
    *,
    by_us: bool,
) -> Ask:
    at = now - timedelta(days=3 + (DAYS - 3) * dice.random())
    kind, question = dice.choice(habit.questions if by_us else habit.theirs)
    severity = dice.choices((2, 3, 4), (2, 5, 3))[0]
    here, there = dice.choice(habit.ours), dice.choice(habit.people)
    took = timedelta(hours=habit.hours * dice.lognormvariate(0, 0.8) * (1 if by_us else 0.5))
    answered_at = min(at + took, now - timedelta(hours=1))
    said = "yes" if dice.random() < habit.yes else dice.choice(("partly", "no"))
    outcome = dice.choices(("helped", "partly", "nothing", ""), (4, 2, 1, 3))[0]
    asker, answerer = (here, there) if by_us else (there, here)
    ours, theirs = sides
    return Ask(
        id=uuid7(at),
        kind=kind,
        severity=severity,
        question=question,
        from_function=ours if by_us else theirs,
        to_function=theirs if by_us else ours,
        asked_by=users.get(asker),
        asker_name=asker,
        state=Ask.State.ANSWERED,
        due_at=at + timedelta(hours=HOURS[severity]),
        answer=said,
        reason="" if said == "yes" else dice.choice(REASONS),
        answered_at=answered_at,
        answered_by=answerer,
        answered_via="import",
        closed_at=answered_at,
        taken=answered_at - at,
        outcome=outcome,
        outcome_text=dice.choice(CAME[outcome]) if outcome else "",
        outcome_at=min(answered_at + timedelta(days=2 + 9 * dice.random()), now) if outcome else None,
    )
