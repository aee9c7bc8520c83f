"""Lays a world out in the arrays that the event loop reads."""

import zlib
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from seacliff.value.staffing.arrivals import WEEK, Demand
from seacliff.value.staffing.engine import Array, Plan
from seacliff.value.staffing.scenario import DAYS, POINTS, WEIGHTS, Group, Handling, Shift, World, may_review, next_tier

YEAR_WEEKS = 365.25 / 7
TURNS = 5  # breaks go round, a fifth of the group at a time


class Rota(NamedTuple):
    """Who is on duty when: arrays of a length, by time of beginning; `opens` marks a day's first interval."""

    starts: Array
    ends: Array
    who: Array  # place among all reviewers, groups in their order
    opens: Array


def kinds_of(world: World) -> list[tuple[str, str]]:
    """Category and language of each kind, in the order of the arrays."""
    return [(name, language) for name, category in world.categories.items() for language in category.languages]


def hours_of(world: World) -> float:
    return float((world.weeks + world.warm_up_weeks) * WEEK)


def demand(world: World) -> Demand:
    """What arrives today."""
    kinds, names = kinds_of(world), list(world.categories)
    ones = [world.categories[name] for name, _ in kinds]
    rates = []
    for one, (_, language) in zip(ones, kinds, strict=True):
        profile = np.array(one.profile or world.profile or [1.0] * WEEK)
        share = one.languages[language] / sum(one.languages.values())
        rates.append(one.per_week * share * profile / profile.sum())
    return Demand(
        np.array(rates),
        np.array([names.index(name) for name, _ in kinds]),
        *(np.array([getattr(one, field) for one in ones], np.float64)
          for field in ("burst_hourly", "burst_daily", "branching", "branching_hours")),
    )  # fmt: skip


def volume(world: World) -> Array:
    """f8[K, weeks]: times today's volume, growth included."""
    weeks = world.weeks + world.warm_up_weeks
    years = np.maximum(np.arange(weeks) - world.warm_up_weeks, 0) / YEAR_WEEKS
    factors = np.array([world.categories[name].volume for name, _ in kinds_of(world)])
    return np.outer(factors, (1 + world.growth) ** years)


def lay(world: World, rota: Rota) -> Plan:
    """The arrays of a world with this rota."""
    kinds, tiers, groups = kinds_of(world), world.tiers, list(world.groups.values())
    ones = [world.categories[name] for name, _ in kinds]
    queues = [(tier, kind) for tier in (*range(1, tiers + 1), 0) for kind in range(len(kinds))]
    memoryless = world.handle_times == "exponential"
    handling = [_handling(ones[kind].handling, ones[kind].appeal_handling, tier) for tier, kind in queues]
    spread = np.array([0.0 if memoryless else one.spread for one in handling])
    means = np.array([one.minutes / 60 for one in handling])
    onward, escalates = [], []
    for tier, kind in queues:
        after = next_tier(ones[kind], tier) if tier else None
        onward.append((after - 1) * len(kinds) + kind if after else -1)
        escalates.append(ones[kind].escalated.get(tier, 0.0) if after else 0.0)
    points = [POINTS[one.severity] if one.priority is None else one.priority for one in ones]
    weights = [WEIGHTS[one.severity] if one.weight is None else one.weight for one in ones]
    severe = np.array([ones[kind].severe for _, kind in queues])
    asked, skills = _skills(groups, queues, kinds, severe)
    members = [place for place, group in enumerate(groups) for _ in range(group.count)]
    caps = [np.inf if g.severe_hours_per_day is None else g.severe_hours_per_day for g in groups]

    def each(field: str) -> Array:
        return np.array([getattr(one, field) for one in ones], np.float64)

    def by_queue(values: list[float]) -> Array:
        return np.array([values[kind] for _, kind in queues], np.float64)

    return Plan(
        begin=float(world.warm_up_weeks * WEEK),
        end=hours_of(world),
        memoryless=memoryless,
        volume=volume(world),
        automated=each("automated"),
        accuracy=each("accuracy"),
        objects=each("objects"),
        first=np.array([(one.tier - 1) * len(kinds) + kind for kind, one in enumerate(ones)]),
        appealed=each("appealed"),
        appeal_delay=each("appeal_after_hours"),
        patience=np.array([np.inf if one.patience_hours is None else one.patience_hours for one in ones]),
        closes=np.array([one.too_late == "closed" for one in ones]),
        stage=np.array([(tier or tiers + 1) - 1 for tier, _ in queues]),
        onward=np.array(onward),
        escalates=np.array(escalates, np.float64),
        location=means if memoryless else np.log(means) - spread**2 / 2,
        spread=spread,
        base=by_queue(points),
        ageing=by_queue([one.ageing for one in ones]),
        weight=by_queue(weights) * [tier > 0 for tier, _ in queues],
        severe=severe,
        target=np.concatenate([each("target_hours"), each("appeal_target_hours")]),
        asked=asked,
        skills=skills,
        group=np.array(members, np.int64),
        cap=np.array([caps[place] for place in members], np.float64),
        starts=rota.starts,
        ends=rota.ends,
        who=rota.who,
        opens=rota.opens,
    )


def _handling(by_tier: dict[int, Handling], of_appeals: Handling | None, tier: int) -> Handling:
    if tier:
        return by_tier.get(tier) or by_tier[max(by_tier)]
    return of_appeals or by_tier[max(by_tier)]


def _skills(
    groups: list[Group], queues: list[tuple[int, int]], kinds: list[tuple[str, str]], severe: Array
) -> tuple[Array, Array]:
    """The same for each replication, and as long in the making as a small team's six weeks: so it is kept."""
    skills_of = tuple((bool(g.count), tuple(g.tiers), _kept(g.categories), _kept(g.languages), g.appeals) for g in groups)
    return _asked(skills_of, tuple(queues), tuple(kinds), severe.tobytes())


def _kept(names: list[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)


@lru_cache(maxsize=32)
def _asked(
    skills_of: tuple[tuple[bool, Any, Any, Any, bool], ...], queues: tuple[tuple[int, int], ...],
    kinds: tuple[tuple[str, str], ...], severe: bytes,
) -> tuple[Array, Array]:  # fmt: skip
    groups = [
        Group(1, list(tiers), "", categories and list(categories), languages and list(languages), appeals)
        for _there, tiers, categories, languages, appeals in skills_of
    ]
    there = np.array([one[0] for one in skills_of])  # a group of nobody is asked for nothing
    may = np.array([[may_review(g, *kinds[kind], tier) for tier, kind in queues] for g in groups]) & there[:, None]
    narrowest = np.argsort(may.sum(axis=1), kind="stable")
    asked = np.full((len(queues), len(groups) + 1), -1, np.int64)
    skills = np.zeros((2, len(groups), (len(queues) + 63) // 64), np.uint64)
    for queue in range(len(queues)):
        able = [group for group in narrowest if may[group, queue]]
        asked[queue, : len(able)] = able
        for group in able:
            skills[0, group, queue // 64] |= np.uint64(1 << queue % 64)
            if not severe[queue]:
                skills[1, group, queue // 64] |= np.uint64(1 << queue % 64)
    return asked, skills


def rota(world: World, seed: int, replication: int) -> Rota:
    """Shifts week by week, without breaks and absences; the same people are absent in every scenario."""
    weeks, columns, place = world.weeks + world.warm_up_weeks, [], 0
    for name, group in world.groups.items():
        usual = [_week(world.shifts[group.shift], turn) for turn in range(min(group.count, TURNS))]
        for ordinal in range(group.count):
            days, starts, ends, opens = usual[ordinal % TURNS]
            here = np.ones((weeks, 7), bool)
            if group.absence:
                random = np.random.default_rng([seed, replication, 2, zlib.crc32(name.encode()), ordinal])
                here = random.random((weeks, 7)) >= group.absence
            kept, offset = here[:, days].ravel(), np.repeat(np.arange(weeks) * float(WEEK), len(days))
            columns.append(
                (np.tile(starts, weeks)[kept] + offset[kept], np.tile(ends, weeks)[kept] + offset[kept],
                 np.full(kept.sum(), place), np.tile(opens, weeks)[kept])
            )  # fmt: skip
            place += 1
    if not columns:
        return Rota(np.empty(0), np.empty(0), np.empty(0, np.int64), np.empty(0, bool))
    parts = [np.concatenate(column) for column in zip(*columns, strict=True)]
    order = np.argsort(parts[0], kind="stable")
    return Rota(*(part[order] for part in parts))


def _week(shift: Shift, turn: int) -> tuple[Array, Array, Array, Array]:
    """Day, beginning, end and `opens` of the intervals of those who take breaks at this turn."""
    hour, minute = map(int, shift.start.split(":"))
    days, starts, ends, opens = [], [], [], []
    for day in sorted(DAYS.index(one) for one in shift.days):
        begin = day * 24 + hour + minute / 60
        edges = [begin]
        for pause in sorted(shift.breaks, key=lambda one: one.after):
            at = min(begin + pause.after + turn * pause.minutes / 60, begin + shift.hours)
            edges += [max(at, edges[-1]), min(at + pause.minutes / 60, begin + shift.hours)]
        edges.append(begin + shift.hours)
        for number in range(0, len(edges), 2):
            if edges[number + 1] > edges[number]:
                days.append(day)
                starts.append(edges[number])
                ends.append(edges[number + 1])
                opens.append(number == 0)
    return np.array(days, np.int64), np.array(starts), np.array(ends), np.array(opens, bool)


def paid_hours(world: World) -> dict[str, float]:
    """Hours paid to each group in the weeks that count, breaks and absences included."""
    shifts = world.shifts
    return {
        name: group.count * world.weeks * len(set(shifts[group.shift].days)) * shifts[group.shift].hours
        for name, group in world.groups.items()
    }
