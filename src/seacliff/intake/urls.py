from django.urls import path

from seacliff.intake import triage, views

app_name = "intake"

urlpatterns = [
    path("report", views.choose, name="report"),
    path("report/received/<str:token>", views.received, name="received"),
    path("report/<slug:slug>", views.report, name="report-product"),
    path("unread", triage.unread, name="unread"),
    path("unread/<uuid:id>", triage.message, name="message"),
    path("unread/<uuid:id>/raw", triage.source, name="message-raw"),
    path("unread/<uuid:id>/read-again", triage.read_again, name="read-again"),
    path("unread/<uuid:id>/report", triage.make_report, name="make-report"),
    path("unread/<uuid:id>/set-aside", triage.set_aside, name="set-aside"),
]
