"""Who may read and change routing. Fetch-and-authorise."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.review.models import Backtest, RuleSet


def rule_set_to_read(user: User, number: int) -> RuleSet:
    if not user.may(Permission.ROUTING_VIEW):
        raise PermissionDenied("Routing rules are shown to leads, policy managers, auditors and admins.")
    return get_object_or_404(RuleSet, number=number)


def rule_set_to_edit(user: User, number: int) -> RuleSet:
    if not user.may(Permission.ROUTING_EDIT):
        raise PermissionDenied("Routing rules are changed by policy managers and admins.")
    return get_object_or_404(RuleSet, number=number)


def backtest_to_read(user: User, id: UUID) -> Backtest:
    if not user.may(Permission.ROUTING_VIEW):
        raise PermissionDenied("Backtests are shown to leads, policy managers, auditors and admins.")
    return get_object_or_404(Backtest.objects.select_related("rule_set"), id=id)
