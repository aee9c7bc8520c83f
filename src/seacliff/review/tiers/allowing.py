"""What one person may decide at a tier."""

from django.utils.translation import gettext as _

from seacliff.policy.models import ActionKind
from seacliff.review.access import NotValid, Refused
from seacliff.review.models import Case
from seacliff.review.tiers.plan import plan_in_force
from seacliff.review.verdicts import Verdict


def must_decide_alone(case: Case, verdict: Verdict) -> None:
    """Raise unless this tier is decided by one person, and may order what the verdict orders."""
    tier = plan_in_force().tier(case.tier)
    if tier.way != "single":
        raise Refused(
            _("%(case)s is with tier %(tier)s (%(name)s), which several decide: vote on its page.")
            % {"case": case.ref, "tier": case.tier, "name": tier.name},
            "several-decide",
        )
    for action in verdict.actions:
        if action.kind in tier.withheld:
            raise NotValid(
                _('"%(action)s" is not for tier %(tier)s (%(name)s) to order. Escalate the case.')
                % {"action": ActionKind(action.kind).label, "tier": case.tier, "name": tier.name},
                "actions",
                "action-withheld",
            )
