from django.urls import path, re_path

from seacliff.review.tiers import precedent_views, views

urlpatterns = [
    path("tiers", views.tiers, name="tiers"),
    path("tiers/edit", views.edit_tiers, name="tiers-edit"),
    path("tiers/versions/<int:number>", views.tiers, name="tiers-version"),
    path("deliberations", views.deliberations, name="deliberations"),
    path("deliberations/<uuid:id>", views.deliberation, name="deliberation"),
    re_path(
        r"^deliberations/(?P<id>[0-9a-f-]{36})/(?P<verb>vote|write|convene|declare|issue)$",
        views.act,
        name="deliberation-do",
    ),
    path("precedents", precedent_views.precedents, name="precedents"),
    path("precedents/id/<uuid:id>", precedent_views.precedent_by_id, name="precedent-by-id"),
    path("precedents/<int:number>", precedent_views.precedent, name="precedent"),
    path("precedents/<int:number>/edit", precedent_views.edit, name="precedent-edit"),
    path("precedents/<int:number>/retire", precedent_views.retire, name="precedent-retire"),
]
