"""The public form: what anybody may report, without an account.

Against spam it asks nobody to solve puzzles: the page carries a signed, dated token (a robot that posts at once, or an old
copy, is refused with a sentence), a field that people don't see, and a rate per address.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from seacliff.intake.incoming import Attached, NewReport, reporter_key
from seacliff.policy.queries import public_categories
from seacliff.record import evidence
from seacliff.targets.models import Kind, Product

SALT = "seacliff.intake.public_form"
SOONEST_SECONDS, LATEST_SECONDS = 3, 24 * 3600
FILES_MOST = 5
KINDS = [
    (Kind.EVENT, _("A meeting or event")),
    (Kind.USER, _("A person or account")),
    (Kind.URL, _("A link or page")),
    (Kind.CONTENT, _("A message, file or recording")),
    (Kind.OTHER, _("Something else")),
]


def new_token() -> str:
    """Dates the page and names this one report, so that sending it twice makes one."""
    return signing.dumps(str(uuid4()), salt=SALT)


class Files(forms.FileField):
    """Several files in one field."""

    widget = forms.ClearableFileInput

    def __init__(self, **options: Any) -> None:
        options["widget"] = _ManyFiles(attrs={"multiple": True})
        super().__init__(**options)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        return [super(Files, self).clean(one, initial) for one in data or []]


class _ManyFiles(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name)


class ReportForm(forms.Form):
    category = forms.ChoiceField(label=_("What is it about?"))
    target_kind = forms.ChoiceField(label=_("What do you report?"), choices=KINDS)
    target = forms.CharField(
        label=_("Which one?"),
        max_length=500,
        help_text=_("A meeting ID, a name, an e-mail address or a link: whatever you have."),
    )
    text = forms.CharField(
        label=_("What happened?"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 6}), strip=True
    )
    occurred_on = forms.DateField(label=_("When?"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    evidence = Files(
        label=_("Screenshots or files"),
        required=False,
        help_text=_("Up to 5 files. Please send no pictures of abused children: describe them instead."),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        required=False,
        max_length=254,
        help_text=_("Only to tell you what we decided. Nobody you report learns it."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    website = forms.CharField(required=False, widget=forms.HiddenInput)  # people don't see it
    token = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        language = get_language() or "en"
        harms = [(harm.slug, harm.name(language)) for harm in public_categories(language)]
        self.fields["category"].choices = [("", _("Choose…")), *harms]  # type: ignore[attr-defined]

    def clean_target(self) -> str:
        return " ".join(self.cleaned_data["target"].split())

    def clean_evidence(self) -> Sequence[UploadedFile]:
        files: Sequence[UploadedFile] = self.cleaned_data["evidence"]
        if len(files) > FILES_MOST:
            raise forms.ValidationError(_("Please choose at most %s files.") % FILES_MOST)
        return files

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.data.get("website"):
            raise forms.ValidationError(_("This looks like it was filled in by a program. Please try again."))
        try:
            cleaned["key"] = signing.loads(cleaned.get("token", ""), salt=SALT, max_age=LATEST_SECONDS)
        except signing.BadSignature as problem:
            self.renew()
            raise forms.ValidationError(_("This page was open for too long. Please send it again.")) from problem
        if self.age() < SOONEST_SECONDS:
            raise forms.ValidationError(_("That was very quick. Please look over it once more and send it again."))
        return cleaned

    def age(self) -> float:
        """Seconds since the page was made."""
        stamp = self.data["token"].split(":")[-2]
        return timezone.now().timestamp() - signing.b62_decode(stamp)

    def renew(self) -> None:
        typed = cast(QueryDict, self.data).copy()
        typed["token"] = new_token()
        self.data = typed

    def report(self, product: Product) -> NewReport:
        """The report as it is taken. Raises evidence.EvidenceTooLarge."""
        said = self.cleaned_data
        day = said["occurred_on"]
        return NewReport(
            product_id=product.id,
            category=said["category"],
            target_kind=said["target_kind"],
            target_ref=said["target"],
            target_name=said["target"],
            reporter_email=said["email"],
            reporter_key=reporter_key(product.slug, email=said["email"]),
            language=(get_language() or "en")[:2],
            text=said["text"].replace("\0", ""),
            url=said["target"] if said["target_kind"] == Kind.URL else "",
            occurred_at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC) if day else None,
            idempotency_key=said["key"],
            attachments=[_attached(file) for file in said["evidence"]],
        )


def _attached(file: UploadedFile) -> Attached:
    return Attached(evidence.keep(file.read()).sha256, file.name or "", file.content_type or "")
