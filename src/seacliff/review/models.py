"""The work: queues, routing rules, cases, who holds which, decisions."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from seacliff.partners.models import Ask
from seacliff.people.models import User
from seacliff.policy.models import PolicyVersion
from seacliff.record.ids import uuid7
from seacliff.targets.models import Target


@pghistory.track(model_name="QueueHistory")
class Queue(models.Model):
    id = models.SmallAutoField(primary_key=True)
    slug = models.SlugField(unique=True)
    name = models.TextField()
    description = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField(null=True)
    random_share = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Of a hundred claims, how many get a case that chance picks"
    )

    class Meta:
        ordering = ["position", "slug"]
        constraints = [
            models.CheckConstraint(condition=Q(random_share__range=(0, 20)), name="queue_random_share_small")
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track(model_name="RuleSetHistory")
class RuleSet(models.Model):
    """A version of the routing rules. One is live; one at most is in shadow; a case keeps the one it was routed by."""

    class State(models.TextChoices):
        DRAFT = "draft"
        SHADOW = "shadow"
        LIVE = "live"
        RETIRED = "retired"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.PositiveIntegerField(unique=True)
    state = models.TextField(choices=State, default=State.DRAFT)
    rules = models.JSONField(
        default=list,
        help_text='In order; later rules override: [{"name", "when": CEL, "set": {"severity", "queue", ...}}]',
    )
    change = models.TextField(default="", help_text="What changed and why")
    created_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    live_from = models.DateTimeField(null=True)
    live_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state__in=["live", "shadow"]), name="rule_set_one_live_one_shadow"
            )
        ]


class WantedRun(models.Model):
    """A routing rule wants a playbook run for a case: the room above takes it off the table."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("review.Case", on_delete=models.CASCADE, related_name="+", db_index=False)
    playbook = models.TextField()
    rule = models.TextField(help_text="The name of the rule")
    trouble = models.TextField(default="", help_text="Why it can't be started")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "playbook"], name="wanted_run_once")]
        indexes = [models.Index(fields=["id"], name="wanted_run_waits", condition=Q(trouble=""))]


class ShadowResult(models.Model):
    """What the shadow rules would have done with a report that the live rules routed otherwise."""

    report_id = models.UUIDField(primary_key=True)
    rule_set = models.ForeignKey(RuleSet, on_delete=models.CASCADE)
    live = models.JSONField()
    shadow = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["rule_set", "-report_id"], name="shadow_newest")]


class Backtest(models.Model):
    """A draft tried on past reports: what would have moved, as counts and a sample."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    rule_set = models.ForeignKey(RuleSet, on_delete=models.CASCADE, related_name="backtests")
    since = models.DateTimeField()
    until = models.DateTimeField()
    state = models.TextField(choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(default=0, help_text="Reports seen so far")
    result = models.JSONField(null=True)
    error = models.TextField(default="")
    started_by = models.TextField()

    class Meta:
        ordering = ["-id"]


@pghistory.track(model_name="CaseHistory", fields=["state", "queue", "severity", "tier", "due_at", "decided_by"])
class Case(models.Model):
    """The unit of review: the reports on one target for one harm."""

    CLOCK = "first decision"

    class State(models.TextChoices):
        OPEN = "open"
        HELD = "held"
        DECIDED = "decided"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.BigIntegerField(
        unique=True, editable=False, db_default=models.Func(models.Value("review_case_number"), function="nextval")
    )
    product_id = models.UUIDField()
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="cases")
    category = models.TextField(help_text="The harm reported; the harm found is the decision's")
    state = models.TextField(choices=State, default=State.OPEN)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT)
    severity = models.PositiveSmallIntegerField()
    tier = models.PositiveSmallIntegerField(default=1)
    language = models.CharField(max_length=12, default="")
    rule_set = models.ForeignKey(RuleSet, null=True, on_delete=models.PROTECT)
    report_count = models.PositiveIntegerField(default=0)
    reporter_count = models.PositiveIntegerField(default=0)
    mass_reported = models.BooleanField(default=False, help_text="Many reporters in a short time: a wave or a brigade")
    brigade = models.ForeignKey(
        "review.Brigade", null=True, on_delete=models.SET_NULL, related_name="marked", db_index=False,
        help_text="Several of its reporters report together again and again",
    )  # fmt: skip
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["target", "category"], condition=Q(state__in=["open", "held"]), name="case_open_once"
            ),
            models.CheckConstraint(condition=Q(severity__range=(1, 4)), name="case_severity_known"),
            models.CheckConstraint(condition=Q(tier__range=(1, 9)), name="case_tier_known"),
            models.CheckConstraint(
                condition=Q(state="decided", decided_at__isnull=False) | ~Q(state="decided"), name="case_decided_when"
            ),
        ]
        indexes = [
            models.Index(fields=["queue", "-id"], name="case_queue"),
            models.Index(fields=["category", "-id"], name="case_category"),
            models.Index(fields=["target", "-id"], name="case_target"),
            models.Index(fields=["decided_by", "-id"], name="case_reviewer", condition=Q(decided_by__isnull=False)),
            models.Index(fields=["state", "-id"], name="case_state"),
            models.Index(fields=["brigade", "-id"], name="case_brigade", condition=Q(brigade__isnull=False)),
            models.Index(fields=["-id"], name="case_wave", condition=Q(mass_reported=True)),
        ]

    @property
    def ref(self) -> str:
        return f"C-{self.number}"


class Work(models.Model):
    """An open case as the queue sees it: slim, one row, gone when the case is decided. What claiming touches."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="work")
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, db_index=False)
    severity = models.PositiveSmallIntegerField()
    rank = models.SmallIntegerField(default=0, help_text="Within a severity; lower is earlier (routing sets it)")
    due_at = models.DateTimeField()
    tier = models.PositiveSmallIntegerField(default=1)
    category = models.TextField()
    language = models.CharField(max_length=12, default="")
    assigned_to = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    holder = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    lease_until = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True, help_text="When its holder took it; the decision keeps it")
    assignment = models.TextField(
        default="pull", db_default="pull", help_text="How it came to its holder: Decision.Assignment"
    )
    held_until = models.DateTimeField(null=True, help_text="On hold until then")
    skipped_by = ArrayField(models.UUIDField(), default=list, help_text="Not offered to these people again...")
    skipped_until = models.DateTimeField(null=True, help_text="...until then")
    barred = ArrayField(
        models.UUIDField(), default=list, db_default=[], help_text="Never offered to them: they voted on it before"
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["queue", "severity", "rank", "due_at", "case"],
                name="work_free",
                condition=Q(holder__isnull=True, held_until__isnull=True, assigned_to__isnull=True),
                include=["tier", "category", "language"],
            ),
            models.Index(
                fields=["assigned_to", "severity", "rank", "due_at"],
                name="work_assigned",
                condition=Q(assigned_to__isnull=False),
            ),
            models.Index(fields=["holder"], name="work_held_by", condition=Q(holder__isnull=False)),
            models.Index(fields=["tier"], name="work_tier", condition=Q(tier__gt=1)),
            models.Index(fields=["lease_until"], name="work_lease", condition=Q(lease_until__isnull=False)),
            models.Index(fields=["held_until"], name="work_on_hold", condition=Q(held_until__isnull=False)),
            models.Index(fields=["skipped_until"], name="work_skipped", condition=Q(skipped_until__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(holder__isnull=True, lease_until__isnull=True)
                | Q(holder__isnull=False, lease_until__isnull=False),
                name="work_lease_whole",
            )
        ]


class SetAside(models.Model):
    """That all open reports of one reporter were set aside at once, by whom and why; it can be taken back."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reporter_key = models.TextField()
    reason = models.TextField()
    reports = models.PositiveIntegerField(default=0)
    brigade = models.ForeignKey(
        "review.Brigade",
        null=True,
        on_delete=models.PROTECT,
        related_name="asides",
        help_text="When all its members were",
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reversed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["reporter_key", "-id"], name="set_aside_reporter")]


class AsideWork(models.Model):
    """The queue's row of a case that nobody else reported: it comes back when that changes."""

    case = models.OneToOneField("review.Case", primary_key=True, on_delete=models.CASCADE, related_name="aside")
    set_aside = models.ForeignKey(SetAside, on_delete=models.CASCADE, related_name="works")
    work = models.JSONField()


class AskWait(models.Model):
    """A case that waits for an answer from another function; it comes back when nothing is waited for any more."""

    ask = models.OneToOneField(Ask, primary_key=True, on_delete=models.CASCADE, related_name="case_wait")
    case = models.ForeignKey("review.Case", on_delete=models.CASCADE, related_name="ask_waits")
    waiter = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["ask"], name="ask_wait_open", condition=Q(done_at__isnull=True))]


class CaseReport(models.Model):
    """Which case a report is in, and whether it only repeats an earlier one."""

    report_id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="case_reports", db_index=False)
    reporter_key = models.TextField(default="")
    duplicate_of = models.UUIDField(null=True)
    set_aside = models.ForeignKey("review.SetAside", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["case", "report_id"], name="case_reports_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "reporter_key"],
                condition=Q(duplicate_of__isnull=True) & ~Q(reporter_key=""),
                name="case_report_first_of_reporter",
            )
        ]


STANDS = Q(undone_at__isnull=True, superseded_at__isnull=True)


class Decision(models.Model):
    """Finding, rule, reasons. It keeps the policy version it was made under. Its actions are enforcement's rows."""

    class Finding(models.TextChoices):
        VIOLATION = "violation", "Breaks the rule"
        NO_VIOLATION = "no-violation", "Does not break the rule"
        DUPLICATE = "duplicate", "Repeats another case"

    class Assignment(models.TextChoices):
        """How the case came to its reviewer: what can be learnt from decisions rests on it."""

        PULL = "pull"
        RANDOM = "random"
        SKILL = "skill"
        NAMED = "named"
        BULK = "bulk"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    reviewer = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="decisions")
    tier = models.PositiveSmallIntegerField()
    policy_version = models.ForeignKey(PolicyVersion, null=True, on_delete=models.PROTECT)
    category = models.TextField(help_text="The harm found")
    finding = models.TextField(choices=Finding)
    rationale = models.TextField(blank=True, help_text="For colleagues; never told outside")
    facts = models.TextField(
        blank=True, default="", help_text="For the affected user: what was found, and nobody who reported it"
    )
    notify = models.BooleanField(default=True, help_text="Whether reporters and the affected user are told")
    actions = models.JSONField(default=list, help_text='As decided: [{"kind", "target_id", "parameters"}]')
    assignment = models.TextField(choices=Assignment, default=Assignment.PULL)
    automated = models.BooleanField(default=False)
    claimed_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField()
    undo_until = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    superseded_at = models.DateTimeField(null=True, help_text="When a correction took its place: an appeal, a panel")
    corrects = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="corrected_by")
    work = models.JSONField(default=dict, help_text="The queue's row as it was: what undo puts back")
    together = models.UUIDField(null=True, help_text="The first decision of those made at once, in bulk")
    settled = models.BooleanField(
        default=False, help_text="Its undo window is over: notices written, reporters' records kept"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=STANDS, name="decision_stands_once"),
            models.CheckConstraint(
                condition=~Q(finding="violation") | Q(policy_version__isnull=False),
                name="decision_violation_names_rule",
            ),
        ]
        indexes = [
            models.Index(fields=["reviewer", "-id"], name="decision_reviewer"),
            models.Index(fields=["case", "-id"], name="decision_case"),
            models.Index(fields=["together"], name="decision_together", condition=Q(together__isnull=False)),
            models.Index(fields=["undo_until"], name="decision_unsettled", condition=Q(settled=False)),
        ]


class Look(models.Model):
    """Who has a case open now, so that two people don't puzzle over it unknowingly. A desk forgets old ones."""

    pk = models.CompositePrimaryKey("case_id", "user_id")
    case_id = models.UUIDField()
    user_id = models.UUIDField()
    name = models.TextField()
    seen_at = models.DateTimeField()


class Unindexed(models.Model):
    """Cases whose search document is missing or behind: left by a trigger when a report joins, taken by a desk."""

    case_id = models.UUIDField(primary_key=True)


class SearchDocument(models.Model):
    """A case as full-text search sees it; written after routing, so that intake never pays for it."""

    case_id = models.UUIDField(primary_key=True)
    document = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["document"], name="search_document", fastupdate=True)]


class Tally(models.Model):
    """Counts for screens, kept by a trigger on Work as small deltas that a desk folds: never a count over the queue."""

    queue_id = models.SmallIntegerField()
    severity = models.PositiveSmallIntegerField()
    state = models.TextField(help_text="free, claimed, held")
    delta = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["queue_id"], name="tally_queue", include=["severity", "state", "delta"])]


from seacliff.review.reporters.models import Brigade, Trust  # noqa: E402  Case names Brigade
from seacliff.review.tiers.models import Deliberation, Precedent, Seat, TierPlan, Vote  # noqa: E402  they name Case

__all__ = [
    "AsideWork",
    "AskWait",
    "Backtest",
    "Brigade",
    "Case",
    "CaseReport",
    "Decision",
    "Deliberation",
    "Look",
    "Precedent",
    "Queue",
    "RuleSet",
    "SearchDocument",
    "Seat",
    "SetAside",
    "ShadowResult",
    "Tally",
    "TierPlan",
    "Trust",
    "Unindexed",
    "Vote",
    "Work",
]
