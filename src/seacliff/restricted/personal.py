"""What this room keeps about people; and what must be kept because it went to a hotline or a life was in danger."""

from seacliff.record.personal import DataClass, Duty, Rows, emptied, not_personal, register
from seacliff.restricted.models import Emergency, Referral

OF_A_CASE = "NULL::uuid AS report_id, x.case_id, NULL::uuid AS target_id, NULL::text AS reporter_key"


def _forget_emergencies(rows: Rows) -> int:
    return emptied(Emergency, rows, threat="", told="")


def _forget_referrals(rows: Rows) -> int:
    return emptied(Referral, rows, said="", urgent="", last_error="")


register(
    DataClass(
        slug="emergencies",
        label="Threats to life: what was known, who was told",
        way="Emptied; that there was one, when, and in which country stay",
        since="after it was closed and its case was decided",
        covers={"restricted.Emergency": "threat told"},
        rows=f"""SELECT x.id, x.closed_at AS at, 'emergency ' || left(x.id::text, 13) AS ref, 'affected' AS party,
            {OF_A_CASE}, NULL::text AS keep FROM restricted_emergency x WHERE x.threat <> '' OR x.told <> ''""",
        forget=_forget_emergencies,
        days=1095,
        withheld="What was said to authorities in an emergency is left out (GDPR art. 23).",
    ),
    DataClass(
        slug="referrals",
        label="What was said to the hotline",
        way="Emptied; the hotline's number and the times stay",
        since="after the year of preservation",
        covers={"restricted.Referral": "said urgent uploaded last_error"},
        rows=f"""SELECT x.id, x.preserve_until::timestamptz AS at, 'referral ' || left(x.id::text, 13) AS ref,
            'affected' AS party, {OF_A_CASE},
            CASE WHEN x.state <> 'submitted' THEN 'The hotline has not taken it yet' END AS keep
            FROM restricted_referral x WHERE x.said <> '' OR x.urgent <> '' OR x.last_error <> ''""",
        forget=_forget_referrals,
        days=90,
        withheld="Whether anything was referred to a hotline is left out (GDPR art. 23).",
    ),
    Duty(
        "hotline",
        "Preserved for a year after it was reported to the hotline (18 U.S.C. 2258A(h))",
        """SELECT case_id FROM restricted_referral
           WHERE state <> 'submitted' OR preserve_until >= (now() AT TIME ZONE 'UTC')::date""",
    ),
    Duty(
        "emergencies",
        "A threat to life is being handled",
        "SELECT case_id FROM restricted_emergency WHERE closed_at IS NULL",
    ),
)

not_personal("Reasons that colleagues gave for a look, kept as proof of it", restricted__Unlock="*")
not_personal("States and countries", restricted__ReferralHistory="*", restricted__Emergency="country",
             restricted__Referral="files described")  # fmt: skip
not_personal("Whom to call: offices", restricted__Contact="*")
