"""Forms of the policy pages: a draft's words, its guide, its harm categories, its notice texts, its publication."""

from datetime import datetime
from typing import Any

import msgspec
from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from seacliff.policy.actions import TextKey
from seacliff.policy.models import ActionKind, Category, NoticeText, PolicyVersion
from seacliff.record.written import NotYaml, as_yaml, yaml_of

LANGUAGES: list[tuple[str, str]] = list(settings.LANGUAGES)
TEXTS = [  # who is told what
    (NoticeText.Audience.REPORTER, NoticeText.Outcome.RECEIVED, lazy("To the reporter: we have it")),
    (NoticeText.Audience.REPORTER, NoticeText.Outcome.VIOLATION, lazy("To the reporter: we acted")),
    (NoticeText.Audience.REPORTER, NoticeText.Outcome.NO_VIOLATION, lazy("To the reporter: we did not act")),
    (NoticeText.Audience.AFFECTED, NoticeText.Outcome.VIOLATION, lazy("To the affected user: what we did and why")),
    (
        NoticeText.Audience.AFFECTED,
        NoticeText.Outcome.APPEAL_RECEIVED,
        lazy("To the affected user: we have the appeal"),
    ),
    (NoticeText.Audience.AFFECTED, NoticeText.Outcome.APPEAL_UPHELD, lazy("To the affected user: appeal, it stands")),
    (NoticeText.Audience.AFFECTED, NoticeText.Outcome.APPEAL_OVERTURNED, lazy("To the affected user: overturned")),
    (NoticeText.Audience.AFFECTED, NoticeText.Outcome.APPEAL_CHANGED, lazy("To the affected user: changed")),
    (NoticeText.Audience.AFFECTED, NoticeText.Outcome.CORRECTED, lazy("To the affected user: we corrected ourselves")),
    (NoticeText.Audience.REPORTER, NoticeText.Outcome.APPEAL_RECEIVED, lazy("To the reporter: we have the appeal")),
    (NoticeText.Audience.REPORTER, NoticeText.Outcome.APPEAL_UPHELD, lazy("To the reporter: appeal, it stands")),
    (NoticeText.Audience.REPORTER, NoticeText.Outcome.APPEAL_OVERTURNED, lazy("To the reporter: overturned")),
    (NoticeText.Audience.REPORTER, NoticeText.Outcome.APPEAL_CHANGED, lazy("To the reporter: changed")),
    (NoticeText.Audience.REPORTER, NoticeText.Outcome.CORRECTED, lazy("To the reporter: we corrected ourselves")),
]


class Answer(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    answer: str
    leads_to: str
    finding: str = ""
    actions: list[str] = []


class Question(msgspec.Struct, forbid_unknown_fields=True):
    question: str
    answers: list[Answer]
    help: str = ""


def read_guide(text: str) -> list[dict[str, Any]]:
    """The decision guide as it is written in YAML. Raises ValueError with a sentence that says where it is wrong."""
    try:
        rows = msgspec.convert(yaml_of(text) or [], list[Question])
    except NotYaml as error:
        raise ValueError(str(error)) from None
    except msgspec.ValidationError as error:
        raise ValueError(
            f"{error}. Each row has question, help and answers; each answer has answer and leads_to."
        ) from None
    return [msgspec.to_builtins(row) for row in rows]


def write_guide(guide: list[dict[str, Any]]) -> str:
    return as_yaml(guide) if guide else ""


class NewPolicyForm(forms.Form):
    title = forms.CharField(label=lazy("Title"), max_length=200)
    slug = forms.SlugField(
        label=lazy("Short name"), max_length=50, help_text=lazy("Small letters, digits and hyphens; links name it so.")
    )


class DraftForm(forms.Form):
    """A draft's content, language by language where the world reads it."""

    text = forms.CharField(
        label=lazy("Text"),
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 18}),
        help_text=lazy("Markdown. Published to everybody."),
        required=False,
    )
    guide = forms.CharField(
        label=lazy("Decision guide"),
        max_length=100_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 14, "class": "mono", "spellcheck": "false"}),
        help_text=lazy("YAML: rows of question, help and answers; each answer has answer and leads_to."),
    )
    allowed_actions = forms.MultipleChoiceField(
        label=lazy("Actions that may follow"),
        choices=ActionKind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    strike_weight = forms.IntegerField(
        label=lazy("A violation counts as this many strikes"), min_value=0, max_value=100
    )
    strike_days = forms.IntegerField(label=lazy("A strike expires after days"), min_value=1, max_value=3650)
    strike_threshold = forms.IntegerField(label=lazy("Strikes until the action below"), min_value=1, max_value=100)
    strike_action = forms.ChoiceField(label=lazy("Action at the threshold"), choices=ActionKind.choices)

    def __init__(self, data: Any = None, *, version: PolicyVersion) -> None:
        numbers = ("strike_weight", "strike_days", "strike_threshold", "strike_action", "allowed_actions", "text")
        initial = {name: getattr(version, name) for name in numbers} | {"guide": write_guide(version.guide)}
        for code, _name in LANGUAGES:
            initial[f"title_{code}"] = version.titles.get(code) or (version.title if code == "en" else "")
            initial[f"summary_{code}"] = version.summaries.get(code, "")
        super().__init__(data, initial=initial)
        words: dict[str, forms.Field] = {}
        for code, name in LANGUAGES:
            main = code == "en"
            words[f"title_{code}"] = forms.CharField(label=_("Title (%s)") % name, max_length=200, required=main)
            words[f"summary_{code}"] = forms.CharField(
                label=_("The rule in a sentence or two (%s)") % name,
                max_length=1_000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
                help_text=_("Quoted in notices and on the public page.") if main else "",
            )
        self.fields = words | self.fields

    def clean_guide(self) -> list[dict[str, Any]]:
        try:
            return read_guide(self.cleaned_data["guide"])
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from None

    def content(self) -> dict[str, Any]:
        """Fields of actions.CONTENT."""
        said = self.cleaned_data
        plain = (
            "text",
            "guide",
            "allowed_actions",
            "strike_weight",
            "strike_days",
            "strike_threshold",
            "strike_action",
        )
        by_language = {
            field: {code: said[f"{name}_{code}"] for code, _ in LANGUAGES if said[f"{name}_{code}"]}
            for field, name in (("titles", "title"), ("summaries", "summary"))
        }
        return {"title": said["title_en"], **by_language, **{name: said[name] for name in plain}}


class PublishForm(forms.Form):
    change = forms.CharField(
        label=lazy("What changed, and why"),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=lazy("For the public change log."),
    )
    effective_at = forms.DateTimeField(
        label=lazy("In force from"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=lazy("UTC; at once when empty."),
    )
    to_read = forms.BooleanField(
        label=lazy("Reviewers must read it"),
        required=False,
        initial=True,
        help_text=lazy("Each acknowledges the change before their next claim under this policy."),
    )

    def clean_effective_at(self) -> datetime | None:
        return self.cleaned_data["effective_at"]


class CategoryForm(forms.ModelForm):
    """A harm, with its name in each language."""

    class Meta:
        model = Category
        fields = ("slug", "severity", "position", "public")
        labels = {
            "slug": lazy("Short name"),
            "severity": lazy("Severity"),
            "position": lazy("Place in the form"),
            "public": lazy("Offer it on the public form"),
        }
        help_texts = {
            "slug": lazy("Reports carry it, so it stays."),
            "severity": lazy("1 is the gravest, 4 the mildest; routing rules may say otherwise."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["severity"] = forms.TypedChoiceField(
            label=_("Severity"), coerce=int, choices=[(level, str(level)) for level in (1, 2, 3, 4)], initial=3
        )
        if not self.instance._state.adding:
            del self.fields["slug"]
        for code, name in LANGUAGES:
            self.fields[f"name_{code}"] = forms.CharField(
                label=_("Name (%s)") % name,
                max_length=200,
                required=code == "en",
                initial=self.instance.names.get(code),
            )
            self.fields[f"description_{code}"] = forms.CharField(
                label=_("Description (%s)") % name,
                max_length=1_000,
                required=False,
                initial=self.instance.descriptions.get(code),
            )

    def category(self) -> Category:
        made = self.save(commit=False)
        for field, name in (("names", "name"), ("descriptions", "description")):
            said = {code: self.cleaned_data[f"{name}_{code}"] for code, _ in LANGUAGES}
            setattr(made, field, getattr(made, field) | said)
        return made


class NoticeForm(forms.Form):
    """One notice in every language."""

    def __init__(self, data: Any = None, *, key: tuple[str, str], texts: dict[TextKey, NoticeText]) -> None:
        super().__init__(data)
        self.key = key
        for code, name in LANGUAGES:
            own = texts.get((*key, code))
            self.fields[f"subject_{code}"] = forms.CharField(
                label=_("Subject (%s)") % name, max_length=300, required=False, initial=own.subject if own else ""
            )
            self.fields[f"body_{code}"] = forms.CharField(
                label=_("Text (%s)") % name,
                max_length=20_000,
                required=False,
                initial=own.body if own else "",
                widget=forms.Textarea(attrs={"rows": 9}),
            )

    def texts(self) -> dict[TextKey, tuple[str, str]]:
        said = self.cleaned_data
        return {(*self.key, code): (said[f"subject_{code}"], said[f"body_{code}"]) for code, _ in LANGUAGES}


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=lazy("Why it is withdrawn"), max_length=2_000)
