"""Forms of the wellness pages."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from seacliff.people.models import User
from seacliff.people.skills import category_choices
from seacliff.wellness.models import Preference


class PreferenceForm(forms.ModelForm):
    opted_out = forms.MultipleChoiceField(
        label=_("Not for me"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("These harms are not offered to you. Nobody is told which."),
    )

    class Meta:
        model = Preference
        fields = ["opted_out", "blurred", "greyscale", "muted", "break_minutes"]
        labels = {
            "blurred": _("Pictures come up blurred"),
            "greyscale": _("Pictures come up grey"),
            "muted": _("Sound is off until I ask"),
            "break_minutes": _("Propose a break after minutes at work"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.MultipleChoiceField, self.fields["opted_out"]).choices = category_choices()

    def clean_break_minutes(self) -> int:
        return max(10, min(240, self.cleaned_data["break_minutes"]))


class BudgetForm(forms.Form):
    user = forms.ModelChoiceField(
        label=_("For"), queryset=User.objects.none(), required=False, empty_label=_("everybody")
    )
    category = forms.ChoiceField(label=_("Harm"), required=False)
    most = forms.IntegerField(label=_("Cases a day, at most"), min_value=1, max_value=10_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reviewers = User.objects.filter(is_active=True, roles__overlap=["reviewer", "lead"]).order_by("name")
        cast(forms.ModelChoiceField, self.fields["user"]).queryset = reviewers
        cast(forms.ChoiceField, self.fields["category"]).choices = [("", _("all harms together")), *category_choices()]
