from django.urls import path

from seacliff.record.views import events, evidence

app_name = "record"

urlpatterns = [
    path("", events.events, name="events"),
    path("events/<uuid:id>", events.event, name="event"),
    path("seals", events.seal_list, name="seals"),
    path("seals/<int:number>", events.seal, name="seal"),
    path("evidence/<uuid:attachment_id>", evidence.show, name="evidence"),
]
