"""Rows of charters: the words are in `content`, read by charters.document."""

from django.db import models
from django.db.models import F, Q

from seacliff.people.models import Function, User
from seacliff.record.ids import uuid7


class CharterVersion(models.Model):
    """One wording of the working agreement with a function. One at most is in force, one at most is being written."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PROPOSED = "proposed", "Proposed, waits for their yes"
        AGREED = "agreed"
        DECLINED = "declined"
        RETIRED = "retired"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    function = models.ForeignKey(Function, on_delete=models.PROTECT, related_name="charters")
    number = models.PositiveIntegerField()
    state = models.TextField(choices=State, default=State.DRAFT)
    content = models.JSONField()
    change = models.TextField(blank=True, default="", help_text="What changes and why")
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    agreed_by = models.TextField(default="", help_text="Who said yes for the function")
    agreed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="When the next version took its place")
    review_on = models.DateField(null=True, help_text="When both sides look at it again")
    review_reminded_on = models.DateField(null=True)

    class Meta:
        ordering = ["function", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["function", "number"], name="charter_numbered"),
            models.UniqueConstraint(fields=["function"], condition=Q(state="agreed"), name="charter_one_in_force"),
            models.UniqueConstraint(
                fields=["function"], condition=Q(state__in=["draft", "proposed"]), name="charter_one_in_the_making"
            ),
            models.CheckConstraint(
                condition=~Q(state="agreed") | Q(agreed_at__isnull=False, review_on__isnull=False),
                name="charter_agreed_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"Charter with {self.function.name}, version {self.number}"


class Absence(models.Model):
    """Days on which somebody is away, and who stands in: asks go to the deputy meanwhile."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(help_text="Of the contact who is away; contacts needn't have an account")
    since = models.DateField()
    until = models.DateField(help_text="The last day")
    deputy = models.EmailField(blank=True, default="")

    class Meta:
        ordering = ["since"]
        constraints = [models.CheckConstraint(condition=Q(until__gte=F("since")), name="absence_ends_after_start")]
        indexes = [models.Index(fields=["email", "until"], name="absence_of")]
