"""Addresses of SAML's answers; allauth has the others."""

from importlib.util import find_spec

from django.urls import path

from seacliff.people import saml_answers

urlpatterns = [
    path("saml/<slug:organization_slug>/acs/", saml_answers.acs, name="saml_acs"),
    path("saml/<slug:organization_slug>/acs/finish/", saml_answers.finish, name="saml_finish_acs"),
] if find_spec("onelogin") else []  # fmt: skip
