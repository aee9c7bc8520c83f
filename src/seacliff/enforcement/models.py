"""What goes out: actions on the account tree, notices to people, webhooks to programs. Each waits here as a row in a state."""

import secrets
from base64 import b64encode

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from seacliff.policy.models import ActionKind, NoticeText, PolicyVersion
from seacliff.record.ids import uuid7
from seacliff.targets.models import Target


def new_secret() -> str:
    """A signing secret in the form of the Standard Webhooks specification."""
    return "whsec_" + b64encode(secrets.token_bytes(32)).decode()


class Action(models.Model):
    """One thing done to one target because of one decision. Its id is the idempotency key of its delivery."""

    class State(models.TextChoices):
        PENDING = "pending", "Waiting for the undo window"
        SENDING = "sending", "Being delivered"
        DONE = "done", "Delivered"
        FAILED = "failed", "Given up; can be replayed"
        CANCELLED = "cancelled", "Cancelled"
        UNHEARD = "unheard", "No endpoint listens"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case_id = models.UUIDField()
    decision_id = models.UUIDField()
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="actions")
    kind = models.TextField(choices=ActionKind)
    parameters = models.JSONField(default=dict, help_text='such as {"days": 30} or {"feature": "chat"}')
    policy_version = models.ForeignKey(PolicyVersion, null=True, on_delete=models.PROTECT)
    state = models.TextField(choices=State, default=State.PENDING)
    not_before = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")

    class Meta:
        indexes = [
            models.Index(fields=["not_before", "id"], name="action_pending", condition=Q(state="pending")),
            models.Index(fields=["state", "-id"], name="action_state"),
            models.Index(fields=["case_id"], name="action_case"),
            models.Index(fields=["target", "-id"], name="action_target"),
        ]


class Strike(models.Model):
    """A strike against a target: counts until it expires or is taken back."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="strike_rows")
    policy_version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT)
    action = models.OneToOneField(Action, on_delete=models.PROTECT, related_name="strike")
    weight = models.PositiveSmallIntegerField(default=1)
    given_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["target", "expires_at"], name="strike_live", condition=Q(taken_back_at__isnull=True))
        ]


@pghistory.track(model_name="EndpointHistory", exclude=["secret", "previous_secret"])
class Endpoint(models.Model):
    """A program that is told: an address, its signing secret (with the one before, while it is rotated), what it hears."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.TextField()
    url = models.URLField(max_length=2000)
    secret = models.TextField(default=new_secret)
    previous_secret = models.TextField(default="", blank=True)
    hears = ArrayField(models.TextField(), default=list, help_text='Event types: "action.*", "case.decided", "*"')
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One message for one endpoint, tried until it is taken or 24 hours are over."""

    class State(models.TextChoices):
        PENDING = "pending"
        DELIVERED = "delivered"
        DEAD = "dead", "Given up"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    key = models.UUIDField(help_text="webhook-id: the same for every try and every replay")
    type = models.TextField()
    payload = models.JSONField()
    action = models.ForeignKey(Action, null=True, on_delete=models.CASCADE, related_name="deliveries")
    state = models.TextField(choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    last_status = models.PositiveSmallIntegerField(null=True)
    last_error = models.TextField(default="")
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["endpoint", "key"], name="delivery_once")]
        indexes = [
            models.Index(fields=["next_at", "id"], name="delivery_due", condition=Q(state="pending")),
            models.Index(fields=["state", "-id"], name="delivery_state"),
            models.Index(fields=["endpoint", "-id"], name="delivery_endpoint"),
        ]


class FanOut(models.Model):
    """How far the record has been read for outgoing event webhooks: one row per reader of the record's commit order."""

    name = models.TextField(primary_key=True)
    tx = models.BigIntegerField(default=0)
    seq = models.BigIntegerField(default=0)


class Notice(models.Model):
    """What is said to one person about one decision, word for word as it was sent."""

    class State(models.TextChoices):
        PENDING = "pending"
        SENT = "sent"
        FAILED = "failed"
        CANCELLED = "cancelled"
        NO_ADDRESS = "no-address", "Shown on the status page only"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case_id = models.UUIDField(null=True)
    decision_id = models.UUIDField(null=True)
    report_id = models.UUIDField(null=True, help_text="Set for the reporter's notice")
    target = models.ForeignKey(Target, null=True, on_delete=models.PROTECT, related_name="notices")
    audience = models.TextField(choices=NoticeText.Audience)
    outcome = models.TextField(choices=NoticeText.Outcome)
    language = models.CharField(max_length=12)
    address = models.TextField(default="")
    subject = models.TextField()
    body = models.TextField()
    state = models.TextField(choices=State, default=State.PENDING)
    not_before = models.DateTimeField()
    next_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(default="")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decision_id", "audience", "report_id", "target"],
                name="notice_once",
                nulls_distinct=False,
                condition=Q(decision_id__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], name="notice_due", condition=Q(state="pending")),
            models.Index(fields=["report_id"], name="notice_report", condition=Q(report_id__isnull=False)),
            models.Index(fields=["case_id"], name="notice_case"),
            models.Index(fields=["state", "-id"], name="notice_state"),
        ]
