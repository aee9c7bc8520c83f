"""Setting budgets and preferences."""

from uuid import UUID

from django.db import transaction

from seacliff.people.models import User
from seacliff.record.actions import Actor, Subject, happened
from seacliff.wellness.models import Budget, Preference

TEAM = Subject("installation", UUID(int=0))


@transaction.atomic
def set_budget(actor: Actor, *, user: User | None, category: str, most: int) -> Budget:
    budget, _made = Budget.objects.update_or_create(user=user, category=category, defaults={"most": most})
    subject = Subject("person", user.id) if user else TEAM
    happened("budget.set", subject, actor, data={"category": category or "all", "most": most})
    return budget


@transaction.atomic
def lift_budget(actor: Actor, budget: Budget) -> None:
    subject = Subject("person", budget.user_id) if budget.user_id else TEAM
    happened("budget.lifted", subject, actor, data={"category": budget.category or "all", "most": budget.most})
    budget.delete()


def save_preference(preference: Preference) -> None:
    """One's own, and nobody's business: no event says what somebody can't bear to see."""
    preference.save()
