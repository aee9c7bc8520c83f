from datetime import timedelta

from django.utils import timezone

from seacliff.intake.models import Reporter
from seacliff.intake.receipts import token_of as status_token
from seacliff.people.permissions import Role
from seacliff.record.actions import SYSTEM
from seacliff.review.models import Backtest, Brigade, Decision, Deliberation, Precedent, RuleSet, SetAside
from seacliff.review.tests import factories
from seacliff.review.tiers import panel, precedents
from seacliff.review.tiers.beginning import begin
from seacliff.review.tiers.plan import DEFAULT, publish

from . import World
from .scene import REPORTER


def plant(world: World) -> None:
    made = world.made
    _tiers(world)
    _reporters(world)
    now = timezone.now()
    rule_set = RuleSet.objects.create(number=1, state="draft")
    backtest = Backtest.objects.create(rule_set=rule_set, since=now - timedelta(days=1), until=now, started_by="x")
    world.name("review:change acknowledge", "slug", "spam")
    world.names |= {
        "review:backtest.id": backtest.id,
        "review:undo.id": made.decision.id,
        "review:target.id": made.case.target_id,
        "review:status.token": status_token(made.report.id),
        "review:by-id.id": made.case.id,
        "api:changes.slug": "spam",
        "api:decisions.id": made.decision.id,
        "api:targets.id": made.case.target_id,
    }


def _tiers(world: World) -> None:
    deliberation = begin(factories.case(tier=4), DEFAULT.tiers[-1], DEFAULT)
    seated = begin(factories.case(tier=4), DEFAULT.tiers[-1], DEFAULT)
    sitters = [factories.person(f"Sitter {n}", roles=(Role.PANELLIST,)) for n in range(2)]
    convener = factories.person("Lea Convenes", tier=4, roles=(Role.LEAD,))
    panel.convene(convener, seated, [*sitters, world.people["panel-member"]], sitters[0])
    plan = publish(DEFAULT, "As it was", SYSTEM)
    kept = _precedent(world.made.decision)
    world.name("review:deliberation deliberation-do", "id", deliberation.id)
    world.name("review:precedent precedent-edit precedent-retire", "number", kept.number)
    world.names |= {"review:tiers-version.number": plan.number, "review:precedent-by-id.id": kept.id}
    world.owns("a panel one sits on", "review:deliberation", id=seated.id)


def _precedent(decision: Decision) -> Precedent:
    opened = Deliberation(case=decision.case, decision=decision, tier=3)
    return precedents.memorialise(opened, opinion="It was bulk.", question="Was it bulk?")


def _reporters(world: World) -> None:
    reporter, _ = Reporter.objects.get_or_create(key=f"mail:{REPORTER}")
    aside = SetAside.objects.create(reporter_key=reporter.key, reason="Bad faith", by=world.made.other)
    brigade = Brigade.objects.create(members=[reporter.key], size=1, last_at=timezone.now())
    world.name("review:reporter reporter-kind reporter-set-aside reporter-trust reporter-distrust", "id", reporter.id)
    world.name("review:brigade brigade-judge brigade-set-aside brigade-take-back", "id", brigade.id)
    world.names |= {
        "review:set-aside-back.id": aside.id,
        "api:reporters.id": reporter.id,
        "api:brigades.id": brigade.id,
        "api:set-asides.id": aside.id,
    }
