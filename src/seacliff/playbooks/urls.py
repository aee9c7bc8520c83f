from django.urls import path, re_path

from seacliff.playbooks import library_pages, run_pages, tabletop_page

app_name = "playbooks"

urlpatterns = [
    path("playbooks", library_pages.playbooks, name="list"),
    path("playbooks/new", library_pages.new, name="new"),
    path("playbooks/check", library_pages.check_source, name="check"),
    path("playbooks/install", library_pages.install_shipped, name="install"),
    path("playbooks/id/<uuid:id>", library_pages.by_id, name="by-id"),
    path("playbooks/of/<str:ref>", run_pages.of_case, name="of-case"),
    path("playbooks/<slug:slug>", library_pages.playbook, name="playbook"),
    path("playbooks/<slug:slug>/edit", library_pages.edit, name="edit"),
    path("playbooks/<slug:slug>/publish", library_pages.publish, name="publish"),
    path("playbooks/<slug:slug>/discard", library_pages.discard, name="discard"),
    path("playbooks/<slug:slug>/retire", library_pages.retire, name="retire"),
    path("playbooks/<slug:slug>/start", run_pages.begin, name="begin"),
    path("playbooks/<slug:slug>/tabletop", tabletop_page.play, name="tabletop"),
    path("runs", run_pages.runs, name="runs"),
    path("runs/id/<uuid:id>", run_pages.by_id, name="run-by-id"),
    path("runs/<str:ref>", run_pages.run, name="run"),
    re_path(r"^runs/(?P<ref>[^/]+)/(?P<verb>add|cancel|lead)$", run_pages.do, name="do"),
    re_path(
        r"^runs/(?P<ref>[^/]+)/steps/(?P<key>[a-z][a-z0-9_]*)/(?P<verb>done|skip|hand-over|put-off)$",
        run_pages.do_step,
        name="step",
    ),
]
