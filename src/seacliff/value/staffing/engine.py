"""The event loop: reports arrive, wait by priority with ageing, are reviewed, escalate, are appealed; reviewers come,
take breaks, tire and go.

A queue holds one kind (category and language) at one tier, first come first served; between queues the head with the most
points goes first: `base + ageing * hours waited`. Four kinds of events are merged: the next arrival, the next finished review
(a heap of the busy), the next reviewer to come (a sorted rota) and the next appeal (a heap). Nobody who began a review
is interrupted. Times are hours. One loop and few functions, for the compiler keeps what it sees at once in registers.
"""

from typing import Any, NamedTuple

import numpy as np

from seacliff.value.staffing.compiled import (
    ACCURATE,
    APPEALED,
    AUTOMATED,
    DELAY,
    ESCALATES,
    HANDLE,
    PATIENCE,
    exponential,
    jit,
    lognormal,
    uniform,
)

Array = np.ndarray
BINS, OCTAVE, LOWEST = 1024, 32, 16  # 32 bins an octave, from 2^-16 hours (a twentieth of a second) to 2^16
_BEHIND = 52 - 5  # binary places of a number behind those that tell the 32 bins of an octave apart
_ONE, _ZERO, _WORD = np.uint64(1), np.uint64(0), 64
_DE_BRUIJN, _TOP = np.uint64(0x03F79D71B4CB0A89), np.uint64(58)
_BIT = np.zeros(64, np.int64)
for _place in range(64):
    _BIT[((1 << _place) * 0x03F79D71B4CB0A89 & 0xFFFFFFFFFFFFFFFF) >> 58] = _place


class Reports(NamedTuple):
    """One replication's arrivals, by time. `level` says from which volume on a report exists: 0-1 today's."""

    time: Array  # f8[n]
    kind: Array  # i2[n]
    level: Array  # f4[n]


class Plan(NamedTuple):
    """A world laid out in arrays: K kinds, Q queues (tiers x K, then K of appeals), G groups, I intervals of duty."""

    begin: float  # reports that arrive earlier warm the system up and count nowhere
    end: float
    memoryless: bool  # handle times: exponential (to be held against formulas) instead of lognormal
    volume: Array  # f8[K, weeks] share of today's volume that arrives
    automated: Array  # f8[K] share decided by a machine
    accuracy: Array  # f8[K] of the machine
    objects: Array  # f8[K] share of the machine's wrong decisions that is appealed
    first: Array  # i8[K] queue of arrival
    appealed: Array  # f8[K] share of decisions
    appeal_delay: Array  # f8[K] mean hours until an appeal
    patience: Array  # f8[K] mean hours until the harm happened; inf: it can't
    closes: Array  # b1[K] whether a report that came too late leaves the queue
    stage: Array  # i8[Q]
    onward: Array  # i8[Q] queue after escalation, or -1
    escalates: Array  # f8[Q] share of reviews
    location: Array  # f8[Q] of the logarithm of handle hours (the mean, when memoryless)
    spread: Array  # f8[Q]
    base: Array  # f8[Q] points
    ageing: Array  # f8[Q] points an hour
    weight: Array  # f8[Q] of an hour's waiting
    severe: Array  # b1[Q]
    target: Array  # f8[2K] hours allowed: reports, then appeals
    asked: Array  # i8[Q, G] groups that may review the queue, narrowest skills first; -1 ends the list
    skills: Array  # u8[2, G, words] queues of a group; and of one whose severe hours are used up
    group: Array  # i8[R]
    cap: Array  # f8[R] severe hours a day
    starts: Array  # f8[I] sorted
    ends: Array  # f8[I]
    who: Array  # i8[I]
    opens: Array  # b1[I] whether the interval is a day's first: severe hours begin anew


class Tally(NamedTuple):
    """What happened to the reports that count."""

    waits: Array  # i8[Q, BINS] of those whose review began
    actions: Array  # i8[2K, BINS] hours from arrival (or appeal) to decision
    started: Array  # i8[Q]
    waited: Array  # f8[Q] hours
    harm: Array  # f8[Q] hours waited x weight
    waiting: Array  # i8[Q] at the end
    arrived: Array  # i8[2K] reports, then appeals
    decided: Array  # i8[2K]
    breached: Array  # i8[2K] not decided within the target, those still open past it included
    lost: Array  # i8[K] the harm happened before the review began
    escalated: Array  # i8[K]
    automated: Array  # i8[K]
    wrong: Array  # i8[K] wrong decisions of the machine
    busy: Array  # f8[G] hours within begin and end
    present: Array  # f8[G]


class Trace(NamedTuple):
    """The course of every report; arrays of length 0 where nobody wants it."""

    wait: Array  # f8[n] until the first review began, NaN: never
    action: Array  # f8[n] until the decision, NaN: never


def blank_tally(plan: Plan) -> Tally:
    """A tally of nothing, of the plan's shape."""
    kinds, queues, groups = len(plan.first), len(plan.stage), plan.skills.shape[1]
    shapes = dict(zip(Tally._fields, (*[queues] * 6, *[2 * kinds] * 3, *[kinds] * 4, *[groups] * 2), strict=True))
    hours = {"waited", "harm", "busy", "present"}
    made = {name: np.zeros(size, np.float64 if name in hours else np.int64) for name, size in shapes.items()}
    made["waits"], made["actions"] = np.zeros((queues, BINS), np.int64), np.zeros((2 * kinds, BINS), np.int64)
    return Tally(**made)


@jit
def bin_of(hours: float) -> int:
    """The bin of a duration: linear within an octave, so exponent and leading binary places name it."""
    place: Any = (np.float64(hours).view(np.int64) >> _BEHIND) - (1023 - LOWEST) * OCTAVE
    return min(max(place, 0), BINS - 1)


@jit
def push(times: Array, items: Array, size: int, time: float, item: int) -> int:
    """Into a binary heap; its new size."""
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if times[above] <= time:
            break
        times[at], items[at] = times[above], items[above]
        at = above
    times[at], items[at] = time, item
    return size + 1


@jit
def pop(times: Array, items: Array, size: int) -> int:
    """Take the top off a binary heap; its new size."""
    size -= 1
    time, item = times[size], items[size]
    at, below = 0, 1
    while below < size:
        if below + 1 < size and times[below + 1] < times[below]:
            below += 1
        if times[below] >= time:
            break
        times[at], items[at] = times[below], items[below]
        at, below = below, 2 * below + 1
    times[at], items[at] = time, item
    return size


@jit
def handling(luck: np.uint64, report: int, stage: int, location: float, spread: float, memoryless: bool) -> float:
    """Hours of one review."""
    purpose = HANDLE + 2 * stage
    if memoryless:
        return exponential(luck, report, purpose, location)
    return lognormal(luck, report, purpose, location, spread)


@jit
def unlink(reviewer: int, before: Array, after: Array, idle_head: Array, idle_tail: Array, place: Array) -> None:
    """Take an idle reviewer out of the list `place` names."""
    row = place[reviewer]
    earlier, later = before[reviewer], after[reviewer]
    if earlier >= 0:
        after[earlier] = later
    else:
        idle_head[row] = later
    if later >= 0:
        before[later] = earlier
    else:
        idle_tail[row] = earlier
    place[reviewer] = -1


@jit
def run(reports: Reports, plan: Plan, luck: np.uint64, tally: Tally, trace: Trace) -> None:
    """Let the reports come until the end; add what happened to `tally` and, where it has room, to `trace`."""
    arrival, kind_of, level = reports.time, reports.kind, reports.level
    begin, end, memoryless = plan.begin, plan.end, plan.memoryless
    volume, first, closes, patience = plan.volume, plan.first, plan.closes, plan.patience
    stage_of, onward, escalates = plan.stage, plan.onward, plan.escalates
    location, spread, base, ageing, severe = plan.location, plan.spread, plan.base, plan.ageing, plan.severe
    weight, target, asked, skills = plan.weight, plan.target, plan.asked, plan.skills
    group, cap, starts, ends, who, opens = plan.group, plan.cap, plan.starts, plan.ends, plan.who, plan.opens
    kinds, queues, groups, words = len(first), len(stage_of), skills.shape[1], skills.shape[2]
    reviewers, count, traced = len(group), len(arrival), len(trace.wait) > 0
    appeals_from = queues - kinds

    following = np.full(count, -1, np.int32)
    since = np.empty(count, np.float64)
    head, tail = np.full(queues, -1, np.int64), np.full(queues, -1, np.int64)
    head_since, head_late = np.zeros(queues), np.full(queues, np.inf)
    waiting = np.zeros(words, np.uint64)
    busy_until, busy = np.empty(reviewers + 1), np.empty(reviewers + 1, np.int64)
    at_work = 0
    doing, doing_queue = np.zeros(reviewers, np.int64), np.zeros(reviewers, np.int64)
    off, tired = np.full(reviewers, -1.0), np.zeros(reviewers)
    working = np.zeros(reviewers, np.bool_)
    before, after = np.full(reviewers, -1, np.int64), np.full(reviewers, -1, np.int64)
    place = np.full(reviewers, -1, np.int64)
    idle_head, idle_tail = np.full(2 * groups, -1, np.int64), np.full(2 * groups, -1, np.int64)
    coming_at, coming = np.empty(64), np.empty(64, np.int64)
    to_come = 0

    at, duty = 0, 0
    while True:
        # what comes next
        now, event = (arrival[at], 0) if at < count else (np.inf, 0)
        if at_work and busy_until[0] <= now:
            now, event = busy_until[0], 1
        if duty < len(starts) and starts[duty] < now:
            now, event = starts[duty], 2
        if to_come and coming_at[0] < now:
            now, event = coming_at[0], 3
        if now >= end:
            break

        entering: Any = -1  # the queue that `report` enters
        reviewer: Any = -1  # who looks for work
        report: Any = at
        if event == 0:
            at += 1
            kind = np.int64(kind_of[report])
            if level[report] >= volume[kind, int(arrival[report] / 168.0)]:
                continue
            counts = now >= begin
            if counts:
                tally.arrived[kind] += 1
            entering = first[kind]
            if plan.automated[kind] > 0.0 and uniform(luck, report, AUTOMATED) < plan.automated[kind]:
                entering = -1
                right = uniform(luck, report, ACCURATE) < plan.accuracy[kind]
                if counts:
                    tally.automated[kind] += 1
                    tally.decided[kind] += 1
                    tally.actions[kind, 0] += 1
                    tally.wrong[kind] += not right
                if traced:
                    trace.wait[report] = trace.action[report] = 0.0
                if not right and uniform(luck, report, APPEALED) < plan.objects[kind]:
                    if to_come == len(coming_at):
                        coming_at, coming = np.append(coming_at, coming_at), np.append(coming, coming)
                    later = now + exponential(luck, report, DELAY, plan.appeal_delay[kind])
                    to_come = push(coming_at, coming, to_come, later, report)
        elif event == 1:
            reviewer = busy[0]
            at_work = pop(busy_until, busy, at_work)
            working[reviewer] = False
            report, queue = doing[reviewer], doing_queue[reviewer]
            kind, stage = np.int64(kind_of[report]), stage_of[queue]
            appeal = queue >= appeals_from
            born = since[report] if appeal else arrival[report]
            if not appeal and onward[queue] >= 0 and uniform(luck, report, ESCALATES + 2 * stage) < escalates[queue]:
                entering = onward[queue]
                if born >= begin:
                    tally.escalated[kind] += 1
            else:
                job = kind + kinds if appeal else kind
                if born >= begin:
                    took = now - born
                    tally.decided[job] += 1
                    tally.actions[job, bin_of(took)] += 1
                    tally.breached[job] += took > target[job]
                if not appeal:
                    if traced:
                        trace.action[report] = now - born
                    if plan.appealed[kind] > 0.0 and uniform(luck, report, APPEALED) < plan.appealed[kind]:
                        if to_come == len(coming_at):
                            coming_at, coming = np.append(coming_at, coming_at), np.append(coming, coming)
                        later = now + exponential(luck, report, DELAY, plan.appeal_delay[kind])
                        to_come = push(coming_at, coming, to_come, later, report)
        elif event == 2:
            reviewer = who[duty]
            off[reviewer] = ends[duty]
            if opens[duty]:
                tired[reviewer] = 0.0
            tally.present[group[reviewer]] += max(0.0, min(ends[duty], end) - max(now, begin))
            duty += 1
            if place[reviewer] >= 0:  # still listed as idle from an earlier interval
                unlink(reviewer, before, after, idle_head, idle_tail, place)
            if working[reviewer]:  # overran into this interval: looks for work when done
                reviewer = -1
        else:
            report = coming[0]
            to_come = pop(coming_at, coming, to_come)
            kind = np.int64(kind_of[report])
            entering = appeals_from + kind
            since[report] = now
            if now >= begin:
                tally.arrived[kinds + kind] += 1

        # a report enters a queue, or goes to the one who has been idle for longest
        if entering >= 0:
            taker = -1
            for position in range(asked.shape[1]):
                chosen = asked[entering, position]
                if chosen < 0:
                    break
                for rested in range(1 if severe[entering] else 2):
                    row = 2 * chosen + rested  # the second list: those whose severe hours are used up
                    while idle_head[row] >= 0 and taker < 0:
                        one = idle_head[row]
                        unlink(one, before, after, idle_head, idle_tail, place)
                        if off[one] > now:
                            taker = one
                if taker >= 0:
                    break
            since[report] = now
            following[report] = -1
            if taker < 0:
                if tail[entering] >= 0:
                    following[tail[entering]] = report
                else:
                    head[entering], head_since[entering] = report, now
                    waiting[entering >> 6] |= _ONE << np.uint64(entering & 63)
                    head_late[entering] = np.inf
                    kind = np.int64(kind_of[report])
                    if stage_of[entering] == stage_of[first[kind]] and patience[kind] < np.inf:
                        head_late[entering] = now + exponential(luck, report, PATIENCE, patience[kind])
                tail[entering] = report
            else:
                queue, kind = entering, np.int64(kind_of[report])
                counts = (now if queue >= appeals_from else arrival[report]) >= begin
                if counts:
                    tally.started[queue] += 1
                    tally.waits[queue, 0] += 1
                if traced and queue == first[kind]:
                    trace.wait[report] = 0.0
                hours = handling(luck, report, stage_of[queue], location[queue], spread[queue], memoryless)
                if severe[queue]:
                    tired[taker] += hours
                tally.busy[group[taker]] += max(0.0, min(now + hours, end) - max(now, begin))
                doing[taker], doing_queue[taker], working[taker] = report, queue, True
                at_work = push(busy_until, busy, at_work, now + hours, taker)

        # a reviewer looks for the head with the most points
        if reviewer >= 0 and off[reviewer] > now:
            calm = 1 if tired[reviewer] >= cap[reviewer] else 0
            best, points = -1, -np.inf
            for word in range(words):
                left = waiting[word] & skills[calm, group[reviewer], word]
                while left != _ZERO:
                    lowest = left & (~left + _ONE)
                    left ^= lowest
                    queue = word * _WORD + _BIT[(lowest * _DE_BRUIJN) >> _TOP]
                    while head_late[queue] < now:  # the harm happened before we came
                        late = head[queue]
                        kind = np.int64(kind_of[late])
                        if arrival[late] >= begin:
                            tally.lost[kind] += 1
                        if not closes[kind]:
                            head_late[queue] = np.inf
                            break
                        if arrival[late] >= begin:
                            tally.breached[kind] += 1
                            tally.harm[queue] += (head_late[queue] - head_since[queue]) * weight[queue]
                        head[queue] = following[late]
                        if head[queue] < 0:
                            tail[queue] = -1
                            waiting[word] ^= lowest
                            head_late[queue] = np.inf
                        else:
                            head_since[queue] = since[head[queue]]
                            patient = exponential(luck, head[queue], PATIENCE, patience[kind])
                            head_late[queue] = head_since[queue] + patient
                    if head[queue] >= 0:
                        score = base[queue] + ageing[queue] * (now - head_since[queue])
                        if score > points:
                            best, points = queue, score
            if best < 0:
                row = 2 * group[reviewer] + calm
                place[reviewer], before[reviewer], after[reviewer] = row, idle_tail[row], -1
                if idle_tail[row] >= 0:
                    after[idle_tail[row]] = reviewer
                else:
                    idle_head[row] = reviewer
                idle_tail[row] = reviewer
            else:
                queue, report = best, head[best]
                kind = np.int64(kind_of[report])
                waited = now - head_since[queue]
                counts = (since[report] if queue >= appeals_from else arrival[report]) >= begin
                if counts:
                    tally.started[queue] += 1
                    tally.waited[queue] += waited
                    tally.harm[queue] += waited * weight[queue]
                    tally.waits[queue, bin_of(waited)] += 1
                if traced and queue == first[kind]:
                    trace.wait[report] = waited
                head[queue] = following[report]
                head_late[queue] = np.inf
                if head[queue] < 0:
                    tail[queue] = -1
                    waiting[queue >> 6] ^= _ONE << np.uint64(queue & 63)
                else:
                    head_since[queue] = since[head[queue]]
                    if queue == first[kind] and patience[kind] < np.inf:
                        patient = exponential(luck, head[queue], PATIENCE, patience[kind])
                        head_late[queue] = head_since[queue] + patient
                hours = handling(luck, report, stage_of[queue], location[queue], spread[queue], memoryless)
                if severe[queue]:
                    tired[reviewer] += hours
                tally.busy[group[reviewer]] += max(0.0, min(now + hours, end) - max(now, begin))
                doing[reviewer], doing_queue[reviewer], working[reviewer] = report, queue, True
                at_work = push(busy_until, busy, at_work, now + hours, reviewer)
    close(reports, plan, luck, tally, head, following, since, doing, doing_queue, working)


@jit
def close(
    reports: Reports, plan: Plan, luck: np.uint64, tally: Tally, head: Array, following: Array, since: Array,
    doing: Array, doing_queue: Array, working: Array,
) -> None:  # fmt: skip
    """Count what is open at the end: waiting, and what is past its target already."""
    kinds, queues = len(plan.first), len(plan.stage)
    for queue in range(queues):
        report, appeal = head[queue], queue >= queues - kinds
        while report >= 0:
            kind = np.int64(reports.kind[report])
            born = since[report] if appeal else reports.time[report]
            if born >= plan.begin:
                until, gone = plan.end, False
                if queue == plan.first[kind] and plan.patience[kind] < np.inf:
                    late = since[report] + exponential(luck, report, PATIENCE, plan.patience[kind])
                    if late < plan.end:
                        tally.lost[kind] += 1
                        gone = plan.closes[kind]
                        until = late if gone else until
                job = kind + kinds if appeal else kind
                tally.harm[queue] += (until - since[report]) * plan.weight[queue]
                tally.breached[job] += gone or plan.end - born > plan.target[job]
                tally.waiting[queue] += not gone
            report = following[report]
    for reviewer in range(len(doing)):
        if working[reviewer]:
            report, queue = doing[reviewer], doing_queue[reviewer]
            appeal = queue >= queues - kinds
            born = since[report] if appeal else reports.time[report]
            if born >= plan.begin:
                job = np.int64(reports.kind[report]) + (kinds if appeal else 0)
                tally.breached[job] += plan.end - born > plan.target[job]
