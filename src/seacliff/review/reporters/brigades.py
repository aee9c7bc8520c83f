"""Suspected brigades: found by a desk, judged by a lead, their open reports set aside together.

Two reporters belong together when they reported at least three of the same cases, each within an hour of one another, and
these are at least half of what the less busy of them reported lately. Three or more who hang together are a suspicion.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.intake.models import Reporter
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.record.actions import SYSTEM, Actor, Subject, happened
from seacliff.record.ids import first_id, time_of
from seacliff.review.access import NotValid, Refused, must, person
from seacliff.review.models import Brigade, Case, CaseReport, Decision, SetAside
from seacliff.review.reporters.actions import set_aside, take_back
from seacliff.review.reporters.trust import trusted_now

WITHIN = timedelta(days=14)
NEAR = timedelta(hours=1)
LEAST_CASES = 3
LEAST_MEMBERS = 3
OF_ONE_CASE = 200  # reporters of a case who are compared with one another: pairs grow with the square

# Only who was several times among several is compared: all the rest can't fulfil the rule.
TOGETHER = """
WITH first AS (
    SELECT case_id, reporter_key, report_id, ('x' || left(replace(report_id::text, '-', ''), 12))::bit(48)::bigint / 1000.0 AS at
    FROM review_casereport
    WHERE report_id >= %(since)s AND duplicate_of IS NULL AND reporter_key <> ''
), shared AS (
    SELECT case_id FROM first GROUP BY case_id HAVING count(*) >= 2
), busy AS (
    SELECT reporter_key FROM first JOIN shared USING (case_id) GROUP BY reporter_key HAVING count(*) >= %(least)s
), told AS (
    SELECT first.*, row_number() OVER (PARTITION BY case_id ORDER BY report_id) AS place
    FROM first JOIN shared USING (case_id) JOIN busy USING (reporter_key)
), every AS (
    SELECT reporter_key, count(*) AS n FROM first JOIN busy USING (reporter_key) GROUP BY reporter_key
)
SELECT a.reporter_key, b.reporter_key FROM told a
JOIN told b ON b.case_id = a.case_id AND b.reporter_key > a.reporter_key AND b.place <= %(most)s
    AND abs(a.at - b.at) <= %(near)s
JOIN every ea ON ea.reporter_key = a.reporter_key JOIN every eb ON eb.reporter_key = b.reporter_key
WHERE a.place <= %(most)s
GROUP BY 1, 2, ea.n, eb.n HAVING count(*) >= %(least)s AND count(*) * 2 >= least(ea.n, eb.n)
"""


def find_brigades(now: datetime | None = None) -> int:
    """The desk: look at the last fortnight, renew what is suspected and mark its cases. How many are new."""
    now = now or timezone.now()
    since = first_id(now - WITHIN)
    values: dict[str, Any] = {"since": since, "least": LEAST_CASES, "near": NEAR.total_seconds(), "most": OF_ONE_CASE}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('find brigades'))")
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(TOGETHER, values)
        pairs = cursor.fetchall()
        trusted = trusted_now().harms
        groups = hang_together([pair for pair in pairs if not trusted.keys() & set(pair)])
        return sum(_keep(group, since) for group in groups if len(group) >= LEAST_MEMBERS)


def hang_together(pairs: list[tuple[str, str]]) -> list[set[str]]:
    """The connected groups of a graph that is given by its edges."""
    beside: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        beside[one].add(other)
        beside[other].add(one)
    groups: list[set[str]] = []
    left = set(beside)
    while left:
        group, edge = set(), [left.pop()]
        while edge:
            member = edge.pop()
            group.add(member)
            edge += beside[member] & left
            left -= beside[member]
        groups.append(group)
    return groups


def _keep(group: set[str], since: UUID) -> bool:
    """Renew the row of this group, or make one; what somebody dismissed stays dismissed. Whether it is new."""
    shared = _cases_of(group, since)
    if not shared:
        return False
    known = Brigade.objects.select_for_update().filter(members__overlap=list(group)).order_by("-last_at")
    found = next((row for row in known if len(group & set(row.members)) * 2 >= min(len(group), row.size)), None)
    brigade = found or Brigade()
    brigade.members = sorted(group | set(brigade.members or []))
    brigade.size = len(brigade.members)
    brigade.last_at = max(shared.values())
    cases = Case.objects.filter(id__in=shared)
    decisions = Decision.objects.filter(case__in=shared, undone_at=None, superseded_at=None)
    brigade.cases, brigade.targets = len(shared), cases.values("target_id").distinct().count()
    brigade.decided = decisions.exclude(finding=Decision.Finding.DUPLICATE).count()
    brigade.rejected = decisions.filter(finding=Decision.Finding.NO_VIOLATION).count()
    brigade.save()
    if brigade.state != Brigade.State.DISMISSED:
        cases.exclude(brigade=brigade).update(brigade=brigade)
    if found is None:
        data = {"reporters": brigade.size, "cases": brigade.cases}
        happened("brigade.suspected", subject_of(brigade), SYSTEM, data=data)
    return found is None


def _cases_of(group: set[str], since: UUID) -> dict[UUID, datetime]:
    """Cases that at least three of a group reported within the hour of one another, with the last time."""
    times: dict[UUID, list[datetime]] = defaultdict(list)
    rows = CaseReport.objects.filter(reporter_key__in=group, duplicate_of=None, report_id__gte=since)
    for case, report in rows.order_by("report_id").values_list("case_id", "report_id"):
        times[case].append(time_of(report))
    many = LEAST_MEMBERS - 1
    return {
        case: at[-1]
        for case, at in times.items()
        if any(later - earlier <= NEAR for earlier, later in zip(at, at[many:], strict=False))
    }


def judge(user: User, brigade: Brigade, state: str, reason: str, *, actor: Actor | None = None) -> None:
    """Say that it is one, or that it is none: people who sit in one meeting report it together as well."""
    must(user, Permission.QUEUE_MANAGE)
    if state not in (Brigade.State.CONFIRMED, Brigade.State.DISMISSED):
        raise NotValid(_("Say whether it is a brigade."), "state")
    if not reason.strip():
        raise NotValid(_("Say what you saw: the next lead will ask."), "reason")
    with transaction.atomic():
        brigade = Brigade.objects.select_for_update().get(id=brigade.id)
        before = brigade.state
        brigade.state, brigade.reason = state, reason.strip()
        brigade.judged_by, brigade.judged_at = user, timezone.now()
        brigade.save(update_fields=["state", "reason", "judged_by", "judged_at"])
        if state == Brigade.State.DISMISSED:
            Case.objects.filter(brigade=brigade).update(brigade=None)
        happened(
            f"brigade.{state}",
            subject_of(brigade),
            actor or person(user),
            reason=brigade.reason,
            data={"before": before},
        )


def set_all_aside(user: User, brigade: Brigade, reason: str, *, actor: Actor | None = None) -> int:
    """Set aside the open reports of every member; how many reports that were."""
    must(user, Permission.QUEUE_MANAGE)
    if not reason.strip():
        raise NotValid(_("Say why: it is looked at when they ask, or when it is taken back."), "reason")
    reports = 0
    with transaction.atomic():
        brigade = Brigade.objects.select_for_update().get(id=brigade.id)
        for reporter in Reporter.objects.filter(key__in=brigade.members).order_by("id"):
            try:
                reports += set_aside(user, reporter, reason, brigade=brigade, actor=actor).reports
            except Refused as refused:
                if refused.code != "nothing-open":
                    raise
        if not reports:
            raise Refused(_("There is no open report of theirs that nobody holds."), "nothing-open")
    return reports


def take_all_back(user: User, brigade: Brigade, *, actor: Actor | None = None) -> int:
    """As if nothing of theirs had been set aside; how many reports count again."""
    must(user, Permission.QUEUE_MANAGE)
    with transaction.atomic():
        Brigade.objects.select_for_update().get(id=brigade.id)
        made = list(SetAside.objects.filter(brigade=brigade, reversed_at=None).order_by("id"))
        if not made:
            raise Refused(_("Nothing of theirs is set aside."), "nothing-aside")
        for each in made:
            take_back(user, each, actor=actor)
    return sum(each.reports for each in made)


def subject_of(brigade: Brigade) -> Subject:
    return Subject("brigade", brigade.id)
