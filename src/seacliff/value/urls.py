from django.urls import path, re_path

from seacliff.value.views import board, data, ledger, promises, team

app_name = "value"

urlpatterns = [
    path("value", board.board, name="board"),
    path("value/board.pdf", board.pdf, name="pdf"),
    path("value/costs", board.costs, name="costs"),
    re_path(r"^value/texts/(?P<kind>ask|investment|cut|not-money)$", board.text, name="text"),
    path("value/staffing", team.staffing, name="staffing"),
    path("value/staffing/answer", team.answer, name="answer"),
    path("value/ledger", ledger.listed, name="ledger"),
    path("value/ledger/new", ledger.propose, name="propose"),
    path("value/ledger/survey", ledger.survey, name="survey"),
    path("value/ledger/id/<uuid:id>", ledger.by_id, name="by-id"),
    path("value/ledger/<str:ref>", ledger.finding, name="finding"),
    re_path(r"^value/ledger/(?P<ref>[^/]+)/(?P<verb>run|retry|sign-off|decline|supersede)$", ledger.act, name="do"),
    path("value/promises", promises.listed, name="promises"),
    path("value/promises/new", promises.make, name="promise-new"),
    re_path(r"^value/promises/(?P<id>[0-9a-f-]{36})/(?P<verb>answer|comment)$", promises.act, name="promise-do"),
    path("value/data", data.quality, name="data"),
    re_path(r"^value/readings/(?P<kind>quality|operations|staffing)$", data.look_again, name="look-again"),
]
