"""Pages on which leads set queues up."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seacliff.people.access import Request, actor_of, needs
from seacliff.people.permissions import Permission
from seacliff.review.access import Refused, queue_of
from seacliff.review.actions import queues
from seacliff.review.models import Queue, Work

RESERVED = ("new", "next", "all")  # these are addresses of their own


class QueueForm(forms.ModelForm):
    class Meta:
        model = Queue
        fields = ("name", "slug", "description", "position", "random_share")
        labels = {
            "name": lazy("Name"),
            "slug": lazy("Short name"),
            "description": lazy("What belongs here"),
            "position": lazy("Place in the list"),
            "random_share": lazy("Random share, in percent"),
        }
        help_texts = {
            "slug": lazy("Small letters, digits and hyphens. Routing rules and links name the queue by it, for good."),
            "random_share": lazy(
                "Of a hundred claims, how many get a case that chance picks among the hundred most urgent of the same "
                "severity; 0 to 20. It is the cheapest way to learn later what decisions change."
            ),
        }
        widgets = {"name": forms.TextInput, "description": forms.TextInput}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["random_share"].required = False
        if not self.instance._state.adding:
            del self.fields["slug"]

    def clean_random_share(self) -> int:
        return self.cleaned_data["random_share"] or 0

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"]
        if slug in RESERVED or slug != slug.lower():
            raise forms.ValidationError(_("%s can't be a queue's short name.") % slug)
        return slug


@require_safe
@needs(Permission.QUEUE_MANAGE)
def all_queues(request: Request) -> HttpResponse:
    return render(request, "review/queue_list.html", {"rows": Queue.objects.order_by("retired_at", "position", "slug")})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.QUEUE_MANAGE)
def edit_queue(request: Request, slug: str = "") -> HttpResponse:
    """Add a queue, or change one."""
    found = queue_of(request.user, slug) if slug else Queue()
    form = QueueForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        queues.save_queue(form.save(commit=False), actor_of(request))
        messages.success(request, _("Saved."))
        return redirect("review:queue-list")
    return _shown(request, form, found)


def _shown(request: Request, form: QueueForm, queue: Queue) -> HttpResponse:
    known = not queue._state.adding
    waiting = known and Work.objects.filter(queue=queue).exists()
    context = {"form": form, "queue": queue if known else None, "waiting": waiting}
    return render(request, "review/queue_edit.html", context, status=422 if form.errors else 200)


@require_POST
@needs(Permission.QUEUE_MANAGE)
def retire_queue(request: Request, slug: str) -> HttpResponse:
    """Retire it, or bring it back."""
    found = queue_of(request.user, slug)
    try:
        if found.retired_at is None:
            queues.retire_queue(found, actor_of(request))
        else:
            queues.reopen_queue(found, actor_of(request))
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("review:queue-edit", found.slug)
    return redirect("review:queue-list")
