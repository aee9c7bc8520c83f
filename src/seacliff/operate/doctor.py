"""What is wrong with this installation, in sentences that say what to do."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q
from django.utils import timezone

from seacliff.operate import heartbeat
from seacliff.operate.state import waiting
from seacliff.partners.channels import CHANNELS
from seacliff.partners.charters.document import charter_of
from seacliff.partners.models import CharterVersion
from seacliff.people.models import User
from seacliff.people.permissions import Role
from seacliff.policy.models import NoticeText
from seacliff.record.partitions import month_of
from seacliff.review.models import Queue, RuleSet, Work
from seacliff.targets.models import Product

OLDEST_POSTGRESQL = 16
LEAST_FREE = 2 * 2**30  # bytes
LONGEST_REPLY_NAME = 64 - 46  # of a local part (RFC 5321), less the tag
MOST_SKEW = timedelta(seconds=5)
UNSENT = ("console", "dummy", "locmem", "filebased")


class Finding(NamedTuple):
    """`grave`: something does not work, or is about to. The others are advice."""

    text: str
    grave: bool = True


Check = Callable[[], Iterator[Finding]]


def examine() -> list[Finding]:
    """All findings. A check that fails is a finding itself; without a database there is just that one."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return [Finding(f"The database does not answer ({str(error).strip().splitlines()[0]}). Check DATABASE_URL.")]
    missing = list(_migrations())
    if missing:
        return missing
    found: list[Finding] = []
    for check in CHECKS:
        try:
            found += check()
        except (DatabaseError, OSError) as error:
            found.append(Finding(f"The check of {check.__name__.strip('_').replace('_', ' ')} failed: {error}"))
    return found


def _setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting FROM pg_settings WHERE name = %s", [name])
        row = cursor.fetchone()
    return row[0] if row else ""


def _migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield Finding(f"{len(waiting)} migrations wait. Run `seacliff migrate`.")


def _database() -> Iterator[Finding]:
    version = int(_setting("server_version_num")) // 10000
    if version < OLDEST_POSTGRESQL:
        yield Finding(f"PostgreSQL {version} is too old; Seacliff needs {OLDEST_POSTGRESQL} or newer.")
    if _setting("synchronous_commit") == "off":
        yield Finding("synchronous_commit is off: a crash loses reports that were acknowledged. Set it to on.")
    for name in ("fsync", "full_page_writes"):
        if _setting(name) == "off":
            yield Finding(f"{name} is off: a crash can destroy the database. Set it to on.")
    buffers = int(_setting("shared_buffers")) * 8192
    if buffers < 128 * 2**20:
        yield Finding(f"shared_buffers is {buffers // 2**20} MB; a quarter of the memory serves better.", grave=False)


def _clocks() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        skew = abs(timezone.now() - cursor.fetchone()[0])
    if skew > MOST_SKEW:
        yield Finding(
            f"This machine's clock and the database's differ by {skew.total_seconds():.0f} s: clocks of cases start wrong. "
            "Let both follow NTP."
        )


def _worker() -> Iterator[Finding]:
    if problem := heartbeat.problem():
        yield Finding(problem)


def _backlog() -> Iterator[Finding]:
    now = waiting()
    if now.unroutable:
        yield Finding(f"{now.unroutable} reports could not be routed. The worker's log says why; they are tried again.")
    if now.unsealed is not None and now.unsealed > 600:
        yield Finding(f"An event has waited {now.unsealed / 60:.0f} minutes for its seal. The worker's log says why.")
    if dead := now.deliveries.get("dead"):
        yield Finding(f"{dead} webhooks were given up. Actions > Deliveries shows why, and sends them again.")
    if failed := now.notices.get("failed"):
        yield Finding(f"{failed} mails could not be sent. Actions > Notices shows why.")
    if failed := now.referrals.get("failed"):
        yield Finding(
            f"{failed} referrals were not taken by the hotline. Restricted shows why; approve them again there."
        )
    if overdue := now.emergencies.get("overdue"):
        yield Finding(f"{overdue} threats to life are past their hour and still open. The cases' pages lead to them.")
    if failed := now.dispatches.get("failed"):
        yield Finding(f"{failed} mails and messages about asks reached nobody. Replies > Not delivered shows why.")
    if now.replies:
        yield Finding(f"{now.replies} replies to asks wait for a person under Replies.", grave=False)
    if stuck := now.messages.get("needs-human"):
        yield Finding(f"{stuck} messages wait for a person under Needs a human.", grave=False)


def _partitions() -> Iterator[Finding]:
    next_month = month_of(month_of(timezone.now()) + timedelta(days=32))
    with connection.cursor() as cursor:
        for table in ("record_event", "intake_report"):
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{table}_{next_month:%Y_%m}"])
            if not cursor.fetchone()[0]:
                yield Finding(f"{table} has no table for {next_month:%B %Y} yet. The worker makes it; is it running?")


def _mail() -> Iterator[Finding]:
    if any(name in settings.MAILERS["default"]["BACKEND"] for name in UNSENT):
        yield Finding("No mail goes out: nobody is told. Set SEACLIFF_EMAIL_URL to your mail server.")
    if settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith("@localhost"):
        yield Finding("Mails come from an address at localhost. Set SEACLIFF_MAIL_FROM to one that people can answer.")


def _replies() -> Iterator[Finding]:
    local, at, domain = settings.REPLY_ADDRESS.partition("@")
    if not settings.REPLY_ADDRESS:
        yield Finding("Asks can't be answered by replying to their mails. Set SEACLIFF_REPLY_ADDRESS.", grave=False)
    elif not (local and at and domain) or "+" in local or len(local) > LONGEST_REPLY_NAME:
        yield Finding(
            f"SEACLIFF_REPLY_ADDRESS is no address that replies can go to: name@domain, with at most {LONGEST_REPLY_NAME} "
            "characters before the @ and no plus sign."
        )


def _channels() -> Iterator[Finding]:
    """Charters may name channels before anybody has set up what serves them: asks would wait there and reach nobody."""
    named: dict[str, list[str]] = {}
    for version in CharterVersion.objects.filter(state=CharterVersion.State.AGREED).select_related("function"):
        for name in sorted({channel.name for channel in charter_of(version).channels} - set(CHANNELS)):
            named.setdefault(name, []).append(version.function.name)
    for name, functions in sorted(named.items()):
        yield Finding(
            f"The charter of {', '.join(functions)} names the channel {name}, which nothing serves here: asks reach people by "
            "mail alone. Set it up (docs/connectors.md), or take it out of the charter. Served are: "
            f"{', '.join(sorted(CHANNELS))}."
        )


def _address() -> Iterator[Finding]:
    if settings.BASE_URL.startswith("http://"):
        local = "//localhost" in settings.BASE_URL or "//127." in settings.BASE_URL
        yield Finding(
            f"People are given links to {settings.BASE_URL}, without encryption. Put a proxy with HTTPS in front and set "
            "SEACLIFF_BASE_URL.",
            grave=not local,
        )
    if settings.DEBUG:
        yield Finding("SEACLIFF_DEBUG is on: errors show the code and settings to everybody. Turn it off.")
    if len(settings.SECRET_KEY) < 50:
        yield Finding(
            "The secret key is short: sessions can be forged. Set SEACLIFF_SECRET_KEY to 50 random characters."
        )


def _disk() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.DATA_DIR if Path(settings.DATA_DIR).is_dir() else "/").free
    if free < LEAST_FREE:
        yield Finding(f"{free // 2**20} MB are free in {settings.DATA_DIR}. Make room before it is full.")


def _evidence() -> Iterator[Finding]:
    try:
        name = default_storage.save(f"doctor/{uuid.uuid4()}", ContentFile(b"well"))
        default_storage.delete(name)
    except Exception as error:  # whatever the storage raises: S3's errors are its own
        yield Finding(f"Evidence can't be stored: {error}.")


def _set_up() -> Iterator[Finding]:
    if not Product.objects.exists():
        yield Finding("No product is set up: nothing can be reported. Add one under Targets > Products.")
    if not RuleSet.objects.filter(state=RuleSet.State.LIVE).exists():
        yield Finding("No routing rules are live: everything lands in one queue.", grave=False)
    languages = {code for code, _name in settings.LANGUAGES}
    wanted = {(audience, outcome) for audience, outcome in _notices()}
    there = set(NoticeText.objects.filter(version=None).values_list("audience", "outcome", "language"))
    for audience, outcome in sorted(wanted):
        missing = sorted(code for code in languages if (audience, outcome, code) not in there)
        if "en" in missing:
            yield Finding(
                f"No default notice says “{outcome}” to the {audience}. Write it under Policies > Default notices."
            )
        elif missing:
            yield Finding(
                f"The notice “{outcome}” to the {audience} is not there in {', '.join(missing)}.", grave=False
            )


def _notices() -> list[tuple[str, str]]:
    """Those without which nothing could be said. What is said about appeals has words of its own."""
    return [("reporter", outcome) for outcome in ("received", "violation", "no-violation")] + [
        ("affected", "violation")
    ]


def _reviewers() -> Iterator[Finding]:
    people = list(User.objects.filter(is_active=True, roles__overlap=[Role.REVIEWER, Role.LEAD]))
    highest = max((person.tier for person in people), default=0)
    open_work = Work.objects.filter(Q(tier__gt=highest))
    stuck = open_work.count()
    if stuck:
        yield Finding(f"{stuck} cases wait for a tier that nobody reviews (the highest here is {highest or 'none'}).")
    if not people and Queue.objects.exists():
        yield Finding("Nobody has the reviewer's role. Invite somebody under People.")


CHECKS: list[Check] = [
    *(
        _database,
        _clocks,
        _worker,
        _backlog,
        _partitions,
        _mail,
        _replies,
        _channels,
        _address,
        _disk,
        _evidence,
        _set_up,
        _reviewers,
    ),
]
