"""Pages: what was asked for and promised, and what came of it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.people.problems import Conflict, Invalid
from seacliff.value import access
from seacliff.value.forms import PromiseForm
from seacliff.value.models import Promise
from seacliff.value.promises import actions, telling

SHOWN = 200  # a team asks for something a few times a year


@require_safe
@needs(Permission.VALUE_VIEW)
def listed(request: Request) -> HttpResponse:
    rows = telling.told(access.promises_of(request.user)[:SHOWN])
    answers = [one for one in Promise.Answer.choices if one[0] != Promise.Answer.OPEN]
    context = {"rows": rows, "cause": telling.cause(), "answers": answers,
               "may_propose": request.user.may(Permission.VALUE_PROPOSE)}  # fmt: skip
    return render(request, "value/promises.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.VALUE_PROPOSE)
def make(request: Request) -> HttpResponse:
    form = PromiseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.make(request.user, actions.NewPromise(**form.cleaned_data))
        except Invalid as invalid:
            for fault in invalid.errors:
                form.add_error(str(fault["pointer"]).removeprefix("#/"), fault["detail"])
        else:
            messages.success(request, _("Written down. It stays as it is; on its day the record is held against it."))
            return redirect("value:promises")
    return render(request, "value/promise_new.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@needs(Permission.VALUE_PROPOSE)
def act(request: Request, id: UUID, verb: str) -> HttpResponse:
    promise = access.promise_of(request.user, id)
    try:
        if verb == "answer":
            on = parse_date(request.POST.get("on", "")) if request.POST.get("on") else None
            actions.answer(request.user, promise, request.POST.get("answer", ""), on)
        else:
            actions.comment(request.user, promise, request.POST.get("comment", ""))
    except (Conflict, Invalid) as problem:
        messages.error(request, problem.detail)
    except ValueError:
        messages.error(request, _("That is no day of the calendar."))
    return redirect("value:promises")
