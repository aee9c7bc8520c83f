from django.urls import path

from seacliff.intake import views

app_name = "intake"

urlpatterns = [
    path("report", views.choose, name="report"),
    path("report/received/<str:token>", views.received, name="received"),
    path("report/<slug:slug>", views.report, name="report-product"),
]
