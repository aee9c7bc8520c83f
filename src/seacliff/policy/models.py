"""The rules: policies with versions, the harm categories they cover, the notices they speak with."""

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from seacliff.people.models import User
from seacliff.record.ids import uuid7


class ActionKind(models.TextChoices):
    DISMISS = "dismiss", "Dismiss"
    WARN = "warn", "Warn"
    STRIKE = "strike", "Strike"
    REMOVE_CONTENT = "remove-content", "Remove content"
    END_EVENT = "end-event", "End or suspend the event"
    SUSPEND_HOST = "suspend-host", "Suspend the host"
    BLOCK_USER = "block-user", "Block the user"
    SUSPEND_ACCOUNT = "suspend-account", "Suspend the account"
    RESTRICT_FEATURE = "restrict-feature", "Restrict a feature"
    GEOBLOCK = "geoblock", "Geoblock"
    REFER = "refer", "Refer"


class Policy(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position", "slug"]


FROZEN = (
    *("policy_id", "number", "title", "titles", "summaries", "text", "guide", "allowed_actions", "strike_weight"),
    *("strike_days", "strike_threshold", "strike_action", "change", "effective_at", "published_at", "published_by"),
)
KEEP_VERSION = """
IF TG_OP = 'DELETE' OR NEW.state = 'draft' OR ({changed}) THEN
    RAISE EXCEPTION 'Version % of this policy is published: decisions rest on its words. Publish a new version instead.',
        OLD.number USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN NEW;
""".format(changed=" OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in FROZEN))
KEEP_NOTICE_TEXT = """
IF EXISTS (SELECT FROM policy_policyversion WHERE id = OLD.version_id AND state <> 'draft') THEN
    RAISE EXCEPTION 'This notice text belongs to a published version of a policy. Publish a new version instead.'
        USING ERRCODE = 'integrity_constraint_violation';
END IF;
IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
RETURN NEW;
"""


@pghistory.track(model_name="PolicyVersionHistory")
class PolicyVersion(models.Model):
    """One wording of a policy. A draft may change; once published only its end is ever written."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.TextField(choices=State, default=State.DRAFT)
    title = models.TextField()
    titles = models.JSONField(default=dict, help_text="Language to title, for notices and the public pages")
    summaries = models.JSONField(default=dict, help_text="Language to the rule in a sentence or two, quoted in notices")
    text = models.TextField(help_text="Markdown; published to the world")
    guide = models.JSONField(
        default=list,
        help_text='Decision guide: [{"question": str, "help": str, "answers": [{"answer": str, "leads_to": str}]}]',
    )
    allowed_actions = ArrayField(models.TextField(choices=ActionKind), default=list)
    strike_weight = models.PositiveSmallIntegerField(default=1)
    strike_days = models.PositiveSmallIntegerField(default=180)
    strike_threshold = models.PositiveSmallIntegerField(default=3)
    strike_action = models.TextField(choices=ActionKind, default=ActionKind.SUSPEND_ACCOUNT)
    change = models.TextField(default="", help_text="What changed and why, for the public change log")
    effective_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True, help_text="When it was withdrawn; the version before it holds again")
    published_at = models.DateTimeField(null=True)
    published_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["policy", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_version_once"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(effective_at__isnull=False), name="policy_published_has_effect"
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", ends_at__isnull=False)
                | (~Q(state="withdrawn") & Q(ends_at__isnull=True)),
                name="policy_withdrawn_has_end",
            ),
            models.UniqueConstraint(fields=["policy"], condition=Q(state="draft"), name="policy_one_draft"),
        ]

        triggers = [
            pgtrigger.Trigger(
                name="published_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.state <> 'draft'"),
                func=KEEP_VERSION,
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} (version {self.number})"

    def title_in(self, language: str) -> str:
        return self.titles.get(language[:2]) or self.title

    def summary_in(self, language: str) -> str:
        return self.summaries.get(language[:2]) or self.summaries.get("en") or ""


class Category(models.Model):
    """A harm. The slug is what reports carry; the policy is the rule that covers it."""

    slug = models.SlugField(primary_key=True)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="categories")
    names = models.JSONField(default=dict, help_text="Language to name, as shown on the public form")
    descriptions = models.JSONField(default=dict)
    severity = models.PositiveSmallIntegerField(default=3)
    taxonomies = models.JSONField(
        default=dict, help_text='Outside names, such as {"xarf": "messaging/spam", "dsa": "..."}'
    )
    public = models.BooleanField(default=True, help_text="Whether the public form offers it")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "slug"]
        verbose_name_plural = "categories"
        constraints = [models.CheckConstraint(condition=Q(severity__range=(1, 4)), name="category_severity_known")]

    def name(self, language: str = "en") -> str:
        return self.names.get(language[:2]) or self.names.get("en") or self.slug


class NoticeText(models.Model):
    """What is said, to whom, in one language. Without a version it is the default that every policy falls back to."""

    class Audience(models.TextChoices):
        REPORTER = "reporter"
        AFFECTED = "affected"

    class Outcome(models.TextChoices):
        RECEIVED = "received"
        VIOLATION = "violation"
        NO_VIOLATION = "no-violation"
        APPEAL_RECEIVED = "appeal-received"
        APPEAL_UPHELD = "appeal-upheld"
        APPEAL_OVERTURNED = "appeal-overturned"
        APPEAL_CHANGED = "appeal-changed"
        CORRECTED = "corrected"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.ForeignKey(PolicyVersion, null=True, on_delete=models.CASCADE, related_name="notice_texts")
    audience = models.TextField(choices=Audience)
    outcome = models.TextField(choices=Outcome)
    language = models.CharField(max_length=12)
    subject = models.TextField()
    body = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "audience", "outcome", "language"], name="notice_text_once", nulls_distinct=False
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="published_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.version_id IS NOT NULL"),
                func=KEEP_NOTICE_TEXT,
            )
        ]


class Guidance(models.Model):
    """A change that reviewers must have read before their next claim under the policy: a new wording of it, or a note."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="guidance")
    version = models.OneToOneField(PolicyVersion, null=True, on_delete=models.CASCADE, related_name="guidance")
    note = models.TextField(help_text="What is new, in the writer's words")
    by_name = models.TextField()
    holds_from = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="When it was taken back: nobody needs to read it any more")

    class Meta:
        ordering = ["-holds_from", "-id"]
        constraints = [models.CheckConstraint(condition=~Q(note=""), name="guidance_says_what")]
        indexes = [models.Index(fields=["holds_from"], name="guidance_standing", condition=Q(ended_at__isnull=True))]


class Acknowledgement(models.Model):
    """That somebody has read a change."""

    pk = models.CompositePrimaryKey("user_id", "guidance_id")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    guidance = models.ForeignKey(Guidance, on_delete=models.CASCADE, related_name="acknowledgements")
    at = models.DateTimeField(db_default=Now())
