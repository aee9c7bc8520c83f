from django.urls import path

from seacliff.record.views import evidence

app_name = "record"

urlpatterns = [
    path("evidence/<uuid:attachment_id>", evidence.show, name="evidence"),
]
