"""What the work keeps about people: files that came along, who reported, who was reported, what colleagues wrote."""

import secrets
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.models import F, Func, Value

from seacliff.enforcement.models import Action, Strike
from seacliff.intake.models import Report, Reporter
from seacliff.record import evidence
from seacliff.record.models import Attachment, Note
from seacliff.record.personal import DataClass, Rows, emptied, not_personal, register
from seacliff.review.models import Brigade, CaseReport, Decision, Seat, SetAside, Trust, Vote
from seacliff.targets.models import Target

# The time in a UUIDv7, which PostgreSQL before 17 can't extract by itself.
TIME_OF = "to_timestamp(('x' || left(replace({id}::text, '-', ''), 12))::bit(48)::bigint / 1000.0)"
GONE = "gone"


def new_pseudonym() -> str:
    """Random, so that nobody can compute who it was; counts by it are the same as before."""
    return secrets.token_hex(8)


def _forget_reporters(rows: Rows) -> int:
    for reporter in Reporter.objects.select_for_update().filter(id__in=rows):
        old, new = reporter.key, f"{GONE}:{new_pseudonym()}"
        reports = Report.objects.filter(reporter_key=old)
        CaseReport.objects.filter(report_id__in=list(reports.values_list("id", flat=True))).update(reporter_key=new)
        reports.update(reporter_key=new, reporter_name="", reporter_email="")
        SetAside.objects.filter(reporter_key=old).update(reporter_key=new, reason="")
        Trust.objects.filter(reporter=reporter).update(reason="", ended_because="")
        renamed = Func(F("members"), Value(old), Value(new), function="array_replace")
        Brigade.objects.filter(members__contains=[old]).update(members=renamed, reason="")
        Reporter.objects.filter(id=reporter.id).update(key=new, name="")
    return len(rows)


def _reporters(rows: Rows, party: str) -> list[dict[str, Any]]:
    fields = ("key", "name", "kind", "first_seen_at", "reports", "upheld", "rejected")
    return list(Reporter.objects.filter(id__in=rows).values(*fields))


RENAME_IN_TREES = """
WITH RECURSIVE below AS (
    SELECT id FROM targets_target WHERE id = %(target)s
    UNION SELECT t.id FROM targets_target t JOIN below ON t.parent_id = below.id
)
UPDATE intake_report r SET target_tree = (
    SELECT jsonb_agg(CASE WHEN n ->> 'kind' = %(kind)s AND n ->> 'ref' = %(old)s
        THEN jsonb_build_object('kind', n ->> 'kind', 'ref', %(new)s::text) ELSE n END ORDER BY o)
    FROM jsonb_array_elements(r.target_tree) WITH ORDINALITY AS nodes (n, o))
WHERE r.target_tree <> '[]' AND r.id IN (
    SELECT cr.report_id FROM review_casereport cr JOIN review_case c ON c.id = cr.case_id
    WHERE c.target_id IN (SELECT id FROM below))
"""


def _forget_targets(rows: Rows) -> int:
    for target in Target.objects.select_for_update().filter(id__in=rows):
        old, new = target.ref, f"{GONE}-{new_pseudonym()}"
        about = CaseReport.objects.filter(case__target=target).values_list("report_id", flat=True)
        Report.objects.filter(id__in=list(about)).update(target_ref=new, target_name="")
        Report.objects.filter(product_id=target.product_id, target_kind=target.kind, target_ref=old).update(
            target_ref=new, target_name=""
        )
        with connection.cursor() as cursor:
            cursor.execute(RENAME_IN_TREES, {"target": target.id, "kind": target.kind, "old": old, "new": new})
        Target.objects.filter(id=target.id).update(ref=new, name="", email="", details={})
        apps.get_model("targets", "TargetHistory").objects.filter(pgh_obj_id=target.id).update(email="")
    return len(rows)


def _targets(rows: Rows, party: str) -> list[dict[str, Any]]:
    fields = ("id", "kind", "ref", "name", "email", "language", "plan", "country", "created_at", "state", "details")
    found = {row.pop("id"): row for row in Target.objects.filter(id__in=rows).order_by("id").values(*fields)}
    for row in found.values():
        row["actions"], row["strikes"] = [], []
    for action in Action.objects.filter(target__in=found).order_by("id"):
        found[action.target_id]["actions"].append(
            {"kind": action.kind, "state": action.state, "done_at": action.done_at}
        )
    for strike in Strike.objects.filter(target__in=found).order_by("id"):
        found[strike.target_id]["strikes"].append({"given_at": strike.given_at, "expires_at": strike.expires_at})
    return list(found.values())


def _forget_attachments(rows: Rows) -> int:
    return evidence.detach(rows)


def _attachments(rows: Rows, party: str) -> list[dict[str, Any]]:
    """The files that a reporter sent, by name and hash (files_of has the files); an affected user sees nobody's."""
    found = files_of(rows) if party == "reporter" else []
    return [{"name": one.name, "type": one.evidence.media_type, "sha256": one.evidence_id} for one in found]


def files_of(rows: Iterable[UUID]) -> list[Attachment]:
    found = Attachment.objects.filter(id__in=list(rows), evidence__restricted=False)
    return list(found.select_related("evidence").order_by("id"))


def _decisions(rows: Rows, party: str) -> list[dict[str, Any]]:
    """The rationale is for colleagues and may speak of reporters: the facts were written for the affected user."""
    found = Decision.objects.filter(id__in=rows).select_related("policy_version").order_by("id")
    return [
        {"decided_at": one.decided_at, "finding": one.finding, "category": one.category, "facts": one.facts,
         "rule": one.policy_version.title if one.policy_version else "", "automated": one.automated}
        for one in found
    ]  # fmt: skip


def _forget_decisions(rows: Rows) -> int:
    return emptied(Decision, rows, rationale="", facts="")


def _forget_votes(rows: Rows) -> int:
    return emptied(Vote, rows, reasons="")


def _forget_seats(rows: Rows) -> int:
    return emptied(Seat, rows, conflict="")


def _forget_notes(rows: Rows) -> int:
    return emptied(Note, rows, body="")


NO_TIES = "NULL::uuid AS report_id, {case} AS case_id, NULL::uuid AS target_id, NULL::text AS reporter_key"

register(
    DataClass(
        slug="evidence",
        of_a_case=True,
        label="Files that came with reports",
        way="Deleted; a file that another record holds too stays for that one",
        since="after it came in and its case was decided",
        covers={"record.Attachment": "name declared_type", "record.Evidence": "sha256 media_type"},
        rows="""SELECT a.id, e.stored_at AS at, 'file ' || left(a.id::text, 13) AS ref, 'both' AS party,
            CASE WHEN a.subject_kind = 'report' THEN a.subject_id END AS report_id,
            CASE WHEN a.subject_kind = 'case' THEN a.subject_id END AS case_id, NULL::uuid AS target_id,
            NULL::text AS reporter_key, CASE WHEN e.restricted THEN
            'Restricted: only those who handle such material may end its keeping' END AS keep
            FROM record_attachment a JOIN record_evidence e ON e.sha256 = a.evidence_id""",
        forget=_forget_attachments,
        days=365,
        export=_attachments,
        withheld="Files that reporters sent are left out: they could tell who sent them; so is restricted material.",
    ),
    DataClass(
        slug="reporter",
        of_a_case=True,
        label="Who reported",
        way="Put under a random pseudonym; counts of their reports stay",
        since="after their last report came in and was decided",
        covers={
            "intake.Reporter": "key name",
            "intake.Report": "reporter_key",
            "review.CaseReport": "reporter_key",
            "review.SetAside": "reporter_key reason",
            "review.Brigade": "members reason",
            "review.Trust": "categories reason ended_because",
        },
        rows="""SELECT p.id, coalesce(r.received_at, p.first_seen_at) AS at, 'reporter ' || left(p.id::text, 13) AS ref,
            'reporter' AS party, r.id AS report_id, NULL::uuid AS case_id, NULL::uuid AS target_id, p.key AS reporter_key,
            CASE WHEN p.kind = 'trusted-flagger' THEN 'A trusted flagger, whose name is public (DSA art. 22)' END AS keep
            FROM intake_reporter p LEFT JOIN intake_report r ON r.reporter_key = p.key WHERE p.key NOT LIKE 'gone:%%'""",
        forget=_forget_reporters,
        days=1095,
        export=_reporters,
    ),
    DataClass(
        slug="target",
        of_a_case=True,
        label="Who was reported: accounts, users, what is theirs",
        way="Put under a random pseudonym, without name and address; cases, decisions and actions stay",
        since="after they were last seen and their last case was decided",
        covers={
            "targets.Target": "ref name email details",
            "targets.TargetHistory": "email",
            "intake.Report": "target_ref target_name target_tree",
        },
        rows="""SELECT t.id, t.seen_at AS at, t.kind || ' ' || left(t.id::text, 13) AS ref, 'affected' AS party,
            NULL::uuid AS report_id, c.id AS case_id, t.id AS target_id, NULL::text AS reporter_key,
            CASE WHEN t.state IN ('suspended', 'restricted') THEN 'A measure against it is in force'
                 WHEN t.strikes > 0 THEN 'A strike against it still counts' END AS keep
            FROM targets_target t LEFT JOIN review_case c ON c.target_id = t.id WHERE t.ref NOT LIKE 'gone-%%'""",
        forget=_forget_targets,
        days=1825,
        export=_targets,
    ),
    DataClass(
        slug="decision-words",
        of_a_case=True,
        label="Rationales and facts of decisions",
        way="Emptied; finding, rule, category and actions stay",
        since="after the decision",
        covers={"review.Decision": "rationale facts"},
        rows=f"""SELECT d.id, d.decided_at AS at, 'C-' || c.number AS ref, 'affected' AS party,
            {NO_TIES.format(case="d.case_id")}, NULL::text AS keep
            FROM review_decision d JOIN review_case c ON c.id = d.case_id WHERE d.rationale <> '' OR d.facts <> ''""",
        forget=_forget_decisions,
        days=1825,
        export=_decisions,
        withheld="What colleagues wrote to each other about a decision is left out: it may speak of others.",
    ),
    DataClass(
        slug="votes",
        of_a_case=True,
        label="Reasons that voters gave",
        way="Emptied; the ballots stay",
        since="after the vote and the decision",
        covers={"review.Vote": "reasons"},
        rows=f"""SELECT v.id, v.cast_at AS at, 'C-' || c.number AS ref, 'affected' AS party,
            {NO_TIES.format(case="c.id")}, NULL::text AS keep FROM review_vote v
            JOIN review_deliberation b ON b.id = v.deliberation_id JOIN review_case c ON c.id = b.case_id
            WHERE v.reasons <> ''""",
        forget=_forget_votes,
        days=1825,
    ),
    DataClass(
        slug="conflicts",
        label="Conflicts of interest that colleagues declared",
        way="Emptied; that there was one stays",
        since="after the decision",
        covers={"review.Seat": "conflict"},
        rows=f"""SELECT s.id, coalesce(s.declared_at, now()) AS at, 'C-' || c.number AS ref, 'staff' AS party,
            {NO_TIES.format(case="c.id")}, NULL::text AS keep FROM review_seat s
            JOIN review_deliberation b ON b.id = s.deliberation_id JOIN review_case c ON c.id = b.case_id
            WHERE s.conflict <> ''""",
        forget=_forget_seats,
        days=1095,
    ),
    DataClass(
        slug="notes",
        of_a_case=True,
        label="Notes that colleagues wrote",
        way="Emptied; who wrote and when stays",
        since="after it was written and its case was decided",
        covers={"record.Note": "body"},
        rows=f"""SELECT n.id, {TIME_OF.format(id="n.id")} AS at, 'note ' || left(n.id::text, 13) AS ref,
            'affected' AS party,
            {NO_TIES.format(case="coalesce(b.case_id, CASE WHEN n.subject_kind = 'case' THEN n.subject_id END)")},
            NULL::text AS keep FROM record_note n LEFT JOIN review_deliberation b ON b.id = n.subject_id
            WHERE n.body <> ''""",
        forget=_forget_notes,
        days=730,
        withheld="Notes between colleagues are left out: they may speak of others.",
    ),
)

not_personal("Names of colleagues, kept with what they did", record__Note="author_name", review__Look="name",
             review__Backtest="started_by")  # fmt: skip
not_personal("Made from the reports and the target, and made anew when those are forgotten",
             review__SearchDocument="document")  # fmt: skip
not_personal(
    "Kinds, findings, categories, ids",
    intake__Report="category language", targets__Target="language plan country", targets__TargetHistory="*",
    record__Note="subject_kind", record__Attachment="subject_kind",
    review__Queue="*", review__QueueHistory="*", review__RuleSet="*", review__RuleSetHistory="*",
    review__ShadowResult="*", review__WantedRun="*", review__Backtest="result error", review__Case="*", review__CaseHistory="*",
    review__Work="*", review__AsideWork="*", review__Decision="category actions work", review__Tally="*",
    review__TierPlan="*", review__Deliberation="*", review__Seat="function", review__Vote="ballot",
)  # fmt: skip
not_personal(
    "Written for every reviewer to read: who writes it leaves names out, and an editor can", review__Precedent="*"
)
