"""The world that is simulated and the scenarios that change it: typed, read from YAML or JSON, refused in sentences."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

Share = Annotated[float, Meta(ge=0, le=1)]
Positive = Annotated[float, Meta(gt=0)]
Least0 = Annotated[float, Meta(ge=0)]
Tier = Annotated[int, Meta(ge=1, le=4)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
POINTS = {
    1: 1000.0,
    2: 100.0,
    3: 20.0,
    4: 0.0,
}  # with a point an hour: low harm waits 20 h before it passes a new case of 3
WEIGHTS = {1: 27.0, 2: 9.0, 3: 3.0, 4: 1.0}


class ScenarioError(ValueError):
    """What is wrong in a world or a scenario, where, and what would be right."""


class Handling(Struct, forbid_unknown_fields=True, frozen=True):
    """How long reviews take: lognormal with this mean in minutes and this standard deviation of the logarithm."""

    minutes: Positive
    spread: Least0 = 0.8


class Category(Struct, forbid_unknown_fields=True, frozen=True):
    """A harm category: what arrives, how it is reviewed, what waiting does."""

    per_week: Positive
    handling: dict[Tier, Handling]
    severity: Annotated[int, Meta(ge=1, le=4)] = 3
    target_hours: Positive = 24.0
    tier: Tier = 1
    languages: dict[str, Positive] = msgspec.field(default_factory=lambda: {"any": 1.0})
    profile: list[Least0] | None = None  # 168 relative rates from Monday 00:00; none: the world's
    burst_hourly: Least0 = 0.0  # variance of the hour's multiplier
    burst_daily: Least0 = 0.0
    branching: Annotated[float, Meta(ge=0, lt=0.95)] = 0.0  # further reports that a report brings (Hawkes)
    branching_hours: Positive = 1.0
    patience_hours: Positive | None = None  # mean time until the harm has happened; none: it does not end so
    too_late: Literal["closed", "reviewed"] = "closed"
    priority: float | None = None  # points; none: by severity
    ageing: Least0 = 1.0  # points an hour
    weight: Least0 | None = None  # of an hour's waiting; none: by severity
    severe: bool = False  # counts against a reviewer's severe hours
    escalated: dict[Tier, Share] = {}
    appealed: Share = 0.0
    appeal_after_hours: Positive = 48.0
    appeal_handling: Handling | None = None
    appeal_target_hours: Positive = 168.0
    overturned: Share = 0.0
    automated: Share = 0.0
    accuracy: Share = 1.0
    objects: Share = 0.5  # share of the machine's wrong decisions that is appealed
    volume: Least0 = 1.0  # times what arrives today


class Break(Struct, forbid_unknown_fields=True, frozen=True):
    """A pause so many hours after the shift's beginning; colleagues take it one after the other."""

    after: Positive
    minutes: Positive


class Shift(Struct, forbid_unknown_fields=True, frozen=True):
    """Days and hours of work, weekly, in the world's own time zone."""

    days: list[Day]
    start: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    hours: Annotated[float, Meta(gt=0, le=24)]
    breaks: list[Break] = []


class Group(Struct, forbid_unknown_fields=True, frozen=True):
    """Reviewers with the same skills on the same shift."""

    count: Annotated[int, Meta(ge=0)]
    tiers: list[Tier]
    shift: str
    categories: list[str] | None = None  # none: all
    languages: list[str] | None = None
    appeals: bool = False
    cost_per_hour: Least0 = 0.0  # of paid hours, breaks and absences included
    severe_hours_per_day: Least0 | None = None
    absence: Annotated[float, Meta(ge=0, lt=1)] = 0.0


class World(Struct, forbid_unknown_fields=True, frozen=True):
    """What is simulated."""

    categories: dict[str, Category]
    groups: dict[str, Group]
    shifts: dict[str, Shift]
    weeks: Annotated[int, Meta(ge=1, le=520)] = 8
    warm_up_weeks: Annotated[int, Meta(ge=0, le=52)] = 1
    profile: list[Least0] | None = None
    growth: Annotated[float, Meta(gt=-1)] = 0.0  # a year
    handle_times: Literal["lognormal", "exponential"] = "lognormal"

    @property
    def tiers(self) -> int:
        return max(max(category.handling) for category in self.categories.values())


class Automation(Struct, forbid_unknown_fields=True, frozen=True):
    """A machine decides a share of a category, rightly so often."""

    share: Share
    accuracy: Share
    objects: Share = 0.5


class Scenario(Struct, forbid_unknown_fields=True, frozen=True):
    """Changes to a world; what is not named stays. Keys are groups or categories; "all" in volume and cost."""

    name: str
    headcount: dict[str, int | str] = {}  # a number, or a change: "-2", "+1"
    shifts: dict[str, str] = {}
    skills: dict[str, list[str]] = {}  # categories that a group may take
    tiers: dict[str, list[Tier]] = {}  # tiers that it may
    languages: dict[str, list[str]] = {}
    targets: dict[str, Positive] = {}
    volume: dict[str, Least0] = {}
    automation: dict[str, Automation] = {}
    growth: Annotated[float, Meta(gt=-1)] | None = None
    cost_per_hour: dict[str, Least0] = {}
    severe_hours_per_day: Least0 | None = None
    absence: Annotated[float, Meta(ge=0, lt=1)] | None = None


class Study(Struct, forbid_unknown_fields=True, frozen=True):
    """A world, scenarios side by side, and how often each is run."""

    world: World
    scenarios: list[Scenario] = []
    replications: Annotated[int, Meta(ge=2, le=10_000)] = 20
    seed: Annotated[int, Meta(ge=0)] = 1


def read(text: str | bytes) -> Study:
    """A study from YAML (JSON is YAML); ScenarioError says what is wrong and where."""
    try:
        study = msgspec.yaml.decode(text, type=Study, strict=True)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise ScenarioError(f"The scenario file cannot be used: {error}.") from error
    check(study.world)
    for scenario in study.scenarios:
        apply(study.world, scenario)
    return study


def check(world: World) -> None:
    """Raise ScenarioError where parts of a world do not fit each other."""
    if not world.categories or not world.groups:
        raise ScenarioError("A world needs at least one category and one group of reviewers.")
    if not any(group.count for group in world.groups.values()):
        raise ScenarioError("Nobody would decide anything: this team has no reviewer. Leave at least one.")
    if not any(category.volume for category in world.categories.values()):
        raise ScenarioError("Nothing would come in: the volume is nought, so there is nothing to simulate.")
    for name, group in world.groups.items():
        _known(group.shift, world.shifts, f"group {name}", "shift")
        for category in group.categories or []:
            _known(category, world.categories, f"group {name}", "category")
    for owner, profile in [("the world", world.profile), *((n, c.profile) for n, c in world.categories.items())]:
        if profile is not None and (len(profile) != 168 or sum(profile) <= 0):
            raise ScenarioError(f"The profile of {owner} needs 168 rates, Monday 00:00 to Sunday 23:00, not all zero.")
    for name, one in world.categories.items():
        _check_category(world, name, one)


def _check_category(world: World, name: str, category: Category) -> None:
    tier: int | None = category.tier
    while tier:
        if tier not in category.handling:
            raise ScenarioError(f"{name} comes to tier {tier}, but its handling says nothing about tier {tier}.")
        for language in category.languages:
            if not _somebody(world, name, language, tier):
                raise ScenarioError(f"Nobody may review {name} in language {language} at tier {tier}.")
        tier = next_tier(category, tier)
    machine = category.automated * (1 - category.accuracy) * category.objects
    appealed = category.appealed or machine
    if appealed and not any(_somebody(world, name, language, 0) for language in category.languages):
        raise ScenarioError(f"{name} is appealed, but nobody in a group with `appeals: true` may decide its appeals.")


def _somebody(world: World, category: str, language: str, tier: int) -> bool:
    return any(group.count and may_review(group, category, language, tier) for group in world.groups.values())


def next_tier(category: Category, tier: int) -> int | None:
    """Where a report goes when it escalates, if it can."""
    later = [other for other in sorted(category.handling) if other > tier]
    return later[0] if later and category.escalated.get(tier, 0) > 0 else None


def may_review(group: Group, category: str, language: str, tier: int) -> bool:
    """Whether a group's skills cover a queue; tier 0 is appeals."""
    return (
        (group.appeals if tier == 0 else tier in group.tiers)
        and (group.categories is None or category in group.categories)
        and (group.languages is None or language == "any" or language in group.languages)
    )


def apply(world: World, scenario: Scenario) -> World:
    """The world as the scenario changes it; ScenarioError when it names what is not there or holds what can't be."""
    _possible(scenario)
    groups = {name: _changed_group(world, scenario, name) for name in world.groups}
    categories = {name: _changed_category(scenario, name, one) for name, one in world.categories.items()}
    for part in ("headcount", "shifts", "skills", "tiers", "languages", "cost_per_hour"):
        for name in getattr(scenario, part):
            _known(name, {**groups, "all": 0} if part == "cost_per_hour" else groups, scenario.name, "group")
    for part in ("targets", "volume", "automation"):
        for name in getattr(scenario, part):
            _known(name, {**categories, "all": 0} if part == "volume" else categories, scenario.name, "category")
    growth = world.growth if scenario.growth is None else scenario.growth
    changed = msgspec.structs.replace(world, groups=groups, categories=categories, growth=growth)
    check(changed)
    return changed


def _possible(scenario: Scenario) -> None:
    """What a file is held to when it is read also holds for a scenario put together in code or by a slider."""
    try:
        msgspec.convert(msgspec.to_builtins(scenario), Scenario, strict=True)
    except msgspec.ValidationError as error:
        raise ScenarioError(f"The scenario {scenario.name} cannot be used: {error}.") from error


def _changed_group(world: World, scenario: Scenario, name: str) -> Group:
    group = world.groups[name]
    costs, cap = scenario.cost_per_hour, scenario.severe_hours_per_day
    return msgspec.structs.replace(
        group,
        count=_headcount(group.count, scenario.headcount.get(name), scenario.name, name),
        shift=scenario.shifts.get(name, group.shift),
        categories=scenario.skills.get(name, group.categories),
        tiers=scenario.tiers.get(name, group.tiers),
        languages=scenario.languages.get(name, group.languages),
        cost_per_hour=costs.get(name, costs.get("all", group.cost_per_hour)),
        severe_hours_per_day=group.severe_hours_per_day if cap is None else cap,
        absence=group.absence if scenario.absence is None else scenario.absence,
    )


def _headcount(today: int, wanted: int | str | None, scenario: str, group: str) -> int:
    if wanted is None:
        return today
    try:
        count = today + int(wanted) if isinstance(wanted, str) and wanted[:1] in "+-" else int(wanted)
    except ValueError:
        raise ScenarioError(f'{scenario}: headcount of {group} is a number or a change such as "-2".') from None
    if count < 0:
        raise ScenarioError(f"{scenario}: {group} has {today} reviewers, {wanted} would leave fewer than none.")
    return count


def _changed_category(scenario: Scenario, name: str, category: Category) -> Category:
    machine = scenario.automation.get(name) or Automation(category.automated, category.accuracy, category.objects)
    return msgspec.structs.replace(
        category,
        target_hours=scenario.targets.get(name, category.target_hours),
        volume=category.volume * scenario.volume.get(name, scenario.volume.get("all", 1.0)),
        automated=machine.share,
        accuracy=machine.accuracy,
        objects=machine.objects,
    )


def _known(name: str, there: Mapping[str, object], where: str, what: str) -> None:
    if name not in there:
        raise ScenarioError(f"{where} names the {what} {name}, which is not there; there are {', '.join(there)}.")
