"""Forms of the value pages: they validate; actions write."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from seacliff.people.models import User
from seacliff.policy.models import Policy
from seacliff.policy.queries import category_choices
from seacliff.review.models import Queue
from seacliff.value.assumptions import Costs
from seacliff.value.ledger.actions import Proposal, Worth
from seacliff.value.ledger.catalogue import Design
from seacliff.value.ledger.launched import launches_known
from seacliff.value.ledger.plans import Plan
from seacliff.value.ledger.queries import overlaps
from seacliff.value.ledger.surveys import Survey
from seacliff.value.promises.measures import MEASURES


def day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"})


class ProposalForm(forms.Form):
    """What is fixed before an estimate is made: what the design looks at, and what every finding says. The verb checks."""

    question = forms.CharField(
        label=_("Question"), max_length=5000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("As you would put it to somebody who wants the answer to be no."),
    )  # fmt: skip
    outcome = forms.ChoiceField(label=_("Outcome"))
    launch = forms.ChoiceField(label=_("Launch"), help_text=_("From the table of launches."))
    planned = forms.FloatField(label=_("Share that the lot was to choose"), initial=0.5, min_value=0, max_value=1, help_text=_(
        "As it was planned, not as it came out: that the lot was followed is looked at."))  # fmt: skip
    threshold = forms.FloatField(label=_("Threshold of the score"),
                                 help_text=_("Acted on from this score on, as long as From and Until say."))  # fmt: skip
    policy = forms.ChoiceField(label=_("Policy"))
    category = forms.ChoiceField(label=_("Category"))
    queue = forms.ChoiceField(label=_("Queue"))
    changed_at = forms.DateField(label=_("Changed on"), widget=day())
    since = forms.DateField(label=_("From"), widget=day(), help_text=_("Empty: all that is there."))
    until = forms.DateField(label=_("Until"), widget=day(), help_text=_(
        "The first day that is not looked at, neither a case nor what came of it. Empty: today."))  # fmt: skip
    horizon_days = forms.IntegerField(label=_("Horizon, in days"), initial=28, min_value=1, max_value=730,
                                      help_text=_("How long after it the outcome is looked at."))  # fmt: skip
    plausible = forms.FloatField(label=_("Largest plausible effect"), help_text=_(
        "In units of the outcome. A design that could only show larger ones is refused."))  # fmt: skip
    only_random = forms.BooleanField(label=_("Only cases that chance handed out"))
    population = forms.CharField(label=_("Whom it speaks of"), required=False, max_length=2000)
    overlap = forms.CharField(label=_("Overlap group"), required=False, max_length=100, help_text=_(
        "Findings of one question are never added up, nor are those of one group. Name one where no rule can know."))  # fmt: skip
    accounts = forms.FloatField(label=_("Accounts it is about, a year"), required=False, help_text=_(
        "To put it in money: how many accounts, or cases. Empty: it is not put in money."))  # fmt: skip
    margin = forms.FloatField(label=_("Worth of a unit for one of them"), required=False,
                              help_text=_("Contribution margin, in your currency."))  # fmt: skip
    times = forms.FloatField(label=_("How often a year"), required=False,
                             help_text=_("A unit of four weeks comes 13 times, one of a week 52 times."))  # fmt: skip
    source = forms.CharField(label=_("Whence these are"), required=False, max_length=2000,
                             help_text=_("In a sentence: who says so, as of when."))  # fmt: skip
    at_once = forms.BooleanField(label=_("Estimate as soon as the data are frozen"), required=False)
    owner = forms.ModelChoiceField(label=_("Owner"), required=False, queryset=User.objects.none())

    def __init__(self, design: Design, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.design = design
        fields: dict[str, Any] = self.fields
        for name in set(Plan.__struct_fields__) & set(fields) - {"outcome", *design.looks_at}:
            del fields[name]
        for name in set(fields) & set(Plan.__struct_fields__):
            fields[name].required = name in ("outcome", *design.needs, "plausible")
        fields["owner"].queryset = User.objects.filter(is_active=True).order_by("name")
        fields["overlap"].widget.attrs["list"] = "overlaps"
        self.overlaps = overlaps()
        choices: dict[str, Callable[[], Sequence[tuple[str, Any]]]] = {
            "outcome": lambda: [(slug, words[0]) for slug, words in design.outcomes.items()],
            "category": lambda: [("", "–" if "category" in design.needs else _("All")), *category_choices()],
            "queue": lambda: [("", _("All")), *Queue.objects.values_list("slug", "name")],
            "policy": lambda: [("", "–"), *Policy.objects.order_by("slug").values_list("slug", "slug")],
            "launch": lambda: [("", "–"), *(launches_known() or {}).items()],
        }
        for name in choices.keys() & fields.keys():
            fields[name].choices = choices[name]()

    @property
    def proposal(self) -> Proposal:
        said = self.cleaned_data
        given = {name: said[name] for name in Plan.__struct_fields__ if said.get(name) not in (None, "")}
        return Proposal(said["question"], Plan(self.design.slug, **given), said["population"], said["overlap"], self._worth(),
                        said["owner"], said["at_once"])  # fmt: skip

    def _worth(self) -> Worth | None:
        """None where nothing was said of money; what is missing otherwise, the verb says."""
        said = self.cleaned_data
        if not any(said[name] for name in ("accounts", "margin", "times", "source")):
            return None
        return Worth(said["accounts"] or 0.0, said["margin"] or 0.0, said["times"] or 0.0, said["source"])


class SurveyForm(forms.Form):
    """What people said, or others measured elsewhere."""

    question = forms.CharField(label=_("Question"), max_length=5000, widget=forms.Textarea(attrs={"rows": 2}))
    figure = forms.FloatField(label=_("Figure"))
    low = forms.FloatField(label=_("Low"), help_text=_("Of its 95% interval. Without one, a survey is a rumour."))
    high = forms.FloatField(label=_("High"))
    unit = forms.CharField(label=_("Of what the figure is"), max_length=200,
                           help_text=_("Share of hosts who would recommend it, days of a year."))  # fmt: skip
    answers = forms.IntegerField(label=_("How many were asked or measured"), min_value=1)
    population = forms.CharField(label=_("Whom it speaks of"), max_length=2000)
    source = forms.CharField(label=_("Source"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), help_text=_(
        "In a sentence: who asked or measured whom, and where it is written."))  # fmt: skip
    told_on = forms.DateField(label=_("As of"), widget=day())

    @property
    def survey(self) -> Survey:
        return Survey(**self.cleaned_data)


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
