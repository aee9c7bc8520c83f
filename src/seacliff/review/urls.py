from django.urls import include, path, re_path

from seacliff.review import change_pages, queue_pages, search_page, status, target_page, views

app_name = "review"

urlpatterns = [
    path("queues", views.queues, name="queues"),
    path("queues/next", views.claim_next, name="claim-next"),
    path("queues/all", queue_pages.all_queues, name="queue-list"),
    path("queues/new", queue_pages.edit_queue, name="queue-new"),
    path("queues/<slug:slug>/edit", queue_pages.edit_queue, name="queue-edit"),
    path("queues/<slug:slug>/retire", queue_pages.retire_queue, name="queue-retire"),
    path("queues/<slug:slug>", views.queue, name="queue"),
    path("queues/<slug:slug>/next", views.claim_next, name="claim-next-of"),
    path("queues/<slug:slug>/bulk", views.bulk, name="bulk"),
    path("changes", change_pages.changes, name="changes"),
    path("changes/<slug:slug>", change_pages.change, name="change"),
    path("changes/<slug:slug>/acknowledge", change_pages.acknowledge, name="acknowledge"),
    path("cases/id/<uuid:id>", views.case_by_id, name="by-id"),
    path("cases/<str:ref>", views.case, name="case"),
    path("cases/<str:ref>/live", views.live, name="live"),
    path("cases/<str:ref>/decide", views.decide, name="decide"),
    path("cases/<str:ref>/vote", views.vote, name="vote"),
    path("cases/<str:ref>/preview", views.preview, name="preview"),
    re_path(
        r"^cases/(?P<ref>[^/]+)/(?P<verb>claim|release|skip|hold|resume|escalate|assign|note)$",
        views.verb,
        name="verb",
    ),
    path("decisions/<uuid:id>/undo", views.undo, name="undo"),
    path("targets/<uuid:id>", target_page.target, name="target"),
    path("search", search_page.search, name="search"),
    path("status/<str:token>", status.status, name="status"),
    path("", include("seacliff.review.tiers.urls")),
    path("", include("seacliff.review.reporters.urls")),
    path("routing/", include("seacliff.review.routing.urls")),
]
