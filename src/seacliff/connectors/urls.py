from django.urls import path

from seacliff.connectors import views
from seacliff.connectors.calendar import views as calendar
from seacliff.connectors.chat import hooks as chat
from seacliff.connectors.tracker import hooks

app_name = "connectors"

urlpatterns = [
    path("calendar", calendar.calendar, name="calendar"),
    path("calendar/make", calendar.make, name="calendar-make"),
    path("calendar/end", calendar.end, name="calendar-end"),
    path("calendar/<str:token>.ics", calendar.feed, name="calendar-feed"),
    path("connect/slack/events", chat.slack_events, name="slack-events"),
    path("connect/slack/actions", chat.slack_actions, name="slack-actions"),
    path("connect/teams/<slug:name>", chat.teams, name="teams-hook"),
    path("connect/tracker/<slug:name>", hooks.hook, name="tracker-hook"),
    path("incoming", views.waiting, name="incoming"),
    path("incoming/undelivered", views.undelivered, name="undelivered"),
    path("incoming/undelivered/<uuid:id>/again", views.send_again, name="send-again"),
    path("incoming/<uuid:id>", views.incoming, name="incoming-one"),
    path("incoming/<uuid:id>/source", views.source, name="incoming-source"),
    path("incoming/<uuid:id>/take", views.take, name="incoming-take"),
    path("incoming/<uuid:id>/set-aside", views.set_aside, name="incoming-set-aside"),
]
