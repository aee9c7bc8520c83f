from django.urls import path, re_path

from seacliff.partners.views import asking, asks, boards, by_link, charters

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
    path("functions", charters.functions, name="functions"),
    path("functions/rights", charters.rights, name="rights"),
    path("functions/install", charters.install_shipped, name="install"),
    path("functions/id/<uuid:id>", charters.function_by_id, name="function-by-id"),
    path("functions/charters/<uuid:id>", charters.charter_by_id, name="charter-by-id"),
    path("functions/<slug:slug>", charters.function, name="function"),
    path("functions/<slug:slug>/edit", charters.edit, name="edit"),
    path("functions/<slug:slug>/versions/<int:number>", charters.charter, name="charter"),
    re_path(r"^functions/(?P<slug>[-\w]+)/(?P<verb>propose|take-back|discard|renew)$", charters.act, name="charter-do"),
    re_path(r"^functions/(?P<slug>[-\w]+)/(?P<verb>away|back)$", charters.absence, name="absence"),
    path("a/<str:token>", by_link.by_link, name="by-link"),
    path("a/<str:token>/files/<uuid:id>", by_link.file, name="link-file"),
]
