"""Forms of the value pages: they validate; actions write."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from seacliff.people.models import User
from seacliff.policy.queries import category_choices
from seacliff.review.models import Queue
from seacliff.value.ledger.actions import Proposal
from seacliff.value.ledger.designs import ALL
from seacliff.value.ledger.plans import Plan
from seacliff.value.ledger.queries import overlaps


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
    since = forms.DateField(label=_("From"), required=False, widget=day())
    until = forms.DateField(label=_("Until"), required=False, widget=day())
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

    @property
    def proposal(self) -> Proposal:
        said = self.cleaned_data
        plan = Plan(**{name: said[name] for name in Plan.__struct_fields__ if said.get(name) not in (None, "")})
        return Proposal(said["question"], plan, said["population"], said["overlap"], said["worth"], said["worth_basis"],
                        said["owner"])  # fmt: skip
