from django.urls import path, re_path

from seacliff.quality.views import calibration, checks, golden, insight

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
    path("quality/agreement", insight.agreement, name="agreement"),
    path("quality/golden-answers", insight.scores, name="scores"),
    path("quality/golden-answers/<uuid:user_id>", insight.scores, name="scores-of"),
    path("quality/golden", golden.golden_cases, name="golden"),
    path("quality/golden/keep", golden.keep_golden, name="golden-keep"),
    path("quality/golden/<uuid:id>", golden.golden_one, name="golden-one"),
    path("quality/golden/<uuid:id>/retire", golden.retire_golden, name="golden-retire"),
    path("quality/calibrations", calibration.calibrations, name="calibrations"),
    path("quality/calibrations/open", calibration.open_calibration, name="calibration-open"),
    path("quality/calibrations/<uuid:id>", calibration.session, name="session"),
    path("quality/calibrations/<uuid:id>/next", calibration.next_case, name="session-next"),
    re_path(
        r"^quality/calibrations/(?P<id>[0-9a-f-]{36})/(?P<verb>compare|note|agree|close)$",
        calibration.act,
        name="session-do",
    ),
    path("quality/plan", checks.show_plan, name="plan"),
    path("quality/plan/edit", checks.edit_plan, name="plan-edit"),
    path("quality/plan/<int:number>", checks.show_plan, name="plan-version"),
]
