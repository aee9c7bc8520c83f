from django.urls import path

from seacliff.review.reporters import brigade_views, views

urlpatterns = [
    path("reporters", views.reporters, name="reporters"),
    path("reporters/signs", brigade_views.signs, name="reporter-signs"),
    path("reporters/brigades/<uuid:id>", brigade_views.brigade, name="brigade"),
    path("reporters/brigades/<uuid:id>/judge", brigade_views.judge, name="brigade-judge"),
    path("reporters/brigades/<uuid:id>/set-aside", brigade_views.set_aside, name="brigade-set-aside"),
    path("reporters/brigades/<uuid:id>/take-back", brigade_views.take_back, name="brigade-take-back"),
    path("reporters/<uuid:id>", views.reporter, name="reporter"),
    path("reporters/<uuid:id>/kind", views.name_kind, name="reporter-kind"),
    path("reporters/<uuid:id>/trust", views.trust, name="reporter-trust"),
    path("reporters/<uuid:id>/distrust", views.distrust, name="reporter-distrust"),
    path("reporters/<uuid:id>/set-aside", views.set_aside, name="reporter-set-aside"),
    path("reporters/set-aside/<uuid:id>/take-back", views.take_back, name="set-aside-back"),
]
