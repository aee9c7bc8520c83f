from django.urls import path

from seacliff.relationships.views import digests, numbers, people, pulse, wins

app_name = "relationships"

urlpatterns = [
    path("relationships", numbers.overview, name="overview"),
    path("relationships/people", people.people, name="people"),
    path("relationships/pulse", pulse.overview, name="pulses"),
    path("relationships/pulse/share", pulse.choose_share, name="pulse-share"),
    path("pulse/<str:token>", pulse.by_link, name="pulse"),
    path("relationships/wins", wins.feed, name="wins"),
    path("relationships/wins/<slug:kind>/<uuid:id>", wins.word, name="word-win"),
    path("relationships/functions/<slug:slug>", numbers.function, name="function"),
    path("relationships/functions/<slug:slug>/digest", digests.preview, name="digest"),
]
