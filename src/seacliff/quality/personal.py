"""What this room keeps about people: why a second reviewer saw a case as they did, and what was said of differences."""

from seacliff.quality.models import Check, Opinion, SessionCase
from seacliff.record.personal import DataClass, Rows, emptied, not_personal, register

NO_TIES = "NULL::uuid AS report_id, {case} AS case_id, NULL::uuid AS target_id, NULL::text AS reporter_key"


def _checks(rows: Rows) -> int:
    return emptied(Check, rows, rationale="", reason="")


def _opinions(rows: Rows) -> int:
    return emptied(Opinion, rows, reason="")


def _agreed(rows: Rows) -> int:
    return emptied(SessionCase, rows, why="")


register(
    DataClass(
        slug="second-looks",
        of_a_case=True,
        label="Reasons of second looks, and of who was right",
        way="Emptied; findings, harms, times and who was right stay",
        since="after the second look",
        covers={"quality.Check": "rationale reason"},
        rows=f"""SELECT k.id, coalesce(k.settled_at, k.answered_at) AS at, 'S-' || k.number AS ref, 'affected' AS party,
            {NO_TIES.format(case="k.case_id")},
            CASE WHEN k.state = 'differs' THEN 'The difference has yet to be settled' END AS keep
            FROM quality_check k WHERE k.rationale <> '' OR k.reason <> ''""",
        forget=_checks,
        days=730,
        withheld="Written by colleagues for colleagues; it may speak of reporters",
    ),
    DataClass(
        slug="second-look-opinions",
        of_a_case=True,
        label="Views of those who settle a difference together",
        way="Emptied; who was right in whose view stays",
        since="after the second look",
        covers={"quality.Opinion": "reason"},
        rows=f"""SELECT o.id, k.answered_at AS at, 'S-' || k.number AS ref, 'affected' AS party,
            {NO_TIES.format(case="k.case_id")}, NULL::text AS keep
            FROM quality_opinion o JOIN quality_check k ON k.id = o.of_id WHERE o.reason <> ''""",
        forget=_opinions,
        days=730,
        withheld="Written by colleagues for colleagues; it may speak of reporters",
    ),
    DataClass(
        slug="calibrations",
        of_a_case=True,
        label="Why a calibration agreed on a verdict",
        way="Emptied; the verdict stays",
        since="after the calibration was closed",
        covers={"quality.SessionCase": "why"},
        rows=f"""SELECT c.id, s.closed_at AS at, s.title AS ref, 'affected' AS party,
            {NO_TIES.format(case="d.case_id")}, NULL::text AS keep
            FROM quality_sessioncase c JOIN quality_session s ON s.id = c.session_id
            JOIN review_decision d ON d.id = c.decision_id WHERE c.why <> '' AND s.closed_at IS NOT NULL""",
        forget=_agreed,
        days=730,
        withheld="Written by colleagues for colleagues; it may speak of reporters",
    ),
)

not_personal(
    "Findings, harms, kinds of action, ids",
    quality__Check="category language first_finding first_found first_actions barred finding found actions",
    quality__SessionCase="found",
    quality__Golden="category language found actions",
)
not_personal(
    "A copy with invented names and without contacts, read over by whoever keeps it; it serves every reviewer",
    quality__Golden="copy why retired_because",
)
not_personal("How the company checks its work", quality__QualityPlan="*", quality__Session="title")
