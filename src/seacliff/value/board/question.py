"""What the page asks of the simulation: a control for each thing that may change, and the scenario that they make.

Light: the page shows the controls without loading the simulation.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.http import QueryDict
from django.utils.translation import gettext as _

from seacliff.value.staffing.scenario import Automation, Scenario, ScenarioError, World

MANY = 3  # changes that a sentence names; of more it says how many
EVENING, WEEKEND = "evening", "weekend"


def world_of(content: dict[str, Any]) -> World:
    return in_order(msgspec.convert(content["world"], World, strict=False, str_keys=True))


def in_order(world: World) -> World:
    """By name: luck goes by place, and a world that is kept as JSON comes back in another order than it was put there."""
    categories = {
        name: msgspec.structs.replace(
            one, languages=dict(sorted(one.languages.items())), handling=dict(sorted(one.handling.items())),
            escalated=dict(sorted(one.escalated.items())),
        )
        for name, one in sorted(world.categories.items())
    }  # fmt: skip
    return msgspec.structs.replace(world, categories=categories, groups=dict(sorted(world.groups.items())))


@dataclass(frozen=True)
class Slider:
    """A number that may change. `of` is the group, category or severity that it speaks of, `words` a phrase for its value."""

    name: str
    label: str
    of: str
    today: float
    least: float
    most: float
    step: float
    unit: str
    value: float
    phrase: str

    @property
    def changed(self) -> bool:
        return self.value != self.today

    @property
    def words(self) -> str:
        return self.phrase % {"n": f"{self.value:g}", "of": self.of}


@dataclass(frozen=True)
class Skill:
    """What a group may take: the highest tier, languages, categories, each with whether it may and whether it may today."""

    group: str
    tier: int
    tier_today: int
    tiers: list[int]
    languages: list[tuple[str, bool, bool]]
    categories: list[tuple[str, bool, bool]]

    @property
    def changed(self) -> bool:
        return self.tier != self.tier_today or _differ(self.languages) or _differ(self.categories)


def _differ(rows: Iterable[tuple[str, bool, bool]]) -> bool:
    return any(now != today for _name, now, today in rows)


@dataclass
class Question:
    """All controls with what was asked. `trouble` says what can't be."""

    world: World
    asked: QueryDict
    trouble: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        world = self.world
        self.people = [self._people(name) for name, group in world.groups.items() if group.shift == "day"]
        self.evenings = [self._people(name) for name, group in world.groups.items() if group.shift == EVENING]
        self.weekends = [self._people(name) for name, group in world.groups.items() if group.shift == WEEKEND]
        self.volume = self._slider("volume", _("volume"), "", 100, (0, 200, 5), "%", _("a volume of %(n)s%%"))
        self.volume_of = self.asked.get("volume_of", "")
        if self.volume_of and self.volume_of not in world.categories:
            self.trouble.append(_("There is no category %(name)s.") % {"name": self.volume_of})
        if gone := [name[7:] for name in self.asked if name.startswith("people.") and name[7:] not in world.groups]:
            self.trouble.append(_("There is no group %(name)s any more: begin anew from today.") % {"name": gone[0]})
        by_severity = {one.severity: one.target_hours for one in world.categories.values()}
        self.targets = [
            self._slider(f"target.{severity}", _("severity %(n)s") % {"n": severity}, str(severity), hours,
                         (hours / 8, hours * 2, hours / 8), "h", _("severity %(of)s within %(n)s h"))
            for severity, hours in sorted(by_severity.items())
        ]  # fmt: skip
        self.machines = [
            self._slider(f"machine.{name}", name, name, round(100 * one.automated), (0, 100, 1), "%",
                         _("a machine for %(n)s%% of %(of)s"))
            for name, one in world.categories.items()
        ]
        self.right = self._slider("right", _("right so often"), "", 95, (50, 100, 1), "%", "")
        self.skills = [self._skill(one.of) for one in self.people]

    def _slider(
        self, name: str, label: str, of: str, today: float, ends: tuple[float, float, float], unit: str, phrase: str
    ) -> Slider:
        least, most, step = ends
        value = today
        if name in self.asked:
            try:
                value = float(str(self.asked[name]))
            except ValueError:
                self.trouble.append(_("%(label)s: that is no number.") % {"label": label})
        if not least <= value <= most and value != today:
            said = {"label": label, "least": f"{least:g}", "most": f"{most:g}"}
            self.trouble.append(_("%(label)s is out of its range, %(least)s to %(most)s.") % said)
            value = today
        return Slider(name, label, of, today, least, most, step, unit, value, phrase)

    def _people(self, group: str) -> Slider:
        count = self.world.groups[group].count
        skills = group.removesuffix(f", {EVENING}").removesuffix(f", {WEEKEND}")
        ends = 0, max(4, 2 * self.world.groups[skills].count), 1
        return self._slider(f"people.{group}", skills, group, count, ends, "", _("%(n)s in %(of)s"))

    def _skill(self, group: str) -> Skill:
        one, tiers = self.world.groups[group], sorted({t for c in self.world.categories.values() for t in c.handling})
        languages = sorted({name for c in self.world.categories.values() for name in c.languages} - {"any"})
        highest, tier = max(one.tiers), self.asked.get(f"tier.{group}", "")
        if tier and tier not in map(str, tiers):
            self.trouble.append(_("There is no tier %(name)s.") % {"name": tier})
            tier = ""
        return Skill(
            group, int(tier or highest), highest, tiers, self._ticks(f"language.{group}", languages, one.languages),
            self._ticks(f"category.{group}", sorted(self.world.categories), one.categories),
        )  # fmt: skip

    def _ticks(self, name: str, every: list[str], today: list[str] | None) -> list[tuple[str, bool, bool]]:
        may = every if today is None else today
        chosen = self.asked.getlist(name) if name in self.asked else may
        return [(one, one in chosen, one in may) for one in every]

    @property
    def changed(self) -> bool:
        return any(one.changed for one in self._sliders) or any(one.changed for one in self.skills)

    @property
    def _sliders(self) -> list[Slider]:
        return [*self.people, *self.evenings, *self.weekends, self.volume, *self.targets, *self.machines]

    @property
    def link(self) -> str:
        """What was asked for, as the end of an address: only what differs from today."""
        said: list[tuple[str, str]] = [(one.name, f"{one.value:g}") for one in self._sliders if one.changed]
        if self.volume.changed and self.volume_of:
            said.append(("volume_of", self.volume_of))
        if any(one.changed for one in self.machines):
            said.append((self.right.name, f"{self.right.value:g}"))
        for one in self.skills:
            said += [(f"tier.{one.group}", str(one.tier))] if one.tier != one.tier_today else []
            for name, rows in (("language", one.languages), ("category", one.categories)):
                if _differ(rows):
                    said += [(f"{name}.{one.group}", ""), *((f"{name}.{one.group}", row) for row, may, _t in rows if may)]
        return f"?{urlencode(said)}" if said else ""

    def scenario(self) -> Scenario:
        """Raises ScenarioError, with what can't be."""
        if self.trouble:
            raise ScenarioError(" ".join(self.trouble))
        people = [one for one in (*self.people, *self.evenings, *self.weekends) if one.changed]
        categories, machine = self.world.categories, {one.of: one.value / 100 for one in self.machines if one.changed}
        hours = {int(one.of): one.value for one in self.targets if one.changed}
        return Scenario(
            self._name(), headcount={one.of: int(one.value) for one in people},
            volume={self.volume_of or "all": self.volume.value / 100},
            targets={name: hours[one.severity] for name, one in categories.items() if one.severity in hours},
            automation={name: Automation(share, self.right.value / 100, categories[name].objects)
                        for name, share in machine.items()},
            tiers=self._by_group((one.group, list(range(1, one.tier + 1))) for one in self.skills if one.tier != one.tier_today),
            languages=self._by_group(_chosen(self.skills, "languages")),
            skills=self._by_group(_chosen(self.skills, "categories")),
        )  # fmt: skip

    def _by_group(self, said: Iterable[tuple[str, list[Any]]]) -> dict[str, list[Any]]:
        """Whoever changes shift keeps their skills."""
        return {
            name: what
            for group, what in said
            for name in (group, f"{group}, {EVENING}", f"{group}, {WEEKEND}")
            if name in self.world.groups
        }

    def _name(self) -> str:
        sliders = [one.words for one in self._sliders if one.changed]
        said = [*sliders, *(_("other skills of %(group)s") % {"group": one.group} for one in self.skills if one.changed)]
        if not said:
            return _("As it is today")
        return _("With %(n)s changes") % {"n": len(said)} if len(said) > MANY else _("With %(what)s") % {"what": "; ".join(said)}


def _chosen(skills: Iterable[Skill], what: str) -> Iterable[tuple[str, list[str]]]:
    """Of those that changed; the rest stay as they are, those who may take whatever comes too."""
    for one in skills:
        rows: list[tuple[str, bool, bool]] = getattr(one, what)
        if _differ(rows):
            yield one.group, [name for name, may, _today in rows if may]
