"""The form in which a charter is written: rows for promises, rights, people. What is empty is left out."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from seacliff.partners.charters.document import BUSINESS_FROM, Charter, checked, content_of
from seacliff.partners.models import Ask
from seacliff.people.problems import Invalid
from seacliff.record.models import Calendar

MOST = 30  # rows of one table
HOURS = ("h1", "h2", "h3", "h4")


class Row(forms.Form):
    """A row of a table: every field says its name, as the column's head is far away."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for bound in self:
            bound.field.widget.attrs["aria-label"] = str(bound.label)

    def said(self) -> dict[str, Any]:
        """The row as the charter has it."""
        return self.cleaned_data

    def is_empty(self) -> bool:
        """Nothing was written into it."""
        return not any(self.cleaned_data.get(name) for name in self.fields if name not in ("business_from",))


class PromiseRow(Row):
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", "–"), *Ask.Kind.choices], required=False)
    what = forms.CharField(label=_("What for"), max_length=300, required=False)
    h1 = forms.FloatField(
        label=_("Hours at severity 1"), help_text=_("Severity 1"), required=False, min_value=0.25, max_value=8760
    )
    h2 = forms.FloatField(
        label=_("Hours at severity 2"), help_text=_("Severity 2"), required=False, min_value=0.25, max_value=8760
    )
    h3 = forms.FloatField(
        label=_("Hours at severity 3"), help_text=_("Severity 3"), required=False, min_value=0.25, max_value=8760
    )
    h4 = forms.FloatField(
        label=_("Hours at severity 4"), help_text=_("Severity 4"), required=False, min_value=0.25, max_value=8760
    )
    business_from = forms.TypedChoiceField(
        label=_("Working hours from severity"), help_text=_("Work hours from"), initial=BUSINESS_FROM,
        choices=[(n, str(n)) for n in (1, 2, 3, 4)] + [(5, _("never"))],
        coerce=int, required=False,
    )  # fmt: skip

    @staticmethod
    def shown(said: Mapping[str, Any]) -> dict[str, Any]:
        hours = {f"h{severity}": value for severity, value in said["hours"].items()}
        return {"kind": said["kind"], "what": said["what"], "business_from": said["business_from"], **hours}

    def said(self) -> dict[str, Any]:
        given = self.cleaned_data
        hours = {int(name[1]): given[name] for name in HOURS if given[name]}
        return {"kind": given["kind"], "what": given["what"], "hours": hours,
                "business_from": given["business_from"] or BUSINESS_FROM}  # fmt: skip


class RightRow(Row):
    decision = forms.CharField(label=_("Decision"), max_length=300, required=False)
    decides = forms.CharField(label=_("Decides"), max_length=50, required=False)
    consulted = forms.CharField(label=_("Consulted before"), max_length=300, required=False)
    informed = forms.CharField(label=_("Told after"), max_length=300, required=False)

    @staticmethod
    def shown(said: Mapping[str, Any]) -> dict[str, Any]:
        return {**said, "consulted": ", ".join(said["consulted"]), "informed": ", ".join(said["informed"])}

    def said(self) -> dict[str, Any]:
        given = self.cleaned_data
        return given | {name: _words(given[name]) for name in ("consulted", "informed")}


class ContactRow(Row):
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    role = forms.CharField(label=_("Role"), max_length=200, required=False)
    deputy = forms.EmailField(label=_("Stands in"), required=False)
    kinds = forms.CharField(label=_("Kinds of ask"), max_length=100, required=False)

    @staticmethod
    def shown(said: Mapping[str, Any]) -> dict[str, Any]:
        return {**said, "kinds": ", ".join(said["kinds"])}

    def said(self) -> dict[str, Any]:
        return self.cleaned_data | {"kinds": _words(self.cleaned_data["kinds"])}


class EscalationRow(Row):
    after_hours = forms.FloatField(label=_("Hours late"), required=False, min_value=0.25, max_value=8760)
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)

    @staticmethod
    def shown(said: Mapping[str, Any]) -> dict[str, Any]:
        return dict(said)


class ChannelRow(ContactRow):
    email = role = deputy = None  # type: ignore[assignment]  # Django's way to leave a field out
    name = forms.CharField(label=_("Channel"), max_length=50, required=False)
    address = forms.CharField(label=_("Address in it"), max_length=300, required=False)
    kinds = forms.CharField(label=_("Kinds of ask"), max_length=100, required=False)


class Whole(forms.Form):
    """What stands once in a charter."""

    purpose = forms.CharField(label=_("Purpose"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    calendar = forms.ChoiceField(label=_("Working hours"), required=False,
                                 help_text=_("The calendar by which promises in working hours are counted."))  # fmt: skip
    review_after_days = forms.IntegerField(label=_("Look again after, in days"), min_value=7, max_value=730)
    notes = forms.CharField(label=_("Notes"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    change = forms.CharField(
        label=_("What changes, and why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The other side reads this first."),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        calendars = [(each.slug, each.name) for each in Calendar.objects.order_by("slug")]
        self.fields["calendar"].choices = [("", _("Round the clock")), *calendars]  # type: ignore[attr-defined]


TABLES: dict[str, type[Row]] = {
    "we_ask": PromiseRow,
    "they_ask": PromiseRow,
    "rights": RightRow,
    "contacts": ContactRow,
    "escalation": EscalationRow,
    "channels": ChannelRow,
}


class CharterForm:
    """The whole form, from a charter or from what was typed."""

    def __init__(self, charter: Charter, change: str = "", data: Any = None, *, more: int = 1) -> None:
        said = content_of(charter)
        self.whole = Whole(data, initial={**said, "change": change})
        self.tables = {
            name: forms.formset_factory(row, extra=more, max_num=MOST, absolute_max=MOST + 5)(
                data, prefix=name, initial=[row.shown(each) for each in said[name]]  # type: ignore[attr-defined]
            )
            for name, row in TABLES.items()
        }  # fmt: skip

    def is_valid(self) -> bool:
        return all([self.whole.is_valid(), *(table.is_valid() for table in self.tables.values())])

    def charter(self, functions: Mapping[str, str]) -> Charter:
        """What the valid form says; functions may be written by name or short name. Raises Invalid."""
        content: dict[str, Any] = {name: value for name, value in self.whole.cleaned_data.items() if name != "change"}
        for name, table in self.tables.items():
            content[name] = [row.said() for row in table if not row.is_empty()]
        by_name = {name.lower(): slug for slug, name in functions.items()} | {slug: slug for slug in functions}
        for right in content["rights"]:
            right["decides"] = _slug(right["decides"], by_name)
            right["consulted"] = [_slug(each, by_name) for each in right["consulted"]]
            right["informed"] = [_slug(each, by_name) for each in right["informed"]]
        return checked(content)

    @property
    def change(self) -> str:
        return str(self.whole.cleaned_data.get("change", ""))


def _words(text: str) -> list[str]:
    return [word for part in text.split(",") if (word := part.strip())]


def _slug(name: str, by_name: Mapping[str, str]) -> str:
    found = by_name.get(name.strip().lower())
    if found is None:
        raise Invalid(str(_("There is no function “%(name)s”. Write one of: %(all)s.")) % {
            "name": name, "all": ", ".join(sorted(set(by_name.values())))})  # fmt: skip
    return found
