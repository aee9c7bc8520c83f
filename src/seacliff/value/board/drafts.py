"""Words of the page that somebody may edit; until they do, they are filled from the ledger and the record.

What is filled is a first draft that says what it does not know. Money of people is what `Costs` says a reviewer costs; what
fewer or more of them mean is the simulation's; what is shown to work is the ledger's, with grades.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.people.access import actor_of_user, must_be_allowed
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.people.problems import Invalid
from seacliff.record.actions import Subject, happened
from seacliff.record.ids import uuid7
from seacliff.value.assumptions import Costs
from seacliff.value.board.bridge import between, in_money
from seacliff.value.ledger.queries import Standing
from seacliff.value.ledger.telling import interval_of, number_of, worst_of
from seacliff.value.models import Draft, Finding

LONGEST = 20_000
KIND = Draft.Kind
NOT_MONEY = (
    "Child safety, threats to life and what the law demands are duties. They are not put in money here, and no saving elsewhere "
    "pays for a failure in them. Nor is the harm that people were spared: it is counted in cases and hours, not in currency."
)
NOT_CUT = "What the law demands and what protects children and lives is not cut: see what is not put in money."


@dataclass(frozen=True, slots=True)
class Text:
    """`written`: who wrote it and when, and whether the ledger or the costs are others since; or that it is filled."""

    text: str
    by: str = ""
    at: datetime | None = None
    outdated: bool = False

    @property
    def written(self) -> str:
        if self.at is None:
            return _("Filled from the ledger and the record: nobody has edited it.")
        said = _("Written by %(name)s on %(day)s.") % {"name": self.by or "–", "day": f"{self.at:%Y-%m-%d}"}
        return (
            f"{said} {_('The ledger or the costs have changed since: its figures may be old.')}"
            if self.outdated
            else said
        )


@dataclass(frozen=True, slots=True)
class Given:
    """What a draft is filled from."""

    standing: Standing
    work: dict[str, Any]
    team: dict[str, Any]
    costs: Costs

    @property
    def people(self) -> float:
        return float(self.costs.reviewers or self.work.get("cost", {}).get("headcount") or 0)

    @property
    def heads(self) -> float:
        """Whom the simulation counts: people, each of whom may work a share of full time."""
        return float(self.team.get("team", {}).get("people") or self.people)

    @property
    def tenth(self) -> int:
        """Reviewers in a tenth of the team, as the simulation takes it: at least one."""
        return max(1, round(self.heads / 10))

    @property
    def price_of_tenth(self) -> float:
        return self.tenth * self.costs.loaded_cost * float(self.team.get("team", {}).get("share", 1.0))

    @property
    def shown(self) -> list[Finding]:
        """Effects of grade A or B."""
        return [one for one in self.standing.counted if one not in self.standing.nulls]

    @property
    def nulls(self) -> list[Finding]:
        return [one for one in self.standing.nulls if one in self.standing.counted]

    def simulated(self, share: str) -> dict[str, Any]:
        return next((one for one in self.team.get("answers", []) if one.get("share") == share), {})

    def money(self, value: float) -> str:
        return f"{number_of(value)} {self.costs.currency}"


def texts(given: Given) -> dict[str, Text]:
    """Every text: as somebody wrote it, else as it is filled. One query."""
    now = ledger_of(given.standing, given.costs)
    written = {one.kind: Text(one.text, str(one.by or ""), one.at, one.ledger not in ("", now))
               for one in Draft.objects.select_related("by") if one.text.strip()}  # fmt: skip
    return {str(kind): written.get(kind) or Text(fill(given)) for kind, fill in FILLED.items()}


def ledger_of(standing: Standing, costs: Costs) -> str:
    """A digest of the estimates that stand and of the costs: another one, and figures that somebody copied may be old."""
    found = (*standing.counted, *standing.shown, *standing.told, *standing.failed, *standing.refused)
    stand = sorted(f"{one.ref} {one.current_id}" for one in found)
    return sha256(f"{stand} {costs}".encode()).hexdigest()[:16]


def _ask(given: Given) -> str:
    first = _keep(given)
    sentences = [one["sentence"] for one in given.team.get("answers", []) if one.get("share")]
    return "\n".join([first, "", *(f"- {sentence}" for sentence in sentences)]) if sentences else first


def _keep(given: Given) -> str:
    people, costs = given.people, given.costs
    if not people:
        return "We ask to keep the team as it is."
    first = f"We ask to keep the team as it is: {people:g} reviewers"
    if not costs.loaded_cost:
        return f"{first}. What a reviewer costs was not told, so it is not put in money."
    spent = people * costs.loaded_cost + costs.overhead
    besides = f", of which {given.money(costs.overhead)} besides their own cost" if costs.overhead else ""
    return f"{first}, {given.money(spent)} a year{besides}."


def _reviewers(count: int) -> str:
    return "1 reviewer" if count == 1 else f"{count} reviewers"


def _tenth(given: Given) -> str:
    price = given.price_of_tenth
    share = f" of {given.heads:g} ({given.tenth / given.heads:.0%})" if given.heads else ""
    return f"{_reviewers(given.tenth)}{share}{f', {given.money(price)} a year' if price else ''}"


def _service(given: Given, share: str) -> list[str]:
    """What a tenth fewer or more means, as a table; the price is told from the costs and not here."""
    answer = given.simulated(share)
    rows = [row for row in answer.get("rows", []) if row.get("measure") != "cost" and not row["label"].startswith("cost")]
    if not rows:
        return ["It has not been simulated yet what that means: see Staffing."]
    figures = [f"| {row['label']} | {_told(row['before'])} | {_told(row['after'])} | {_told(row['change'])}{_between(row)} |"
               for row in rows]  # fmt: skip
    return [f"| {answer.get('name') or 'by the simulation'} | now | then | change (95%) |", "|---|---|---|---|", *figures]


def _told(value: float | str) -> str:
    return value if isinstance(value, str) else number_of(value)


def _between(row: dict[str, Any]) -> str:
    ends = row["interval"] if "interval" in row else f"{number_of(row['low'])} to {number_of(row['high'])}"
    return f" ({ends})" if ends else ""


def _effect(one: Finding, given: Given) -> str:
    worth = f" In money: {between(*in_money(one), given.costs.currency)} a year." if _bounded(one) else ""
    assert one.current is not None
    return f"{one.ref}, grade {one.current.grade}: {one.question} {interval_of(one.current)} {one.unit}.{worth}"


def _bounded(one: Finding) -> bool:
    run = one.current
    return one.worth is not None and run is not None and None not in (run.low, run.estimate, run.high)


def _bullets(lines: Iterable[str]) -> list[str]:
    return [f"- {line}" for line in lines]


def _investment(given: Given) -> str:
    return "\n".join([
        "### What is asked", "", f"{_keep(given)} A tenth more is {_tenth(given)}.", "",
        "### What a tenth more buys", "", *_service(given, "+10%"), "",
        "### What is shown to work", "", *_protects(given), "",
        "### What is not known", "", *_bullets(_unknown(given)),
    ])  # fmt: skip


def _protects(given: Given) -> list[str]:
    if not given.shown:
        return ["No effect of grade A or B has been shown yet. The investment is in being able to show one: a random share on "
                "the largest queue, and the next launch by lot."]  # fmt: skip
    head, spent = given.standing.headline, given.people * given.costs.loaded_cost + given.costs.overhead
    lines = _bullets(_effect(one, given) for one in given.shown)
    if head.counted:
        whole = f" The team costs {given.money(spent)} a year." if given.costs.loaded_cost and given.people else ""
        lines += ["", f"Together, nulls among them ({', '.join(head.counted)}): "
                  f"{between(head.low, head.point, head.high, given.costs.currency)} a year.{whole}"]  # fmt: skip
    return lines


def _unknown(given: Given) -> list[str]:
    standing, held = given.standing, given.team.get("held_out", {}).get("sentence", "")
    said = ["What one reviewer more or fewer is worth in money: no finding is about that. The findings are about single changes, "
            "and most of the work has none.",
            "Whether an effect that was seen over weeks lasts for a year."]  # fmt: skip
    said += [
        f"{one.ref}, no effect shown: {one.question} {_room(one, given)}"
        for one in given.nulls
        if not _excluded(one, given)
    ]
    said += [
        f"{one.ref}, a diagnostic failed: {one.question} {worst_of(one.current)}"
        for one in standing.failed
        if one.current
    ]
    said += [f"{one.ref}, refused: {one.question}" for one in standing.refused]
    if standing.waiting:
        said.append(f"{', '.join(one.ref for one in standing.waiting)}: proposed, and not estimated yet.")
    said.append(
        f"How far the simulation is right. {held}" if held else "How far the simulation is right: it was not tried yet."
    )
    return said


def _cut(given: Given) -> str:
    return "\n".join([
        f"If a tenth has to go, it is {_tenth(given)}. Each way to find it costs something; none is free.", "",
        "### A tenth of the team", "", *_service(given, "-10%"), "",
        "### Something for which no effect was shown", "", *_nulls(given), "",
        "### Something that is shown to work", "", *_lost(given), "",
        "### What is not cut", "", NOT_CUT,
    ])  # fmt: skip


def _nulls(given: Given) -> list[str]:
    if not given.nulls:
        return ["No finding of grade A or B is a null: the ledger names nothing that could go without loss."]
    return _bullets(f"{one.ref}: {one.question} {_room(one, given)}" for one in given.nulls)


def _excluded(one: Finding, given: Given) -> bool:
    """Whether a null's interval leaves no room for what would matter, measured by what a reviewer costs. That no effect was shown
    does not show that there is none."""
    return _bounded(one) and in_money(one)[2] < given.costs.loaded_cost


def _room(one: Finding, given: Given) -> str:
    """What a null leaves room for, and what therefore may be said of it."""
    assert one.current is not None
    said, price = f"{interval_of(one.current)} {one.unit}.", given.costs.loaded_cost
    if not _bounded(one) or not price:
        missing = "what a reviewer costs" if _bounded(one) else "what it would be worth"
        return f"{said} That none was shown does not show that there is none, and {missing} was not told: no reason to stop it."
    most = given.money(in_money(one)[2])
    if _excluded(one, given):
        return (f"{said} At most {most} a year fits its interval, less than one reviewer costs ({given.money(price)}): what is "
                "spent on it can go first.")  # fmt: skip
    return (f"{said} That none was shown does not show that there is none: its interval leaves room for {most} a year, and one "
            f"reviewer costs {given.money(price)}. No reason to stop it.")  # fmt: skip


def _lost(given: Given) -> list[str]:
    if not given.shown:
        return ["No effect of grade A or B has been shown yet: what would be lost is not known."]
    return ["What goes with each, as far as it was shown:", "", *_bullets(_effect(one, given) for one in given.shown)]


FILLED: dict[Draft.Kind, Callable[[Given], str]] = {
    KIND.ASK: _ask, KIND.INVESTMENT: _investment, KIND.CUT: _cut, KIND.NOT_MONEY: lambda _given: NOT_MONEY,
}  # fmt: skip


def write(user: User, kind: str, text: str, ledger: str = "") -> Draft:
    """Keep somebody's words; none: filled again. `ledger`: what `ledger_of` said when they wrote. Raises Invalid."""
    must_be_allowed(user, Permission.VALUE_PROPOSE)
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(text) > LONGEST:
        sentence = f"The text has {len(text):,} characters, and {LONGEST:,} are kept: shorten it. Nothing was saved."
        raise Invalid(sentence, errors=[{"pointer": "#/text", "detail": sentence}])
    with transaction.atomic():
        made, _new = Draft.objects.update_or_create(
            kind=kind, defaults={"text": text, "by": user, "at": timezone.now(), "ledger": ledger}
        )
        happened("board.text-written", Subject("board", uuid7()), actor_of_user(user), data={"kind": kind})
    return made


def money(value: float | None, currency: str) -> str:
    return "–" if value is None else f"{number_of(value)} {currency}"
