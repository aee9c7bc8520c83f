"""The rules as everybody may read them, and how they changed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from seacliff.policy import queries


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Every policy in force, in the reader's language where it was translated."""
    language = (get_language() or "en")[:2]
    shown = [
        {
            "slug": shelf.policy.slug,
            "title": version.title_in(language),
            "summary": version.summary_in(language),
            "categories": [category.name(language) for category in shelf.categories if category.public],
            "version": version,
        }
        for shelf in queries.shelves()
        if shelf.policy.retired_at is None and (version := shelf.in_force)
    ]
    return render(request, "policy/rules.html", {"rules": shown, "text_is_english": language != "en"})


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """The public change log."""
    language = (get_language() or "en")[:2]
    log = [(entry, entry.version.title_in(language)) for entry in queries.change_log()]
    return render(request, "policy/changes.html", {"log": log})
