"""Verbs on rule sets: draft, save, try in shadow, publish, discard. One rule set is live; what it routed stays as it was."""

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from seacliff.record.actions import Actor, Subject, happened
from seacliff.review.models import Queue, RuleSet, ShadowResult
from seacliff.review.routing.rules import RuleBook


class RuleSetError(ValueError):
    """Why a verb can't be done to a rule set, in a sentence."""


def draft(actor: Actor) -> RuleSet:
    """A new draft that begins as a copy of the live rules."""
    with transaction.atomic():
        live = RuleSet.objects.filter(state=RuleSet.State.LIVE).first()
        number = (RuleSet.objects.aggregate(most=Max("number"))["most"] or 0) + 1
        rule_set = RuleSet.objects.create(number=number, rules=live.rules if live else [], created_by=actor.id)
        happened("rule-set.drafted", Subject("rule-set", rule_set.id), actor, data={"number": number})
    return rule_set


def save(rule_set: RuleSet, rows: list[dict[str, Any]], change: str) -> RuleSet:
    """Keep the rows of a draft. Raises RuleError when one is wrong, RuleSetError when it is no draft any more."""
    with transaction.atomic():
        locked = _locked(rule_set)
        if locked.state != RuleSet.State.DRAFT:
            raise RuleSetError(
                f"Rule set {locked.number} is {locked.state}; only a draft can be changed. Make a new draft."
            )
        RuleBook.of(rows, queues=_queues())
        locked.rules, locked.change = rows, change
        locked.save(update_fields=["rules", "change"])
    return locked


def shadow(rule_set: RuleSet, actor: Actor) -> None:
    """Let a draft judge every new report beside the live rules, without effect. Takes the place of another shadow."""
    with transaction.atomic():
        locked = _locked(rule_set)
        if locked.state != RuleSet.State.DRAFT:
            raise RuleSetError(f"Rule set {locked.number} is {locked.state}; only a draft can be tried in shadow.")
        RuleBook.of(locked.rules, queues=_queues())
        RuleSet.objects.filter(state=RuleSet.State.SHADOW).update(state=RuleSet.State.DRAFT)
        _become(locked, RuleSet.State.SHADOW)
        happened("rule-set.shadowed", Subject("rule-set", locked.id), actor, data={"number": locked.number})


def unshadow(rule_set: RuleSet, actor: Actor) -> None:
    with transaction.atomic():
        locked = _locked(rule_set)
        if locked.state == RuleSet.State.SHADOW:
            _become(locked, RuleSet.State.DRAFT)
            ShadowResult.objects.filter(rule_set=locked).delete()
            happened("rule-set.unshadowed", Subject("rule-set", locked.id), actor, data={"number": locked.number})


def publish(rule_set: RuleSet, actor: Actor) -> None:
    """Make the rules live for reports that come from now on. Needs a sentence on what changed."""
    with transaction.atomic():
        locked = _locked(rule_set)
        if locked.state not in (RuleSet.State.DRAFT, RuleSet.State.SHADOW):
            raise RuleSetError(f"Rule set {locked.number} is {locked.state} already.")
        if not locked.change.strip():
            raise RuleSetError("Say what changes and why before you publish: it is what the next person reads first.")
        RuleBook.of(locked.rules, queues=_queues())
        now = timezone.now()
        RuleSet.objects.filter(state=RuleSet.State.LIVE).update(state=RuleSet.State.RETIRED, live_until=now)
        locked.live_from = now
        _become(locked, RuleSet.State.LIVE, "live_from")
        details = {"number": locked.number, "rules": len(locked.rules)}
        happened("rule-set.published", Subject("rule-set", locked.id), actor, reason=locked.change, data=details)


def discard(rule_set: RuleSet, actor: Actor) -> None:
    with transaction.atomic():
        locked = _locked(rule_set)
        if locked.state != RuleSet.State.DRAFT:
            raise RuleSetError(f"Rule set {locked.number} is {locked.state}; only a draft can be discarded.")
        _become(locked, RuleSet.State.RETIRED)
        happened("rule-set.discarded", Subject("rule-set", locked.id), actor, data={"number": locked.number})


def _become(rule_set: RuleSet, state: RuleSet.State, *fields: str) -> None:
    rule_set.state = state
    rule_set.save(update_fields=["state", *fields])


def _locked(rule_set: RuleSet) -> RuleSet:
    return RuleSet.objects.select_for_update().get(pk=rule_set.pk)


def _queues() -> list[str]:
    return list(Queue.objects.filter(retired_at=None).values_list("slug", flat=True))
