"""Pages of the products, and the list of targets. A target's own page is review's, which knows its cases."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from seacliff.people.access import Request, actor_of, needs
from seacliff.people.permissions import Permission
from seacliff.record.pages import older_url, turned
from seacliff.record.wording import place_of
from seacliff.targets import actions, queries
from seacliff.targets.models import Kind, Product


@require_safe
@needs(Permission.CASE_VIEW)
def targets(request: Request) -> HttpResponse:
    asked = {
        "words": request.GET.get("q", "").replace("\0", "")[:200],
        "kind": kind if (kind := request.GET.get("kind", "")) in Kind.values else "",
        "product": request.GET.get("product", "").replace("\0", "")[:50],
    }
    found = turned(request, lambda after: queries.search(asked["words"], asked["kind"], asked["product"], after))
    context = {
        "lines": [(target, place_of("target", target.id)) for target in found.rows],
        "older_url": older_url(request, found),
        "asked": asked,
        "kinds": Kind.choices,
        "products": Product.objects.order_by("id"),
        "may_edit": request.user.may(Permission.TARGET_EDIT),
    }
    return render(request, "targets/list.html", context)


class ProductForm(forms.ModelForm):
    languages = forms.MultipleChoiceField(
        label=lazy("Languages of the public form"), choices=settings.LANGUAGES, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Product
        fields = ("name", "slug", "languages", "is_open")
        labels = {"name": lazy("Name"), "slug": lazy("Short name"), "is_open": lazy("The public form takes reports")}
        help_texts = {"slug": lazy("Part of addresses, such as /report/meetings and meetings@. It stays.")}
        widgets = {"name": forms.TextInput}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.instance._state.adding:
            del self.fields["slug"]

    def clean_languages(self) -> list[str]:
        """In the order they had; the first is the form's default."""
        chosen = self.cleaned_data["languages"]
        before = [code for code in self.instance.languages if code in chosen]
        return before + [code for code in chosen if code not in before]


@require_safe
@needs(Permission.TARGET_EDIT)
def products(request: Request) -> HttpResponse:
    return render(request, "targets/products.html", {"products": Product.objects.order_by("id")})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.TARGET_EDIT)
def product(request: Request, slug: str = "") -> HttpResponse:
    """Add a product, or change one."""
    found = Product.objects.filter(slug=slug).first() if slug else Product()
    if found is None:
        raise Http404(_("There is no such product."))
    form = ProductForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        actions.save_product(form.save(commit=False), actor_of(request))
        messages.success(request, _("Saved."))
        return redirect("targets:products")
    context = {"form": form, "product": found if slug else None}
    return render(request, "targets/product.html", context, status=422 if form.errors else 200)
