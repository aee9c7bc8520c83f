from django.urls import path

from seacliff.enforcement import strike_page, views

app_name = "enforcement"

urlpatterns = [
    path("actions/", views.actions, name="actions"),
    path("actions/deliveries/", views.deliveries, name="deliveries"),
    path("actions/deliveries/<uuid:id>/replay", views.replay_delivery, name="replay"),
    path("actions/notices/", views.notices, name="notices"),
    path("actions/endpoints/", views.endpoint_list, name="endpoints"),
    path("actions/endpoints/new", views.endpoint, name="endpoint-new"),
    path("actions/endpoints/<uuid:id>", views.endpoint, name="endpoint"),
    path("actions/endpoints/<uuid:id>/ping", views.ping, name="ping"),
    path("actions/endpoints/<uuid:id>/replay-all", views.replay_all, name="replay-all"),
    path("actions/endpoints/<uuid:id>/rotate", views.rotate, name="rotate"),
    path("actions/<uuid:id>", views.action, name="action"),
    path("policies/<slug:slug>/strikes", strike_page.strikes_tried, name="strikes-tried"),
    path("notices/<str:token>", views.public_notice, name="public-notice"),
]
