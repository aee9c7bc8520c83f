"""The rule editor: one form a rule, in order."""

from typing import Any, cast

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from seacliff.people.skills import tier_choices
from seacliff.record.models import Calendar
from seacliff.review.models import Queue
from seacliff.review.routing.rules import playbook_choices

SETTINGS = ("severity", "rank", "queue", "tier", "hours", "calendar", "language", "playbook")
UNSET = ("", "–")


class RuleForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    when = forms.CharField(
        label=_("When"),
        widget=forms.Textarea(attrs={"rows": 2, "class": "mono", "spellcheck": "false", "autocapitalize": "off"}),
    )
    severity = forms.TypedChoiceField(label=_("Severity"), coerce=int, required=False, empty_value=None)
    queue = forms.ChoiceField(label=_("Queue"), required=False)
    tier = forms.TypedChoiceField(label=_("Tier"), coerce=int, required=False, empty_value=None)
    rank = forms.IntegerField(label=_("Rank"), min_value=-100, max_value=100, required=False)
    hours = forms.FloatField(label=_("Hours to a decision"), min_value=0.01, max_value=8760, required=False)
    calendar = forms.ChoiceField(label=_("Working hours of"), required=False)
    language = forms.CharField(label=_("Needs a speaker of"), max_length=12, required=False)

    playbook = forms.ChoiceField(label=_("Starts the playbook"), required=False)

    def __init__(self, *args: Any, queues: list, calendars: list, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        severities = [(n, str(n)) for n in (1, 2, 3, 4)]
        offered = {"severity": severities, "tier": tier_choices(), "queue": queues, "calendar": calendars,
                   "playbook": playbook_choices()}  # fmt: skip
        for name, choices in offered.items():
            cast(forms.ChoiceField, self.fields[name]).choices = [UNSET, *choices]

    @property
    def row(self) -> dict[str, Any]:
        """The rule as a rule set keeps it."""
        data = self.cleaned_data
        settings = {name: data[name] for name in SETTINGS if data.get(name) not in (None, "")}
        return {"name": data["name"], "when": data["when"].strip(), "set": settings}


class RuleForms(BaseFormSet):
    def rows(self) -> list[dict[str, Any]]:
        """The rules in their order, without the deleted ones and the empty one at the end."""
        return [form.row for form in self.ordered_forms if form.has_changed() or form.initial]


Formset = formset_factory(RuleForm, formset=RuleForms, extra=1, can_order=True, can_delete=True, max_num=200)


def rule_forms(rows: list[dict[str, Any]], data: Any = None) -> RuleForms:
    initial = [{"name": row["name"], "when": row["when"], **row.get("set", {})} for row in rows]
    choices = {
        "queues": list(Queue.objects.filter(retired_at=None).values_list("slug", "name")),
        "calendars": list(Calendar.objects.values_list("slug", "name")),
    }
    return cast(RuleForms, Formset(data, initial=initial, form_kwargs=choices, prefix="rules"))
