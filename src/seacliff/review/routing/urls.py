"""Included by review's urls, in its namespace."""

from django.urls import path, re_path

from seacliff.review.routing import views

urlpatterns = [
    path("", views.routing, name="routing"),
    path("new", views.new_draft, name="rule-set-new"),
    path("<int:number>", views.rule_set, name="rule-set"),
    path("<int:number>/try", views.try_out, name="rule-set-try"),
    path("<int:number>/backtest", views.backtest, name="backtest-new"),
    re_path(r"^(?P<number>\d+)/(?P<verb>shadow|unshadow|publish|discard)$", views.verb, name="rule-set-verb"),
    path("backtests/<uuid:id>", views.backtest_result, name="backtest"),
]
