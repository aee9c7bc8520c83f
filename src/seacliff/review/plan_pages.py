"""Pages of a plan that people edit as YAML: its versions, and putting the next one in force. `plans`: the module of one."""

from typing import Any, Protocol

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from seacliff.people.access import Request, actor_of
from seacliff.record.actions import Actor
from seacliff.record.versions import Version
from seacliff.review.access import NotValid


class Plans(Protocol):
    def plan_in_force(self) -> Any: ...
    def plan_of(self, row: Any) -> Any: ...
    def written(self, plan: Any) -> str: ...
    def read(self, text: str) -> Any: ...
    def publish(self, plan: Any, change: str, actor: Actor) -> Version: ...


def shown(plans: Plans, version: Version | None, every: type[Version]) -> dict[str, Any]:
    """What a page of one version says of it; None: of the plan in force."""
    plan, now = plans.plan_of(version) if version else None, plans.plan_in_force()
    return {
        "plan": plan or now,
        "in_force": plan is None or plan.number == now.number,
        "versions": every._default_manager.all()[:50],
    }


def edit(request: Request, plans: Plans, template: str, *, saved: str, then: str) -> HttpResponse:
    """The plan in force to be changed, or what was typed with why it can't hold."""
    text, error = plans.written(plans.plan_in_force()), None
    if request.method == "POST":
        text = request.POST.get("plan", "")
        try:
            plans.publish(plans.read(text), request.POST.get("change", ""), actor_of(request))
        except NotValid as refused:
            error = refused
        else:
            messages.success(request, saved)
            return redirect(then)
    context = {"text": text, "change": request.POST.get("change", ""), "error": error}
    return render(request, template, context, status=422 if error else 200)
