"""What this room keeps about the people who work with Seacliff."""

from django.apps import apps
from django.contrib.sessions.models import Session
from pghistory.models import Context

from seacliff.people.models import Invitation
from seacliff.record.personal import DataClass, Rows, not_personal, register

STAFF = "NULL::uuid AS report_id, NULL::uuid AS case_id, NULL::uuid AS target_id, NULL::text AS reporter_key"
ACCOUNTABLE = "Who decided what stays known: an account is part of the record, and its holder works here"


def _invitations(rows: Rows) -> int:
    return Invitation.objects.filter(id__in=rows).delete()[0]


def _sessions(rows: Rows) -> int:
    return Session.objects.filter(session_key__in=rows).delete()[0]


def _history(rows: Rows) -> int:
    return apps.get_model("people", "UserHistory").objects.filter(pgh_id__in=rows).delete()[0]


def _contexts(rows: Rows) -> int:
    return Context.objects.filter(id__in=rows).update(metadata={})


register(
    DataClass(
        slug="invitations",
        label="Invitations of colleagues",
        way="Deleted",
        since="after they were accepted, taken back or ran out",
        covers={"people.Invitation": "email name"},
        rows=f"""SELECT id, coalesce(accepted_at, revoked_at, expires_at) AS at, 'invitation' AS ref, 'staff' AS party,
            {STAFF}, NULL::text AS keep FROM people_invitation
            WHERE accepted_at IS NOT NULL OR revoked_at IS NOT NULL OR expires_at < now()""",
        forget=_invitations,
        days=90,
    ),
    DataClass(
        slug="sessions",
        label="Sign-in sessions that have ended",
        way="Deleted",
        since="after they ran out",
        covers={"sessions.Session": "session_key session_data"},
        rows=f"""SELECT session_key AS id, expire_date AS at, 'session' AS ref, 'staff' AS party, {STAFF},
            NULL::text AS keep FROM django_session WHERE expire_date < now()""",
        forget=_sessions,
        days=30,
        key="text",
    ),
    DataClass(
        slug="staff-history",
        label="Earlier names, addresses and roles of colleagues",
        way="Deleted",
        since="after the change",
        covers={"people.UserHistory": "email name roles language time_zone categories languages"},
        rows=f"""SELECT pgh_id AS id, pgh_created_at AS at, 'change of a person' AS ref, 'staff' AS party, {STAFF},
            NULL::text AS keep FROM people_userhistory""",
        forget=_history,
        days=1095,
        key="bigint",
    ),
    DataClass(
        slug="history-context",
        label="From which page a row was changed",
        way="Emptied",
        since="after the change",
        covers={"pghistory.Context": "metadata"},
        rows=f"""SELECT id, created_at AS at, 'context of a change' AS ref, 'staff' AS party, {STAFF}, NULL::text AS keep
            FROM pghistory_context WHERE metadata <> '{{}}'""",
        forget=_contexts,
        days=365,
    ),
)

not_personal(
    ACCOUNTABLE,
    people__User="email name roles language time_zone categories languages",
    account__EmailAddress="email",
    socialaccount__SocialAccount="provider uid extra_data",
    people__ApiToken="name scopes",
    people__ApiTokenHistory="name scopes",
)
not_personal(
    "Secrets, kept as digests or encrypted; nothing to read in them",
    people__User="password secluded_at",
    people__ApiToken="prefix digest",
    people__ApiTokenHistory="prefix",
    people__Invitation="roles digest",
    account__EmailConfirmation="key",
    mfa__Authenticator="data",
    socialaccount__SocialToken="token token_secret",
)
not_personal("How the company is organised", people__Function="slug name description", people__Team="name")
not_personal("Digests that are overwritten within the hour", people__Rate="key")
not_personal(
    "Of the framework: names of things, jobs that carry ids alone",
    auth__Permission="*",
    auth__Group="*",
    contenttypes__ContentType="*",
    socialaccount__SocialApp="*",
    pghistory__Events="*",
    pghistory__MiddlewareEvents="*",
    procrastinate__ProcrastinateWorker="*",
    procrastinate__ProcrastinateJob="*",
    procrastinate__ProcrastinateEvent="*",
    procrastinate__ProcrastinatePeriodicDefer="*",
    operate__Heartbeat="*",
)
not_personal(
    "The sealed log: ids, names of colleagues and their reasons; nothing that came from outside (docs/privacy.md)",
    record__Event="*",
)
not_personal(
    "Words of the product or of the rules",
    record__Seal="*", record__Link="*", record__Calendar="*", record__Clock="*",
    policy__Policy="*", policy__PolicyVersion="*", policy__PolicyVersionHistory="*", policy__Category="*",
    policy__NoticeText="*", policy__Guidance="*",
    targets__Product="*",
)  # fmt: skip
not_personal(
    "What a colleague chose or was set; theirs to change", wellness__Budget="*", wellness__BudgetHistory="*",
    wellness__Preference="*",
)  # fmt: skip
