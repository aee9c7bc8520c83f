"""Pages about people: who works here, who may what, one's own settings."""

from uuid import UUID

import structlog
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from seacliff.people import actions, queries, rates, sessions
from seacliff.people.access import Request, actor_of, needs
from seacliff.people.forms import (
    FunctionForm,
    InviteForm,
    JoinForm,
    PersonForm,
    PlaceForm,
    SettingsForm,
    TeamForm,
    TokenForm,
)
from seacliff.people.models import ApiToken, Function, Invitation, Membership, Team, User
from seacliff.people.permissions import Permission, Role
from seacliff.people.problems import Problem

log = structlog.get_logger("seacliff.people")
CHANGES = {
    "deactivate": (actions.deactivate, "can no longer sign in."),
    "reactivate": (actions.reactivate, "can sign in again."),
    "reset-second-factor": (actions.reset_second_factor, "signs in by password alone until they set a new one up."),
}
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@needs(Permission.PEOPLE_MANAGE)
def people(request: Request) -> HttpResponse:
    search, role = request.GET.get("q", "").strip()[:100], request.GET.get("role", "")
    gone = "gone" in request.GET
    found = queries.people(
        search=search, role=role if role in Role.values else "", active=not gone, after=request.GET.get("after", "")
    )
    page = {
        "found": found,
        "invitations": [] if search or role or gone else list(queries.open_invitations()),
        "search": search,
        "role": role,
        "gone": gone,
        "roles": Role.choices,
    }
    return render(request, "people/list.html", page)


@needs(Permission.PEOPLE_MANAGE)
def invite(request: Request) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitation, link = actions.invite(actor_of(request), request.user, **form.cleaned_data)
        except Problem as problem:
            form.add_error("email", problem.detail)
        else:
            sent = _mail(invitation, link)
            return render(request, "people/invited.html", {"invitation": invitation, "link": link, "sent": sent})
    return render(request, "people/invite.html", {"form": form})


def _mail(invitation: Invitation, link: str) -> bool:
    try:
        actions.send_invitation(invitation, link)
    except OSError as error:  # SMTPException is one: the page then asks to pass the link on by hand
        log.warning("invitation not mailed", error=str(error))
        return False
    return True


@require_POST
@needs(Permission.PEOPLE_MANAGE)
def revoke_invitation(request: Request, invitation_id: UUID) -> HttpResponse:
    invitation = get_object_or_404(Invitation, id=invitation_id)
    actions.revoke_invitation(actor_of(request), invitation)
    messages.success(request, f"The invitation of {invitation.email} no longer works.")
    return redirect("people:list")


@never_cache
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """The page behind an invitation's link, and behind the first admin's."""
    if not rates.allow(f"join:{rates.address_of(request)}", 30, 600):
        return render(request, "429.html", status=429)
    invitation = actions.open_invitation(secret)
    if invitation is None:
        return render(request, "people/join_closed.html", status=410)
    form = JoinForm(request.POST or None, email=invitation.email, initial={"name": invitation.name})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            user = actions.join(
                secret,
                name=given["name"],
                email=given.get("email", ""),
                password=given["password"],
                language=get_language() or "en",
            )
        except Problem as problem:
            form.add_error(None, problem.detail)
        else:
            login(request, user, backend=BACKEND)
            sessions.begin(request)
            return redirect("start" if Role.ADMIN in user.roles and not invitation.email else "/")
    return render(request, "people/join.html", {"form": form, "invitation": invitation})


@needs(Permission.PEOPLE_MANAGE)
def person(request: Request, user_id: UUID) -> HttpResponse:
    user = get_object_or_404(User, id=user_id)
    form = PersonForm(request.POST or None, initial=PersonForm.initial_of(user))
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_person(actor_of(request), user, **form.cleaned_data)
        except Problem as problem:
            form.add_error("roles", problem.detail)
        else:
            messages.success(request, f"{user} is saved.")
            return redirect("people:person", user.id)
    page = {
        "person": user,
        "form": form,
        "sign_in": queries.sign_in_of(user),
        "tokens": list(queries.live_tokens(user)),
        "memberships": list(user.memberships.select_related("function", "team")),
        "events": queries.events_of(user),
    }
    return render(request, "people/person.html", page)


@require_POST
@needs(Permission.PEOPLE_MANAGE)
def change_person(request: Request, user_id: UUID, change: str) -> HttpResponse:
    """The buttons of a person's page."""
    if change not in CHANGES:
        raise Http404
    user = get_object_or_404(User, id=user_id)
    verb, said = CHANGES[change]
    try:
        verb(actor_of(request), user)
        messages.success(request, f"{user} {said}")
    except Problem as problem:
        messages.error(request, problem.detail)
    return redirect("people:person", user.id)


@needs(Permission.PEOPLE_MANAGE)
def functions(request: Request) -> HttpResponse:
    form = FunctionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        function = actions.save_function(actor_of(request), form.save(commit=False))
        return redirect("people:function", function.slug)
    return render(request, "people/functions.html", {"functions": queries.functions(), "form": form})


@needs(Permission.PEOPLE_MANAGE)
def function(request: Request, slug: str) -> HttpResponse:
    """A function, its teams and members. Which form was sent is named by its button."""
    shown = get_object_or_404(Function, slug=slug)
    sent = request.POST.get("form")
    edit = FunctionForm(request.POST if sent == "edit" else None, instance=shown)
    team = TeamForm(request.POST if sent == "team" else None)
    place = PlaceForm(request.POST if sent == "place" else None, function=shown, prefix="place")
    actor = actor_of(request)
    if sent == "edit" and edit.is_valid():
        actions.save_function(actor, edit.save(commit=False))
        return redirect("people:function", edit.instance.slug)
    if sent == "team" and team.is_valid():
        actions.add_team(actor, shown, team.cleaned_data["name"])
        return redirect("people:function", shown.slug)
    if sent == "place" and place.is_valid():
        actions.place(actor, place.cleaned_data["person"], shown, place.cleaned_data["team"])
        return redirect("people:function", shown.slug)
    page = {
        "function": shown,
        "teams": list(shown.teams.order_by("name")),
        "members": list(queries.members(shown)),
        "edit": edit,
        "team_form": team,
        "place": place,
    }
    return render(request, "people/function.html", page)


@require_POST
@needs(Permission.PEOPLE_MANAGE)
def remove_team(request: Request, team_id: UUID) -> HttpResponse:
    team = get_object_or_404(Team.objects.select_related("function"), id=team_id)
    actions.remove_team(actor_of(request), team)
    return redirect("people:function", team.function.slug)


@require_POST
@needs(Permission.PEOPLE_MANAGE)
def displace(request: Request, membership_id: int) -> HttpResponse:
    membership = get_object_or_404(Membership.objects.select_related("function"), id=membership_id)
    actions.displace(actor_of(request), membership)
    return redirect("people:function", membership.function.slug)


@needs(Permission.CONSOLE_USE)
def permissions(request: Request) -> HttpResponse:
    return render(request, "people/permissions.html", {"rows": queries.permission_table(), "roles": list(Role)})


@needs(Permission.CONSOLE_USE)
def settings(request: Request) -> HttpResponse:
    user = request.user
    initial = {"name": user.name, "language": user.language, "time_zone": user.time_zone}
    form = SettingsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.change_settings(user, **form.cleaned_data)
        messages.success(request, "Your settings are saved.")
        return redirect("people:settings")
    page = {"form": form, "sign_in": queries.sign_in_of(user), "tokens": list(queries.live_tokens(user))}
    return render(request, "people/settings.html", page)


@never_cache
@needs(Permission.CONSOLE_USE)
def new_token(request: Request) -> HttpResponse:
    form = TokenForm(request.POST or None, owner=request.user)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        token, secret = actions.issue_token(
            actor_of(request), request.user, name=given["name"], scopes=given["scopes"], expires_at=form.expires_at()
        )
        return render(request, "people/token_issued.html", {"token": token, "secret": secret})
    return render(request, "people/new_token.html", {"form": form})


@require_POST
@needs(Permission.CONSOLE_USE)
def revoke_token(request: Request, token_id: UUID) -> HttpResponse:
    """One's own, or anybody's for those who manage tokens."""
    theirs = {} if request.user.may(Permission.TOKEN_MANAGE) else {"owner": request.user}
    token = get_object_or_404(ApiToken, id=token_id, **theirs)
    actions.revoke_token(actor_of(request), token)
    messages.success(request, f"The token {token.name} no longer works.")
    if token.owner_id == request.user.id:
        return redirect("people:settings")
    return redirect("people:person", token.owner_id)
