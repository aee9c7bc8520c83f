"""The evidence ledger, what the company's own tables say of its accounts, and what the worker has read off the inputs."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from seacliff.partners.models import Ask
from seacliff.people.models import User
from seacliff.record.ids import uuid7
from seacliff.record.versions import Version, one_in_force

FROZEN = (
    *("number", "question", "design", "plan", "population", "unit", "worth", "worth_basis", "overlap", "code_version"),
    *("proposed_at", "proposed_by_id", "origin"),
)
KEEP_FINDING = """
IF OLD.state IN ('offered', 'declined') THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END IF;
IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'Finding F-% was proposed: it is superseded, never deleted.', OLD.number
        USING ERRCODE = 'integrity_constraint_violation';
END IF;
IF NEW.state <> 'proposed' OR (OLD.data_hash <> '' AND NEW.data_hash IS DISTINCT FROM OLD.data_hash) OR ({changed}) THEN
    RAISE EXCEPTION 'Finding F-% was proposed: what it asks and on which data stays. Supersede it by another.', OLD.number
        USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN NEW;
""".format(changed=" OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in FROZEN))
OWN_CURRENT = """
IF TG_OP = 'INSERT' AND NEW.current_id IS NULL OR TG_OP = 'UPDATE' AND NEW.current_id IS NOT DISTINCT FROM OLD.current_id THEN
    RETURN NEW;
END IF;
IF TG_OP = 'UPDATE' AND OLD.current_id IS NOT NULL OR NOT EXISTS (SELECT FROM value_run
    WHERE id = NEW.current_id AND finding_id = NEW.id AND state = 'done' AND data_hash = NEW.data_hash) THEN
    RAISE EXCEPTION 'What counts for F-% is the first estimate of its own that was made on the frozen rows.', NEW.number
        USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN NEW;
"""
KEEP_RUN = """
IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'waiting' THEN
        RAISE EXCEPTION 'An estimate is asked for before it is made.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM value_finding WHERE id = NEW.finding_id AND state = 'proposed' AND data_hash <> '') THEN
        RAISE EXCEPTION 'Propose the finding, data and all, before its estimate is made.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END IF;
IF OLD.state <> 'waiting' OR TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'An estimate that was made stays, whatever it says.' USING ERRCODE = 'integrity_constraint_violation';
END IF;
IF NEW.grade <> '' AND (NEW.grade = 'D') <>
    EXISTS (SELECT FROM value_finding WHERE id = NEW.finding_id AND design = 'survey') THEN
    RAISE EXCEPTION 'What was told is of grade D, and nothing else is.' USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN NEW;
"""


KEEP_PROMISE = """
IF TG_OP = 'DELETE' OR (OLD.held <> '' AND NEW.held IS DISTINCT FROM OLD.held) OR ({changed}) THEN
    RAISE EXCEPTION 'A promise stays as it was made, and so does what came of it.'
        USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN NEW;
""".format(
    changed=" OR ".join(
        f"NEW.{column} IS DISTINCT FROM OLD.{column}"
        for column in ("asked", "measure", "promised", "due", "baseline", "made_at", "by_id")
    )
)


class Finding(models.Model):
    """A claim about effect or value. Question, design, population, data and code are fixed before its estimate is made."""

    class State(models.TextChoices):
        OFFERED = "offered", "Offered, waits for somebody to propose it"
        PROPOSED = "proposed", "Proposed"
        DECLINED = "declined", "Declined"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.BigIntegerField(
        unique=True, editable=False, db_default=models.Func(models.Value("value_finding_number"), function="nextval")
    )
    state = models.TextField(choices=State, default=State.PROPOSED)
    question = models.TextField()
    design = models.TextField(help_text="Slug of ledger.designs")
    plan = models.JSONField(default=dict, help_text="ledger.plans.Plan: outcome, who, from when until when")
    population = models.TextField(blank=True, default="", help_text="Whom it speaks of, in words")
    unit = models.TextField(blank=True, default="", help_text="What one unit of the estimate is")
    worth = models.FloatField(null=True, help_text="Money a year for one unit of the estimate; empty: not put in money")
    worth_basis = models.TextField(blank=True, default="", help_text="Accounts affected x margin x horizon, and whence")
    overlap = models.TextField(blank=True, default="", help_text="Findings of one group are never added up")
    origin = models.TextField(null=True, unique=True, help_text="What offered it, such as policy-version:<id>")
    owner = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    code_version = models.TextField(blank=True, default="")
    data_hash = models.TextField(blank=True, default="", help_text="Of the rows it will be estimated on")
    data_rows = models.PositiveIntegerField(default=0)
    frozen_at = models.DateTimeField(null=True)
    at_once = models.BooleanField(default=False, help_text="Estimated as soon as its data are frozen")
    trouble = models.TextField(blank=True, default="", help_text="Why its data could not be read")
    declined_because = models.TextField(blank=True, default="")
    current = models.ForeignKey("value.Run", null=True, on_delete=models.PROTECT, related_name="+",
                                help_text="What counts: the first estimate on the frozen rows")  # fmt: skip
    ask = models.ForeignKey(Ask, null=True, on_delete=models.PROTECT, related_name="+", help_text="Finance's sign-off")
    superseded_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="supersedes")
    superseded_because = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="proposed") | Q(proposed_at__isnull=False) & ~Q(code_version=""),
                name="finding_proposed_whole",
            ),
            models.CheckConstraint(
                condition=Q(worth__isnull=True) | ~Q(worth_basis=""), name="finding_worth_has_basis"
            ),
            models.CheckConstraint(
                condition=~Q(design="survey") | Q(worth__isnull=True), name="finding_survey_not_in_money"
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(declined_because=""), name="finding_declined_why"
            ),
            models.CheckConstraint(
                condition=Q(superseded_by__isnull=True) | ~Q(superseded_because=""), name="finding_superseded_why"
            ),
            models.CheckConstraint(condition=~Q(superseded_by=models.F("id")), name="finding_not_by_itself"),
        ]
        indexes = [
            models.Index(
                fields=["id"], name="finding_to_freeze", condition=Q(state="proposed", data_hash="", trouble="")
            ),
            models.Index(fields=["state", "-id"], name="finding_state"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="proposed_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=KEEP_FINDING,
            ),
            pgtrigger.Trigger(
                name="current_its_own",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=OWN_CURRENT,
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        return f"F-{self.number}"

    @property
    def is_frozen(self) -> bool:
        return bool(self.data_hash)


class Run(models.Model):
    """One estimate of a finding, with everything it takes to judge it. It stays, whatever it says."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waits for the worker"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    class Grade(models.TextChoices):
        A = "A", "Randomised"
        B = "B", "Design-based, every diagnostic passed"
        C = "C", "Adjusted observational, robustness shown"
        D = "D", "Survey or benchmark"
        X = "X", "A diagnostic failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="runs")
    state = models.TextField(choices=State, default=State.WAITING)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    data_hash = models.TextField(blank=True, default="")
    code_version = models.TextField(blank=True, default="")
    grade = models.TextField(choices=Grade, blank=True, default="")
    estimate = models.FloatField(null=True)
    low = models.FloatField(null=True, help_text="Empty: without bound")
    high = models.FloatField(null=True, help_text="Empty: without bound")
    n = models.PositiveBigIntegerField(default=0)
    refusal = models.TextField(blank=True, default="")
    result = models.JSONField(default=dict, help_text="designs.result.Result as plain values")
    error = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["finding"], condition=Q(state="waiting"), name="run_one_at_once"),
            models.CheckConstraint(
                condition=~Q(state="done") | ~Q(grade="") | ~Q(refusal=""), name="run_graded_or_refused"
            ),
            models.CheckConstraint(
                condition=Q(refusal="") | Q(grade="", estimate__isnull=True), name="run_refusal_bare"
            ),
        ]
        indexes = [models.Index(fields=["id"], name="run_waiting", condition=Q(state="waiting"))]
        triggers = [
            pgtrigger.Trigger(
                name="made_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=KEEP_RUN,
            )
        ]

    @property
    def data_changed(self) -> bool:
        """Whether the rows were others than those it was proposed on."""
        return bool(self.data_hash) and self.data_hash != self.finding.data_hash

    @property
    def code_changed(self) -> bool:
        """Whether the code or its libraries were others than those it was proposed with."""
        return bool(self.code_version) and self.code_version != self.finding.code_version


class Assumptions(Version):
    """What money and duty are reckoned with (assumptions.Costs). A version; the one without an end holds."""

    costs = models.JSONField()
    holds_from = models.DateField(null=True, help_text="From which day on; empty: for all time before, too")
    change = models.TextField(help_text="What changed, and who says so")
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta(Version.Meta):
        constraints = [one_in_force("assumptions_one")]


class Reading(models.Model):
    """Something the worker reads off the inputs, so that no page waits for a year of rows."""

    class Kind(models.TextChoices):
        QUALITY = "quality"
        OPERATIONS = "operations"
        STAFFING = "staffing"
        OFFERS = "offers"

    kind = models.TextField(primary_key=True, choices=Kind)
    asked_at = models.DateTimeField(null=True, help_text="Set: to be made anew")
    made_at = models.DateTimeField(null=True)
    content = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="")


class Draft(models.Model):
    """Words of the page for the board that somebody may edit: the ask, the investment case, the cut plan."""

    class Kind(models.TextChoices):
        ASK = "ask", "The ask"
        INVESTMENT = "investment", "Investment case"
        CUT = "cut", "Cut plan"
        NOT_MONEY = "not-money", "What is not put in money"

    kind = models.TextField(primary_key=True, choices=Kind)
    text = models.TextField(blank=True, default="")
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(null=True)
    ledger = models.TextField(blank=True, default="", db_default="", help_text="board.drafts.ledger_of when it was written")


class Promise(models.Model):
    """What was asked of those who hold the budget, and what was promised for it; what came of it by its day (promises)."""

    class Answer(models.TextChoices):
        OPEN = "open", "Not answered yet"
        GRANTED = "granted", "Granted"
        PARTLY = "partly", "Partly granted"
        REFUSED = "refused", "Refused"

    class Held(models.TextChoices):
        KEPT = "kept", "Kept"
        MISSED = "missed", "Missed"
        UNCLEAR = "unclear", "Can't be told: the interval lies on both sides"
        VOID = "void", "Void: it was not granted"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    asked = models.TextField(help_text="What was asked for")
    measure = models.TextField(help_text="Slug of promises.measures")
    promised = models.FloatField(help_text="In the measure's unit; a share is 0 to 1")
    baseline = models.FloatField(null=True, help_text="The measure when it was asked for, where it was known")
    due = models.DateField(help_text="By when it was promised")
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    answer = models.TextField(choices=Answer, default=Answer.OPEN)
    answered_on = models.DateField(null=True, help_text="From this day its measure is counted")
    found = models.FloatField(null=True)
    found_low = models.FloatField(null=True)
    found_high = models.FloatField(null=True)
    held = models.TextField(choices=Held, blank=True, default="")
    reviewed_at = models.DateTimeField(null=True)
    comment = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="open", answered_on__isnull=True) | ~Q(answer="open") & Q(answered_on__isnull=False),
                name="promise_answered_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(held__in=("kept", "missed", "unclear")) | Q(found__isnull=False),
                name="promise_held_by_a_figure",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="promise_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=KEEP_PROMISE,
            )
        ]

    @property
    def is_due(self) -> bool:
        """Its day is over, and nobody or nothing has said yet what came of it."""
        return not self.held and self.due < timezone.now().date()


class AccountDay(models.Model):
    """A day of an account, as the company's own systems have it (inputs.schema): kept here where no warehouse is named."""

    id = models.BigAutoField(primary_key=True)
    account_id = models.TextField()
    date = models.DateField()
    plan = models.TextField(blank=True, default="")
    revenue = models.FloatField(default=0.0)
    active = models.BooleanField(default=True)
    churned_at = models.DateField(null=True)
    market = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account_id", "date"], name="account_day_once")]


class Launch(models.Model):
    """A change that shipped: where or to whom, and when. One row for each unit (a market, or all)."""

    row = models.BigAutoField(primary_key=True)
    id = models.TextField()
    name = models.TextField(blank=True, default="")
    unit = models.TextField(blank=True, default="", help_text="The market it shipped to; empty: everywhere")
    shipped_at = models.DateField()
    category = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["id", "unit"], name="launch_once_a_unit")]


class Lot(models.Model):
    """Whom chance assigned to a launch."""

    row = models.BigAutoField(primary_key=True)
    launch_id = models.TextField()
    account_id = models.TextField()
    assigned = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["launch_id", "account_id"], name="lot_once")]
