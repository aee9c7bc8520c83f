"""Every address of Seacliff. Each room adds the line of its own urls.py."""

from django.urls import include, path

from seacliff.api import api

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("api/v1/", api.urls),
]
