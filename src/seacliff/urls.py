"""Every address of Seacliff. Each room adds the line of its own urls.py."""

from django.urls import include, path

from seacliff.api import api
from seacliff.start.views import home, policy_pack, start

urlpatterns = [
    path("", home, name="home"),
    path("", include("seacliff.screens.urls")),
    path("", include("seacliff.enforcement.urls")),
    path("", include("seacliff.intake.urls")),
    path("", include("seacliff.connectors.urls")),
    path("", include("seacliff.policy.urls")),
    path("", include("seacliff.targets.urls")),
    path("", include("seacliff.review.urls")),
    path("", include("seacliff.appeals.urls")),
    path("", include("seacliff.playbooks.urls")),
    path("", include("seacliff.wellness.urls")),
    path("", include("seacliff.partners.urls")),
    path("", include("seacliff.quality.urls")),
    path("", include("seacliff.relationships.urls")),
    path("", include("seacliff.restricted.urls")),
    path("", include("seacliff.privacy.urls")),
    path("", include("seacliff.value.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("seacliff.people.answers_urls")),  # before allauth's, whose it looks at first
    path("accounts/", include("allauth.urls")),
    path("record/", include("seacliff.record.urls")),
    path("api/v1/", api.urls),
    path("people/", include("seacliff.people.urls")),
    path("start", start, name="start"),
    path("start/policies", policy_pack, name="policy-pack"),
]
