from django.urls import path, re_path

from seacliff.privacy.views import requests, retention

app_name = "privacy"

urlpatterns = [
    path("privacy", retention.overview, name="overview"),
    path("privacy/rules", retention.rules, name="rules"),
    path("privacy/rules/edit", retention.edit, name="edit"),
    path("privacy/rules/<int:number>", retention.version, name="version"),
    path("privacy/runs", retention.runs, name="runs"),
    path("privacy/runs/preview", retention.preview, name="preview"),
    path("privacy/runs/<uuid:id>", retention.run, name="run"),
    path("privacy/runs/<uuid:id>/approve", retention.approve, name="approve"),
    path("privacy/runs/<uuid:id>/cancel", retention.cancel, name="cancel"),
    path("privacy/holds", retention.holds, name="holds"),
    path("privacy/holds/new", retention.place, name="place"),
    path("privacy/holds/<uuid:id>/release", retention.release, name="release"),
    path("privacy/requests", requests.listed, name="requests"),
    path("privacy/requests/new", requests.new, name="new"),
    path("privacy/requests/id/<uuid:id>", requests.by_id, name="request"),
    path("privacy/requests/<str:ref>", requests.asked, name="asked"),
    re_path(
        r"^privacy/requests/(?P<ref>[^/]+)/(?P<verb>name|identify|prepare|approve|refuse|export|check|release)$",
        requests.act,
        name="do",
    ),
    path("privacy/exports/<uuid:id>/<str:signature>", requests.look, name="look"),
    path("privacy/copy/<str:token>", requests.download, name="download"),
]
