"""The room's desks: what comes back to the queues by itself, what follows from decisions, what search needs."""

from django.db import connection, transaction

from seacliff.partners.actions.asking import CLOSED
from seacliff.record.desks import desk
from seacliff.review.actions import return_expired, return_held, settle
from seacliff.review.asking import return_answered
from seacliff.review.finding import index_some
from seacliff.review.reporters.actions import revive
from seacliff.review.reporters.brigades import find_brigades
from seacliff.review.reporters.trust import expire_trust
from seacliff.review.tiers.beginning import begin_waiting
from seacliff.review.tiers.deliberating import pass_on_overdue
from seacliff.review.tiers.precedents import follow_the_rules

FOLD_FROM = 200


@desk("returns", every=5.0)
def returns() -> int:
    """Leases that ran out and holds that are over."""
    return return_expired() + return_held()


@desk("settle-decisions", every=1.0)
def settle_decisions() -> int:
    """Notices and reporters' records, when a decision can no longer be undone."""
    return settle()


@desk("index-cases", every=2.0, wake="review_case")
def index_cases() -> int:
    """Full-text search documents for cases that have none or have new reports."""
    return index_some()


@desk("begin-deliberations", every=2.0)
def begin_deliberations() -> int:
    """Cases that came to a tier that several decide."""
    with transaction.atomic():
        return begin_waiting()


@desk("deliberations-due", every=5.0)
def deliberations_due() -> int:
    """Consensus not found in time goes to the next tier; a panel's votes are counted when its time is over."""
    return pass_on_overdue()


@desk("set-aside-comes-back", every=5.0)
def set_aside_comes_back() -> int:
    """Cases that were set aside with their only reporter, and that somebody else has reported since."""
    return revive()


@desk("brigades", every=600.0)
def brigades() -> int:
    """Reporters who report the same cases within the same hour, again and again."""
    return find_brigades()


@desk("trust-expires", every=300.0)
def trust_expires() -> int:
    """Trusted flaggers whose last day has passed."""
    return expire_trust()


@desk("asks-answered", every=2.0, wake=CLOSED)
def asks_answered() -> int:
    """Cases whose asks are all answered or withdrawn come back to whoever waits, at the front of their queue."""
    return return_answered()


@desk("precedents", every=60.0)
def precedents_follow() -> int:
    """Precedents whose rule has a new wording are carried over or retired."""
    return follow_the_rules()


@desk("fold-tally", every=1.0)
def fold_tally() -> int:
    """Sum up the small changes that the queue's trigger leaves, when there are many. Readers see no difference."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('fold tally'))")
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute("SELECT count(*) FROM (SELECT FROM review_tally LIMIT %s) AS those", [FOLD_FROM])
        if cursor.fetchone()[0] < FOLD_FROM:
            return 0
        cursor.execute(
            """
            WITH gone AS (DELETE FROM review_tally RETURNING queue_id, severity, state, delta)
            INSERT INTO review_tally (queue_id, severity, state, delta)
            SELECT queue_id, severity, state, sum(delta) FROM gone GROUP BY 1, 2, 3 HAVING sum(delta) <> 0
            """
        )
    return 0
