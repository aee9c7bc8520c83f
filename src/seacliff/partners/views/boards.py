"""Pages: the boards of a function, and who waits on whom."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from seacliff.partners import queries
from seacliff.partners.access import OURS, board_of, functions_of, our_function
from seacliff.partners.charters.queries import functions_seen
from seacliff.people.access import Request, needs
from seacliff.people.models import Function
from seacliff.people.permissions import Permission
from seacliff.record.pages import listing, older_url


@require_safe
@never_cache
@needs(Permission.ASK_VIEW)
def board(request: Request, board: str = "inbox") -> HttpResponse:
    """One board, a page of it. `of`: another function than one's own, for whoever may look; `late`: what is overdue."""
    function = board_of(request.user, request.GET.get("of", ""))
    if board == "waiting":
        return _waiting(request, function)
    if function is None:
        board = "mine"
    late = request.GET.get("late") == "1" and board in ("inbox", "outbox", "mine")
    rows = queries.board(request.user, board, function, late=late)
    found = listing(request, rows, queries.BOARDS[board])
    context = _context(request, board, function) | {
        "rows": found.rows,
        "older_url": older_url(request, found),
        "late": late,
        "history": board in ("received", "made"),
    }
    return render(request, "partners/board.html", context)


def _waiting(request: Request, function: Function | None) -> HttpResponse:
    lines = queries.waits(functions_seen(request.user))
    return render(request, "partners/waiting.html", _context(request, "waiting", function) | {"lines": lines})


def _context(request: Request, board: str, function: Function | None) -> dict[str, object]:
    own = list(functions_of(request.user))
    choices = own
    if request.user.may(Permission.ASK_VIEW_ALL):
        choices = [our_function(), *functions_seen(request.user)]
    return {
        "board": board,
        "function": function,
        "choices": choices,
        "counts": queries.counts(request.user, function),
        "ours": OURS,
        "speaks": function in own,
        "may_ask": request.user.may(Permission.ASK_MAKE) and bool(own),
    }
