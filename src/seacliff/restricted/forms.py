"""Forms of the restricted pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from seacliff.restricted.models import Contact, Referral


class ReferralForm(forms.Form):
    incident = forms.ChoiceField(label=_("Kind of incident"), choices=Referral.Incident.choices)
    incident_at = forms.DateTimeField(
        label=_("When (UTC)"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    urgent = forms.CharField(
        label=_("Why it can't wait, if it can't"),
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    said = forms.CharField(
        label=_("What the hotline should know"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Facts only. Who reported is never told: the company reports."),
    )


class ContactForm(forms.ModelForm):
    class Meta:
        model = Contact
        fields = ["country", "name", "how", "position"]
