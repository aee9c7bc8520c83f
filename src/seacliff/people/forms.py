"""Forms of the people pages: they validate; actions write."""

import zoneinfo
from datetime import datetime, timedelta
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from seacliff.people import skills
from seacliff.people.models import Function, Team, User
from seacliff.people.permissions import Role


class RoleFields(forms.Form):
    roles = forms.MultipleChoiceField(
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="What each role may do is listed under Permissions.",
    )
    tier = forms.TypedChoiceField(
        choices=skills.tier_choices,
        coerce=int,
        initial=1,
        label="Highest tier",
        help_text="For those who decide cases.",
    )


class InviteForm(RoleFields):
    email = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(max_length=200, required=False, help_text="They can change it when they join.")
    field_order = ["email", "name", "roles", "tier"]


class PersonForm(RoleFields):
    name = forms.CharField(max_length=200)
    categories = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Harms they review",
        help_text="None ticked means all of them.",
    )
    languages = forms.CharField(
        required=False, label="Languages they read", help_text="Codes such as: en, de, es, pt-br. Empty means any."
    )
    field_order = ["name", "roles", "tier", "languages", "categories"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        categories = cast(forms.MultipleChoiceField, self.fields["categories"])
        categories.choices = skills.category_choices()
        if not categories.choices:
            del self.fields["categories"]

    def clean_languages(self) -> list[str]:
        codes = [code.strip().lower() for code in self.cleaned_data["languages"].split(",") if code.strip()]
        unknown = [code for code in codes if not skills.is_language(code)]
        if unknown:
            raise forms.ValidationError(f"No such language: {', '.join(unknown)}. Write codes such as en, de, pt-br.")
        return sorted(set(codes))

    @staticmethod
    def initial_of(user: User) -> dict[str, Any]:
        return {
            "name": user.name,
            "roles": user.roles,
            "tier": user.tier,
            "categories": user.categories,
            "languages": ", ".join(user.languages),
        }


class JoinForm(forms.Form):
    email = forms.EmailField(
        label=_("Your e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        help_text=_("As colleagues should see it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("Choose a password"),
        help_text=_("At least 12 characters. A few words in a row are good, and easy to remember."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "minlength": 12}),
    )

    def __init__(self, *args: Any, email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = email
        if email:
            del self.fields["email"]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("password"):
            somebody = User(email=self.address or given.get("email", ""), name=given.get("name", ""))
            try:
                validate_password(given["password"], somebody)
            except forms.ValidationError as problem:
                self.add_error("password", problem)
        return given


class SettingsForm(forms.Form):
    name = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    language = forms.ChoiceField(choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(
        label="Time zone", choices=lambda: [(name, name.replace("_", " ")) for name in time_zones()]
    )


def time_zones() -> list[str]:
    """Those named by place, and UTC."""
    return ["UTC", *sorted(name for name in zoneinfo.available_timezones() if "/" in name and name[:4] != "Etc/")]


class TokenForm(forms.Form):
    LIVES = [("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "until revoked")]

    name = forms.CharField(max_length=100, help_text="What will use it, such as: meeting service, production.")
    life = forms.ChoiceField(choices=LIVES, required=False, initial="90", label="Works for")
    scopes = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, help_text="Tick as little as the program needs."
    )

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.MultipleChoiceField, self.fields["scopes"]).choices = [
            (scope, scope) for scope in sorted(owner.permissions)
        ]

    def expires_at(self) -> datetime | None:
        days = self.cleaned_data["life"]
        return timezone.now() + timedelta(days=int(days)) if days else None


class FunctionForm(forms.ModelForm):
    class Meta:
        model = Function
        fields = ["name", "slug", "description"]
        widgets = {"name": forms.TextInput, "description": forms.Textarea(attrs={"rows": 2})}
        help_texts = {"slug": "Short name for addresses and imports, such as government-relations."}


class TeamForm(forms.Form):
    name = forms.CharField(max_length=100, label="Team")


class PlaceForm(forms.Form):
    person = forms.ModelChoiceField(User.objects.filter(is_active=True).order_by("name"))
    team = forms.ModelChoiceField(Team.objects.none(), required=False, empty_label="no team")

    def __init__(self, *args: Any, function: Function, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        team = cast(forms.ModelChoiceField, self.fields["team"])
        team.queryset = function.teams.order_by("name")
        team.label_from_instance = lambda obj: obj.name  # type: ignore[method-assign]
