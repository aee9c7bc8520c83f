from django.urls import path

from seacliff.review.reporters import views

urlpatterns = [
    path("reporters", views.reporters, name="reporters"),
    path("reporters/<uuid:id>", views.reporter, name="reporter"),
    path("reporters/<uuid:id>/kind", views.trust, name="reporter-kind"),
    path("reporters/<uuid:id>/set-aside", views.set_aside, name="reporter-set-aside"),
    path("reporters/set-aside/<uuid:id>/take-back", views.take_back, name="set-aside-back"),
]
