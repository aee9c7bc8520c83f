from django import forms
from django.utils.translation import gettext_lazy as _

from seacliff.enforcement.models import Endpoint


class EndpointForm(forms.ModelForm):
    hears = forms.CharField(
        label=_("Hears"),
        help_text=_(
            "Types of events, separated by spaces: action.* for what to do, case.decided, or * for everything."
        ),
        initial="action.*",
    )

    class Meta:
        model = Endpoint
        fields = ["name", "url", "hears", "is_active"]
        labels = {"name": _("Name"), "url": _("Address"), "is_active": _("Active")}
        help_texts = {"url": _("Where your product takes webhooks. Redirects are not followed.")}
        widgets = {"name": forms.TextInput}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if self.instance.hears:
            self.initial["hears"] = " ".join(self.instance.hears)

    def clean_hears(self) -> list[str]:
        return self.cleaned_data["hears"].replace(",", " ").split()
