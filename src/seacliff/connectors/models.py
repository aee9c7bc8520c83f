"""What comes in from outside systems about asks: kept before it is read, and once however often it is brought."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from seacliff.partners.models import Ask, AskMessage, Dispatch
from seacliff.people.models import User
from seacliff.record.ids import uuid7


class Incoming(models.Model):
    """A mail, a chat message or a tracker's news, as it came, and what was made of it."""

    class State(models.TextChoices):
        KEPT = "kept", "Waits to be read"
        DONE = "done"
        IGNORED = "ignored", "Nothing follows from it"
        NEEDS_HUMAN = "needs-human"
        HANDLED = "handled", "Handled by a person"

    class Kind(models.TextChoices):
        ANSWER = "answer"
        QUESTION = "question"
        MESSAGE = "message"
        OUTCOME = "outcome"
        STATE = "state", "A change of state"
        BOUNCE = "bounce", "A mail of ours came back"
        AUTOMATIC = "automatic", "Nobody wrote it"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.TextField()
    key = models.TextField(help_text="What its sender calls it, within its ask: the same is kept once")
    ask = models.ForeignKey(Ask, null=True, on_delete=models.CASCADE, related_name="incoming", db_index=False)
    dispatch = models.ForeignKey(
        Dispatch, null=True, on_delete=models.SET_NULL, related_name="incoming", help_text="What it answers"
    )
    sender = models.TextField(default="")
    subject = models.TextField(default="")
    raw = models.BinaryField()
    state = models.TextField(choices=State, default=State.KEPT)
    kind = models.TextField(choices=Kind, blank=True, default="")
    reason = models.TextField(default="", help_text="Why nothing followed, or why a person must look")
    message = models.ForeignKey(AskMessage, null=True, on_delete=models.SET_NULL, related_name="+")
    received_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["channel", "key"], name="incoming_once")]
        indexes = [
            models.Index(fields=["id"], name="incoming_kept", condition=Q(state="kept")),
            models.Index(fields=["-id"], name="incoming_needs_human", condition=Q(state="needs-human")),
            models.Index(fields=["-id"], name="incoming_handled", condition=Q(state="handled")),
            models.Index(fields=["ask", "-id"], name="incoming_of_ask", condition=Q(ask__isnull=False)),
        ]


class Thread(models.Model):
    """Where an ask is talked about in another system: an issue of a tracker, a thread of a chat channel."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="threads")
    channel = models.TextField()
    address = models.TextField(help_text="The repository, project or chat channel")
    external_id = models.TextField(
        default="", help_text="The issue's number, the thread's first message; empty: not yet"
    )
    url = models.TextField(default="")
    is_open = models.BooleanField(default=True, help_text="The issue's state as it was last seen")
    look_at = models.DateTimeField(null=True, help_text="When to look for news there; null: no more")
    looked_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(default="")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "address", "ask"], name="thread_once"),
            models.UniqueConstraint(
                fields=["channel", "address", "external_id"], condition=~Q(external_id=""), name="thread_of_one_ask"
            ),
        ]
        indexes = [
            models.Index(fields=["look_at", "id"], name="thread_look", condition=Q(look_at__isnull=False)),
            models.Index(fields=["-id"], name="thread_failing", condition=Q(failures__gte=3)),
        ]

    @classmethod
    def locked(cls, ask: Ask, channel: str, address: str) -> "Thread":
        """The thread of an ask in one place, made if there is none; locked until the transaction is over."""
        cls.objects.get_or_create(ask=ask, channel=channel, address=address)
        return cls.objects.select_for_update().get(ask=ask, channel=channel, address=address)


class Feed(models.Model):
    """The secret address of somebody's calendar: made from the id, so that another row is another address."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+")
