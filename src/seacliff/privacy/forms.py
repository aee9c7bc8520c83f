"""Forms of the privacy pages: they validate; actions write."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from seacliff.privacy.models import Hold, Request

AREA = {"rows": 3}


def day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"})


class HoldForm(forms.Form):
    on = forms.ChoiceField(label=_("On"), choices=Hold.On.choices)
    thing = forms.CharField(
        label=_("Which"), max_length=500,
        help_text=_("A case's number (C-1001), a target's identifier, a reporter's address or key, or words."),
    )  # fmt: skip
    matter = forms.CharField(
        label=_("Matter"), max_length=300, help_text=_("What it is for: a court's or an inquiry's number.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=4000, widget=forms.Textarea(attrs=AREA))
    review_on = forms.DateField(
        label=_("Look again on"), widget=day(), help_text=_("Somebody asks then whether it is still needed.")
    )
    until = forms.DateField(
        label=_("Ends by itself on"),
        required=False,
        widget=day(),
        help_text=_("Leave it empty if it must be released."),
    )


class RequestForm(forms.Form):
    kind = forms.ChoiceField(label=_("They ask"), choices=Request.Kind.choices)
    party = forms.ChoiceField(label=_("They are"), choices=Request.Party.choices)
    asked_as = forms.CharField(
        label=_("Known here as"), max_length=500,
        help_text=_("The address they reported from; for the reported, the product's identifier or their address."),
    )  # fmt: skip
    contact = forms.CharField(label=_("Where they are answered"), max_length=500, required=False)
    said = forms.CharField(
        label=_("In their words"), max_length=10_000, required=False, widget=forms.Textarea(attrs=AREA)
    )
    received_on = forms.DateField(label=_("Received on"), required=False, widget=day(),
                                  help_text=_("Today if you leave it empty. A month runs from then."))  # fmt: skip


class PlanForm(forms.Form):
    """A general rule for each class, special rules beneath, and what holds for all of them."""

    guard = forms.IntegerField(
        label=_("Guard, in percent"), min_value=1, max_value=100,
        help_text=_("When more of a class would go than this, a person must say why that is right."),
    )  # fmt: skip
    unattended = forms.BooleanField(
        label=_("Run by itself"), required=False,
        help_text=_("A daily preview that has stood for 20 hours and stays under the guard is carried out."),
    )  # fmt: skip
    special = forms.CharField(
        label=_("Special rules"), required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("One a line: class days product=… category=… outcome=…, such as “report-text 1095 category=fraud-scam”. "
                    "“keep” instead of days keeps for good."),
    )  # fmt: skip
    change = forms.CharField(
        label=_("What changes, and why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


def special_rules(text: str) -> list[dict[str, Any]]:
    """The lines of the form as rules, for plan.said(), which refuses what they can't mean."""
    rules: list[dict[str, Any]] = []
    for line in text.splitlines():
        words = line.split()
        if not words:
            continue
        rule: dict[str, Any] = {"data_class": words[0], "days": _days(words[1] if len(words) > 1 else "")}
        for word in words[2:]:
            name, _sign, value = word.partition("=")
            rule[name] = value
        rules.append(rule)
    return rules


def _days(word: str) -> int | str | None:
    return None if word == "keep" else int(word) if word.isdecimal() else word
