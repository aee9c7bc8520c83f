"""Forms of the value pages: they validate; actions write."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from seacliff.people.models import User
from seacliff.policy.models import Policy
from seacliff.policy.queries import category_choices
from seacliff.review.models import Queue
from seacliff.value.assumptions import Costs
from seacliff.value.ledger.actions import Proposal
from seacliff.value.ledger.catalogue import ALL, Design
from seacliff.value.ledger.plans import Plan
from seacliff.value.ledger.queries import overlaps
from seacliff.value.promises.measures import MEASURES


def day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"})


class ProposalForm(forms.Form):
    """What is fixed before an estimate is made. Which fields a design needs, the verb checks."""

    question = forms.CharField(
        label=_("Question"), max_length=5000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("As you would put it to somebody who wants the answer to be no."),
    )  # fmt: skip
    design = forms.ChoiceField(label=_("Design"), choices=[(one.slug, f"{one.label} ({one.best})") for one in ALL])
    outcome = forms.ChoiceField(label=_("Outcome"))
    launch = forms.CharField(label=_("Launch"), required=False, max_length=200,
                             help_text=_("Its id in the table of launches; for a lot and for markets."))  # fmt: skip
    category = forms.ChoiceField(label=_("Category"), required=False)
    queue = forms.ChoiceField(label=_("Queue"), required=False)
    changed_at = forms.DateField(label=_("Changed on"), required=False, widget=day(), help_text=_("For one series."))
    threshold = forms.FloatField(label=_("Threshold of the score"), required=False,
                                 help_text=_("Acted on from this score on, as long as From and Until say."))  # fmt: skip
    policy = forms.ChoiceField(label=_("Policy"), required=False, help_text=_("For a threshold of strikes."))
    since = forms.DateField(label=_("From"), required=False, widget=day(), help_text=_("Empty: all that is there."))
    until = forms.DateField(label=_("Until"), required=False, widget=day(),
                            help_text=_("The first day that is not looked at any more. For a lot leave both empty."))  # fmt: skip
    horizon_days = forms.IntegerField(label=_("Horizon, in days"), initial=28, min_value=1, max_value=730)
    plausible = forms.FloatField(
        label=_("Largest plausible effect"), required=False,
        help_text=_("In units of the outcome. A design that could only show larger ones is refused."),
    )  # fmt: skip
    only_random = forms.BooleanField(label=_("Only cases that chance handed out"), required=False)
    population = forms.CharField(label=_("Whom it speaks of"), required=False, max_length=2000)
    overlap = forms.CharField(label=_("Overlap group"), required=False, max_length=100,
                              help_text=_("Findings of one group are never added up."))  # fmt: skip
    worth = forms.FloatField(label=_("Worth of a unit, a year"), required=False,
                             help_text=_("Empty: it is not put in money."))  # fmt: skip
    worth_basis = forms.CharField(label=_("How that was reckoned"), required=False, max_length=2000,
                                  help_text=_("Accounts affected × contribution margin × horizon, and whence."))  # fmt: skip
    at_once = forms.BooleanField(label=_("Estimate as soon as the data are frozen"), required=False)
    owner = forms.ModelChoiceField(label=_("Owner"), required=False, queryset=User.objects.none())

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        outcomes = [
            (one.label, [(f"{one.slug}.{slug}", words[0]) for slug, words in one.outcomes.items()]) for one in ALL
        ]
        every = [("", _("All"))]
        fields: dict[str, Any] = self.fields
        fields["outcome"].choices = outcomes
        fields["category"].choices = [*every, *category_choices()]
        fields["policy"].choices = [("", "–"), *Policy.objects.order_by("slug").values_list("slug", "slug")]
        fields["queue"].choices = [*every, *Queue.objects.values_list("slug", "name")]
        fields["owner"].queryset = User.objects.filter(is_active=True).order_by("name")
        fields["overlap"].widget.attrs["list"] = "overlaps"
        self.overlaps = overlaps()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        design, _dot, outcome = said.get("outcome", "").partition(".")
        if outcome and design != said.get("design"):
            self.add_error("outcome", _("This outcome belongs to another design."))
        said["outcome"] = outcome
        return said

    def looked_at(self, design: Design) -> str:
        """The fields that a design needs, and those that it looks at where they are filled; all do at the plausible effect."""
        names = dict.fromkeys((*design.needs, *design.takes, "plausible"))
        return ", ".join(str(self.fields[name].label) for name in names)

    @property
    def proposal(self) -> Proposal:
        said = self.cleaned_data
        plan = Plan(**{name: said[name] for name in Plan.__struct_fields__ if said.get(name) not in (None, "")})
        return Proposal(said["question"], plan, said["population"], said["overlap"], said["worth"], said["worth_basis"],
                        said["owner"], said["at_once"])  # fmt: skip


class PromiseForm(forms.Form):
    """What is asked for and what is promised for it."""

    asked = forms.CharField(label=_("What is asked for"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
                            help_text=_("As those who decide will read it: two reviewers for German, from March."))  # fmt: skip
    measure = forms.ChoiceField(label=_("What it will be held against"))
    promised = forms.FloatField(label=_("Promised"), min_value=0,
                                help_text=_("A share as a number from 0 to 1; money in your currency."))  # fmt: skip
    due = forms.DateField(label=_("By"), widget=day(), help_text=_("The day after it, the record is held against it."))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: dict[str, Any] = self.fields
        fields["measure"].choices = [(one.slug, one.label) for one in MEASURES.values()]


class CostsForm(forms.Form):
    """What money and shifts are reckoned with."""

    currency = forms.CharField(label=_("Currency"), max_length=8)
    loaded_cost = forms.FloatField(label=_("Cost of a reviewer, a year"), min_value=0,
                                   help_text=_("Loaded: pay, taxes, place, tools, a share of leads."))  # fmt: skip
    overhead = forms.FloatField(label=_("What the team costs besides, a year"), min_value=0)
    reviewers = forms.FloatField(label=_("Reviewers, full-time"), min_value=0,
                                 help_text=_("0: as many as have the role."))  # fmt: skip
    hours_a_day = forms.FloatField(label=_("Hours of a shift"), min_value=1, max_value=24)
    first_hour = forms.IntegerField(label=_("It begins at hour"), min_value=0, max_value=23)
    minutes_a_review = forms.FloatField(label=_("Minutes a review"), min_value=0.1,
                                        help_text=_("Where the record tells none."))  # fmt: skip
    absence = forms.FloatField(label=_("Share of days absent"), min_value=0, max_value=0.9)
    severe_hours_a_day = forms.FloatField(label=_("Hours of severe content a day, at most"), min_value=0,
                                          help_text=_("0: no cap."))  # fmt: skip
    fines_realised = forms.FloatField(label=_("Fines paid in the past year"), min_value=0)
    fines_cap = forms.FloatField(label=_("The highest fine that the law allows"), min_value=0)
    change = forms.CharField(label=_("What changed, and who says so"), max_length=2000)
    holds_from = forms.DateField(label=_("Holds from"), required=False, widget=day(),
                                 help_text=_("Days before stay priced as they were. Empty: these correct them too."))  # fmt: skip

    def __init__(self, *args: Any, first: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["holds_from"].initial = None if first else timezone.now().date()

    @property
    def costs(self) -> Costs:
        return Costs(**{name: self.cleaned_data[name] for name in Costs.__struct_fields__})
