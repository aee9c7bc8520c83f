from django.urls import path, re_path

from seacliff.partners.views import asking, asks, boards, by_link

app_name = "partners"

urlpatterns = [
    path("asks", boards.board, name="asks"),
    re_path(r"^asks/(?P<board>inbox|outbox|mine|waiting|outcomes|received|made)$", boards.board, name="board"),
    path("asks/new", asking.new, name="new"),
    path("asks/id/<uuid:id>", asks.by_id, name="by-id"),
    path("asks/<str:ref>", asks.ask, name="ask"),
    path("asks/<str:ref>/files/<uuid:id>", asks.file, name="file"),
    re_path(r"^asks/(?P<ref>[^/]+)/(?P<verb>acknowledge|answer|say|hand-on|revoke)$", asks.respond, name="respond"),
    re_path(
        r"^asks/(?P<ref>[^/]+)/(?P<verb>pause|resume|reschedule|remind|withdraw|reopen|outcome)$",
        asks.manage,
        name="manage",
    ),
    path("a/<str:token>", by_link.by_link, name="by-link"),
    path("a/<str:token>/files/<uuid:id>", by_link.file, name="link-file"),
]
