from django.urls import path, re_path

from seacliff.appeals import views

app_name = "appeals"

urlpatterns = [
    path("appeals", views.appeals, name="list"),
    path("appeals/next", views.claim_next, name="claim-next"),
    path("appeals/statistics", views.statistics, name="statistics"),
    path("appeals/id/<uuid:id>", views.by_id, name="by-id"),
    path("appeals/<str:ref>", views.appeal, name="appeal"),
    re_path(r"^appeals/(?P<ref>[^/]+)/(?P<verb>claim|release|decide|refer)$", views.act, name="do"),
    path("notices/<str:token>/appeal", views.of_notice, name="of-notice"),
    path("status/<str:token>/appeal", views.of_status, name="of-status"),
]
