"""First come, first served, by people who can all do everything and are always there: no event loop is needed.

A report is taken by whoever is free first (Kiefer and Wolfowitz 1955), so one pass over the arrivals, the times at which
reviewers become free kept in order, finds what `engine.run` finds: the same luck, the same waits to the last digit.
"""

import numpy as np

from seacliff.value.staffing.compiled import HANDLE, exponential, jit, lognormal
from seacliff.value.staffing.engine import Array, Plan, Reports, Tally, bin_of

_BLOCK = 4096  # reports whose handle times are drawn at once, in a loop that the compiler makes of several at a time
_STEP = 8  # the row of free times is filled up with infinities to a multiple of it, for the same reason


def serves(plan: Plan) -> bool:
    """Whether `run` finds what the event loop would: one tier, one group, nobody ever off duty; no machine, escalation, appeal,
    patience or cap on severe hours; one queue, or queues with the same points."""
    queues, groups = plan.first, np.unique(plan.group)
    if len(groups) != 1 or plan.automated.any() or plan.appealed.any() or np.isfinite(plan.patience).any():
        return False
    if (plan.stage[queues] != plan.stage[queues[0]]).any() or (plan.onward[queues] >= 0).any():
        return False
    if plan.severe.any() and np.isfinite(plan.cap).any():
        return False
    able = plan.skills[0, groups[0], queues // 64] >> (queues % 64).astype(np.uint64) & np.uint64(1)
    points = set(zip(plan.base[queues], plan.ageing[queues], strict=True))
    alike = len(queues) == 1 or (len(points) == 1 and plan.ageing[queues[0]] > 0)
    return bool(able.all()) and alike and always_there(plan.starts, plan.ends, plan.who, len(plan.group), plan.end)


@jit
def always_there(starts: Array, ends: Array, who: Array, reviewers: int, end: float) -> bool:
    """Whether intervals of duty, by beginning, leave no gap between 0 and the end for anybody."""
    until = np.zeros(reviewers)
    for duty in range(len(starts)):
        if starts[duty] > until[who[duty]]:
            return False
        until[who[duty]] = max(until[who[duty]], ends[duty])
    return bool(until.min() >= end)


@jit
def run(reports: Reports, plan: Plan, luck: np.uint64, tally: Tally) -> None:
    """What `engine.run` adds to `tally`, for a plan that this `serves`."""
    begin, end, first, volume, target = plan.begin, plan.end, plan.first, plan.volume, plan.target
    started, decided, group = tally.started, tally.decided, plan.group[0]
    free = np.full((len(plan.group) + _STEP - 1) // _STEP * _STEP + 1, np.inf)
    free[: len(plan.group)] = 0.0
    handle = np.empty(_BLOCK)
    busy, week, next_week = 0.0, 0, 168.0
    for block in range(0, len(reports.time), _BLOCK):
        size = min(_BLOCK, len(reports.time) - block)
        draw(reports.kind[block : block + size], block, plan, luck, handle)
        for place in range(size):
            report = block + place
            now, kind = reports.time[report], np.int64(reports.kind[report])
            while now >= next_week:
                week, next_week = week + 1, next_week + 168.0
            if reports.level[report] >= volume[kind, week]:
                continue
            queue, counts = first[kind], now >= begin
            tally.arrived[kind] += counts
            begun = max(now, free[0])
            if begun >= end:  # it waits at the end, as do all who come later
                if counts:
                    tally.harm[queue] += (end - now) * plan.weight[queue]
                    tally.breached[kind] += end - now > target[kind]
                    tally.waiting[queue] += 1
                continue
            done = begun + handle[place]
            busy += max(0.0, min(done, end) - max(begun, begin))
            if counts:
                waited = begun - now
                started[queue] += 1
                tally.waited[queue] += waited
                tally.harm[queue] += waited * plan.weight[queue]
                tally.waits[queue, bin_of(waited)] += 1
                took = min(done, end) - now
                tally.breached[kind] += took > target[kind]
                if done < end:
                    decided[kind] += 1
                    tally.actions[kind, bin_of(took)] += 1
            for server in range(len(free) - 1):  # the first goes, `done` comes to its place in the order
                free[server] = min(max(free[server], done), free[server + 1])
    tally.busy[group] += busy
    for duty in range(len(plan.starts)):
        tally.present[group] += max(0.0, min(plan.ends[duty], end) - max(plan.starts[duty], begin))


@jit
def draw(kind: Array, report: int, plan: Plan, luck: np.uint64, handle: Array) -> None:
    """Hours of the review of each report, from number `report` on."""
    purpose = HANDLE + 2 * plan.stage[plan.first[0]]
    if plan.memoryless:
        for place in range(len(handle)):
            handle[place] = exponential(luck, report + place, purpose, 1.0)
        for place in range(len(kind)):
            handle[place] *= plan.location[plan.first[kind[place]]]
    else:
        for place in range(len(kind)):
            queue = plan.first[kind[place]]
            handle[place] = lognormal(luck, report + place, purpose, plan.location[queue], plan.spread[queue])
