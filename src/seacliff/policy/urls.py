from django.urls import path

from seacliff.policy import public, views

app_name = "policy"

urlpatterns = [
    path("rules", public.rules, name="rules"),
    path("rules/changes", public.changes, name="changes"),
    path("policies", views.policies, name="list"),
    path("policies/new", views.new_policy, name="new"),
    path("policies/notices", views.notices, name="default-notices"),
    path("policies/notices/<slug:audience>/<slug:outcome>", views.notices, name="default-notice"),
    path("policies/id/<uuid:id>", views.policy_by_id, name="by-id"),
    path("policies/versions/id/<uuid:id>", views.version_by_id, name="version-by-id"),
    path("policies/<slug:slug>", views.policy, name="policy"),
    path("policies/<slug:slug>/versions/<int:number>", views.version, name="version"),
    path("policies/<slug:slug>/versions/<int:number>/withdraw", views.withdraw, name="withdraw"),
    path("policies/<slug:slug>/draft", views.draft, name="draft"),
    path("policies/<slug:slug>/edit", views.edit, name="edit"),
    path("policies/<slug:slug>/notices", views.notices, name="notices"),
    path("policies/<slug:slug>/notices/<slug:audience>/<slug:outcome>", views.notices, name="notice"),
    path("policies/<slug:slug>/publish", views.publish, name="publish"),
    path("policies/<slug:slug>/discard", views.discard, name="discard"),
    path("policies/<slug:slug>/retire", views.retire, name="retire"),
    path("policies/<slug:slug>/categories/new", views.category, name="category-new"),
    path("policies/<slug:slug>/categories/<slug:category>", views.category, name="category"),
]
