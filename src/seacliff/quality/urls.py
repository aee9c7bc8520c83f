from django.urls import path, re_path

from seacliff.quality.views import checks

app_name = "quality"

urlpatterns = [
    path("quality", checks.overview, name="overview"),
    path("quality/re-reviews/next", checks.claim_next, name="claim-next"),
    path("quality/re-reviews/id/<uuid:id>", checks.by_id, name="by-id"),
    path("quality/re-reviews/<str:ref>", checks.check, name="check"),
    path("quality/re-reviews/<str:ref>/live", checks.live, name="live"),
    re_path(
        r"^quality/re-reviews/(?P<ref>[^/]+)/(?P<verb>answer|give-back|settle|correct|opine)$", checks.act, name="do"
    ),
    path("quality/differences", checks.differences, name="differences"),
    path("quality/plan", checks.show_plan, name="plan"),
    path("quality/plan/edit", checks.edit_plan, name="plan-edit"),
    path("quality/plan/<int:number>", checks.show_plan, name="plan-version"),
]
