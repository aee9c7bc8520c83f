"""Pages of the rules: what holds, what held, what is being written; and the notices they speak with."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seacliff.people.access import Request, actor_of, needs
from seacliff.people.permissions import Permission
from seacliff.people.problems import Problem
from seacliff.policy import actions, queries, wording
from seacliff.policy.forms import (
    LANGUAGES,
    TEXTS,
    CategoryForm,
    DraftForm,
    NewPolicyForm,
    NoticeForm,
    PublishForm,
    WithdrawForm,
)
from seacliff.policy.models import Category, Policy, PolicyVersion
from seacliff.policy.queries import Shelf

VIEW, EDIT = Permission.POLICY_VIEW, Permission.POLICY_EDIT
both = require_http_methods(["GET", "HEAD", "POST"])


def _shelf(slug: str) -> Shelf:
    try:
        return queries.shelf(slug)
    except Policy.DoesNotExist:
        raise Http404(_("There is no such policy.")) from None


def _draft(slug: str) -> tuple[Shelf, PolicyVersion]:
    shelf = _shelf(slug)
    if shelf.draft is None:
        raise Http404(_("This policy has no draft."))
    return shelf, shelf.draft


def _show(request: Request, template: str, context: dict[str, Any], form: Any = None) -> HttpResponse:
    bad = form is not None and form.is_bound and bool(form.errors)
    context |= {"may_edit": request.user.may(EDIT)} | ({"form": form} if form is not None else {})
    return render(request, f"policy/{template}.html", context, status=422 if bad else 200)


@require_safe
@needs(VIEW)
def policies(request: Request) -> HttpResponse:
    return _show(request, "list", {"shelves": queries.shelves()})


@both
@needs(EDIT)
def new_policy(request: Request) -> HttpResponse:
    form = NewPolicyForm(request.POST or None)
    if form.is_valid():
        try:
            made = actions.create_policy(actor_of(request), **form.cleaned_data)
        except Problem as problem:
            form.add_error("slug", problem.detail)
        else:
            return redirect("policy:edit", made.policy.slug)
    return _show(request, "new", {}, form)


@require_safe
@needs(VIEW)
def policy(request: Request, slug: str) -> HttpResponse:
    """What holds now, with its versions."""
    shelf = _shelf(slug)
    return _version(request, shelf, shelf.newest)


@require_safe
@needs(VIEW)
def policy_by_id(request: Request, id: UUID) -> HttpResponse:
    """For whoever knows a policy by its id, as the record does."""
    found = Policy.objects.filter(id=id).first()
    if found is None:
        raise Http404(_("There is no such policy."))
    return redirect("policy:policy", found.slug)


@require_safe
@needs(VIEW)
def version(request: Request, slug: str, number: int) -> HttpResponse:
    shelf = _shelf(slug)
    found = next((each for each in shelf.versions if each.number == number), None)
    if found is None:
        raise Http404(_("There is no such version."))
    return _version(request, shelf, found)


@require_safe
@needs(VIEW)
def version_by_id(request: Request, id: UUID) -> HttpResponse:
    found = PolicyVersion.objects.select_related("policy").filter(id=id).first()
    if found is None:
        raise Http404(_("There is no such version."))
    return redirect("policy:version", found.policy.slug, found.number)


def _version(request: Request, shelf: Shelf, found: PolicyVersion | None) -> HttpResponse:
    before = shelf.before(found) if found else None
    texts = queries.texts_of(found) if found else {}
    context = {
        "shelf": shelf,
        "version": found,
        "before": before,
        "in_force": found is not None and found == shelf.in_force,
        "own_texts": [
            (label, sorted(language for (a, o, language) in texts if (a, o) == (audience, outcome)))
            for audience, outcome, label in TEXTS
        ],
        "withdraw": WithdrawForm(),
        "may_ask": found is not None and request.user.may(Permission.ASK_MAKE),
    }
    return _show(request, "policy", context)


@require_POST
@needs(EDIT)
def draft(request: Request, slug: str) -> HttpResponse:
    """Begin a new version from what holds, or go on with the draft there is."""
    shelf = _shelf(slug)
    actions.draft(actor_of(request), shelf.policy, shelf.newest)
    return redirect("policy:edit", slug)


@both
@needs(EDIT)
def edit(request: Request, slug: str) -> HttpResponse:
    shelf, found = _draft(slug)
    form = DraftForm(request.POST or None, version=found)
    if form.is_valid():
        actions.save_draft(found, form.content())
        messages.success(request, _("Saved. Nobody is bound by a draft until it is published."))
        return redirect("policy:edit", slug)
    return _show(request, "edit", {"shelf": shelf, "version": found, "tab": "words"}, form)


@both
@needs(EDIT)
def publish(request: Request, slug: str) -> HttpResponse:
    """The draft beside what it replaces, and the button that puts it into force."""
    shelf, found = _draft(slug)
    form = PublishForm(request.POST or None)
    if form.is_valid():
        try:
            actions.publish(actor_of(request), found, **form.cleaned_data)
        except Problem as problem:
            form.add_error(None, problem.detail)
        else:
            messages.success(request, _("Published. Decisions from its date on rest on these words."))
            return redirect("policy:version", slug, found.number)
    context = {"shelf": shelf, "version": found, "before": shelf.before(found), "tab": "publish"}
    return _show(request, "publish", context, form)


@require_POST
@needs(EDIT)
def discard(request: Request, slug: str) -> HttpResponse:
    _found, found = _draft(slug)
    actions.discard(actor_of(request), found)
    messages.success(request, _("The draft is gone."))
    return redirect("policy:policy", slug) if Policy.objects.filter(slug=slug).exists() else redirect("policy:list")


@require_POST
@needs(EDIT)
def withdraw(request: Request, slug: str, number: int) -> HttpResponse:
    found = next((each for each in _shelf(slug).versions if each.number == number), None)
    if found is None:
        raise Http404(_("There is no such version."))
    form = WithdrawForm(request.POST)
    try:
        actions.withdraw(actor_of(request), found, reason=form.data.get("reason", ""))
    except Problem as problem:
        messages.error(request, problem.detail)
    else:
        messages.success(request, _("Withdrawn. What it replaced holds again."))
    return redirect("policy:version", slug, number)


@require_POST
@needs(EDIT)
def retire(request: Request, slug: str) -> HttpResponse:
    """Retire a policy, or bring it back."""
    found = _shelf(slug).policy
    actions.retire(actor_of(request), found, retired=found.retired_at is None)
    return redirect("policy:policy", slug)


@both
@needs(EDIT)
def category(request: Request, slug: str, category: str = "") -> HttpResponse:
    """Add a harm to a policy, or change one."""
    shelf = _shelf(slug)
    found = next((each for each in shelf.categories if each.slug == category), None)
    if category and found is None:
        raise Http404(_("There is no such category."))
    form = CategoryForm(request.POST or None, instance=found or Category(policy=shelf.policy))
    if form.is_valid():
        actions.save_category(actor_of(request), form.category())
        messages.success(request, _("Saved."))
        return redirect("policy:policy", slug)
    return _show(request, "category", {"shelf": shelf, "category": found}, form)


@both
@needs(EDIT)
def notices(request: Request, slug: str = "", audience: str = "reporter", outcome: str = "received") -> HttpResponse:
    """The notice texts of a draft, or the defaults. `preview` shows them filled in, and saves nothing."""
    if (audience, outcome) not in [(a.value, o.value) for a, o, _label in TEXTS]:
        raise Http404(_("There is no such notice."))
    shelf, found = _draft(slug) if slug else (None, None)
    form = NoticeForm(request.POST or None, key=(audience, outcome), texts=queries.texts_of(found))
    previews: list[dict[str, str]] = []
    if form.is_valid() and "preview" in request.POST:
        previews = _filled(form, found)
    elif form.is_valid():
        try:
            actions.save_texts(actor_of(request), found, form.texts())
        except Problem as problem:
            form.add_error(None, problem.detail)
        else:
            messages.success(request, _("Saved."))
            return redirect(request.path)
    context = {
        "shelf": shelf,
        "version": found,
        "tab": "notices",
        "kinds": [(a.value, o.value, label) for a, o, label in TEXTS],
        "kind": (audience, outcome),
        "previews": previews,
        "variables": wording.VARIABLES.items(),
    }
    return _show(request, "notices", context, form)


def _filled(form: NoticeForm, version: PolicyVersion | None) -> list[dict[str, str]]:
    names = dict(LANGUAGES)
    filled = []
    for (_audience, _outcome, language), (subject, body) in form.texts().items():
        if not subject and not body:
            continue
        rule = {}
        if version is not None:
            rule = {"rule_title": version.title_in(language), "rule_text": version.summary_in(language)}
        shown = {"subject": wording.preview(subject, rule), "body": wording.preview(body, rule)}
        filled.append({"language": names[language], **shown})
    return filled
