"""The style guide: every part of every screen on one page. Open while developing only."""

from datetime import datetime, timedelta

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from seacliff.screens.messages import undoable

OLD_TEXT = """# Harassment
Do not threaten or humiliate other people in a meeting.

A host may remove a participant at any time.
We keep recordings of reported meetings for 30 days.
"""
NEW_TEXT = """# Harassment
Do not threaten, stalk or humiliate other people in a meeting or its chat.

A host may remove a participant at any time.
We keep recordings of reported meetings for 90 days.
Repeated harassment leads to suspension of the account.
"""
HOSTILE = {
    "event": "meeting.join",
    "display_name": "<script>alert(1)</script> \u202egpj.exe",
    "join_url": "https://meet.example/j/88012?pwd=…",
    "client": {"version": "5.17.2", "os": "Windows", "ip": "198.51.100.23", "country": None},
    "flags": ["new-account", "first-meeting"],
    "joined": [{"at": f"2026-03-05T14:{n:02}:00Z", "participants": n * 3} for n in range(8)],
}
MAIL = """Hello,

somebody joined our class on Thursday at 14:05, shared something terrible and shouted at the children.
The name shown was "Mr. Smith (Principal)". We have a screenshot.

Please do something.
A. Teacher
"""


class ExampleForm(forms.Form):
    name = forms.CharField(label=_("Name"), help_text=_("As reviewers will see it."))
    category = forms.ChoiceField(
        label=_("Category"), choices=[("", "—"), ("harassment", "Harassment"), ("fraud", "Fraud")], required=False
    )
    rationale = forms.CharField(label=_("Rationale"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    level = forms.ChoiceField(
        label=_("Level"),
        choices=[("event", "This event"), ("user", "This user"), ("account", "The whole account")],
        widget=forms.RadioSelect,
        initial="user",
        help_text=_("An action may fall on any level of the account tree."),
    )
    told = forms.BooleanField(label=_("Tell the reporter"), required=False, help_text=_("By e-mail and status page."))


def style_guide(request: HttpRequest) -> HttpResponse:
    """GET /screens; ?toast adds the toasts; /screens/public is the same for public pages. 404 unless DEBUG."""
    if not settings.DEBUG:
        raise Http404
    now = timezone.now()
    if "toast" in request.GET:
        undoable(request, "Suspended the account of “Mr. Smith”.", request.path, now + timedelta(seconds=30))
        messages.error(request, "The notice could not be sent: the mail server does not answer.")
    return render(request, "screens/style_guide.html", _example(now))


def public_style_guide(request: HttpRequest) -> HttpResponse:
    """GET /screens/public: what a reporter's pages are made of. 404 unless DEBUG."""
    if not settings.DEBUG:
        raise Http404
    return render(request, "screens/style_guide_public.html", {"form": ExampleForm(), "now": timezone.now()})


def _example(now: datetime) -> dict[str, object]:
    in_minutes = [25, -20, 180, 420, 4320]
    rows = [
        ("C-4821", "Live threat against a named student", 1, "open", 3, "Threats", 12),
        ("C-4807", "Meeting intrusions at three schools, same display name", 2, "claimed", 2, "Disruption", 31),
        ("C-4799", "Fake investment webinar, paid tickets", 3, "held", 2, "Fraud", 4),
        ("C-4788", "Impersonation of a bank's support line", 3, "escalated", 3, "Impersonation", 2),
        ("C-4760", "Spam invitations from a trial account", 4, "open", 1, "Spam", 118),
    ]
    keys = ("number", "title", "severity", "state", "tier", "category", "reports")
    bound = ExampleForm({"name": "", "level": "event"})
    return {
        "now": now,
        "cases": [
            dict(zip(keys, row, strict=True)) | {"due_at": now + timedelta(minutes=minutes)}
            for row, minutes in zip(rows, in_minutes, strict=True)
        ],
        "hour_ago": now - timedelta(hours=1),
        "in_3_hours": now + timedelta(hours=3, minutes=1),
        "in_40_minutes": now + timedelta(minutes=40, seconds=30),
        "a_while_ago": now - timedelta(minutes=20, seconds=5),
        "days_ago": now - timedelta(days=4),
        "counts": [14, 18, 12, 22, 31, 28, 19, 24, 40, 38, 29, 33, 30, 26],
        "falling": [40, 38, 39, 30, 28, 29, 22, 20, 14, 12, 12, 9],
        "form": ExampleForm(),
        "bound": bound,
        "old_text": OLD_TEXT,
        "new_text": NEW_TEXT,
        "hostile": HOSTILE,
        "mail": MAIL,
        "mail_headers": [
            ("From", "a.teacher@school.example"),
            ("To", "abuse@meet.example"),
            ("Subject", "Intruder in class"),
        ],
        "markdown": "A host may **remove** anybody.\n\n- first a warning\n- then a [strike](https://example.org)\n\n"
        "> Consult the institution first.\n\n| Strikes | Then |\n|---|---|\n| 2 | 7 days |\n| 3 | suspension |",
        "tones": ("accent", "red", "orange", "amber", "green", "blue", "slate"),
        "levels": (1, 2, 3, 4),
    }
