"""Forms of the pages for messages that need a human."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from seacliff.intake import queries
from seacliff.intake.incoming import LIMITS, NewReport, reporter_key
from seacliff.intake.models import Message
from seacliff.policy.queries import category_choices
from seacliff.targets.models import Kind

REASON_MOST = 2_000


class ByHandForm(forms.Form):
    """A report as a person reads it out of a message."""

    product = forms.ChoiceField(label=_("Product"))
    category = forms.ChoiceField(label=_("What is it about?"))
    target_kind = forms.ChoiceField(label=_("Kind of target"), choices=Kind.choices, initial=Kind.URL)
    target_ref = forms.CharField(
        label=_("Target"),
        max_length=LIMITS["target_ref"],
        help_text=_("An ID, a link, an address: as the message has it."),
    )
    text = forms.CharField(
        label=_("What the message says"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 5}), required=False
    )
    reporter_email = forms.EmailField(
        label=_("Reporter's address"), required=False, help_text=_("Who is told what was decided.")
    )

    def __init__(self, *args: Any, message: Message, **options: Any) -> None:
        super().__init__(*args, **options)
        self.products = queries.products()
        self.fields["product"].choices = [(one.slug, one.name) for one in self.products.values()]  # type: ignore[attr-defined]
        self.fields["category"].choices = [("", _("Choose…")), *category_choices()]  # type: ignore[attr-defined]
        home = queries.product_by_id(message.product_id)
        self.fields["product"].initial = home.slug if home else None
        self.fields["reporter_email"].initial = message.sender if "@" in message.sender else ""

    def report(self) -> NewReport:
        said = self.cleaned_data
        product = self.products[said["product"]]
        ref = " ".join(said["target_ref"].split())
        return NewReport(
            product_id=product.id,
            category=said["category"],
            target_kind=said["target_kind"],
            target_ref=ref,
            url=ref if ref.startswith(("http://", "https://")) else "",
            text=said["text"],
            reporter_email=said["reporter_email"],
            reporter_key=reporter_key(product.slug, email=said["reporter_email"]),
        )


class SetAsideForm(forms.Form):
    reason = forms.CharField(
        label=_("Why nothing follows from it"), max_length=REASON_MOST, widget=forms.Textarea(attrs={"rows": 2})
    )
