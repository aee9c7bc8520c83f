"""The reviewer's pages: queues, one case with everything on it, search."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from seacliff.people.access import Request, needs
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.policy.models import ActionKind, Category
from seacliff.policy.queries import category_choices, version_in_force
from seacliff.record.pages import older_url, turned
from seacliff.review import actions, marks, queries
from seacliff.review.access import Refused, Unread, case_of, cases_of, colleague_of, queue_of
from seacliff.review.actions import Ordered, Verdict
from seacliff.review.asking import asked_about
from seacliff.review.forms import verdict_of
from seacliff.review.models import Case, Decision, Queue
from seacliff.review.telling import preview_notices
from seacliff.review.tiers.deliberating import vote as cast_vote
from seacliff.review.tiers.plan import plan_in_force
from seacliff.screens.messages import undoable
from seacliff.wellness.rest import media_of, propose


@require_safe
@needs(Permission.CASE_VIEW)
def queues(request: Request) -> HttpResponse:
    context = {
        "lines": queries.queue_lines(),
        "mine": queries.work_of(request.user),
        "may_decide": _may(request),
        "may_manage": request.user.may(Permission.QUEUE_MANAGE),
    }
    return render(request, "review/queues.html", context)


def _may(request: Request) -> bool:
    return request.user.may(Permission.CASE_DECIDE)


@require_safe
@needs(Permission.CASE_VIEW)
def queue(request: Request, slug: str) -> HttpResponse:
    found = queue_of(request.user, slug)
    rows = turned(request, lambda after: queries.rows_of(found, after))
    context = {
        "queue": found,
        "rows": rows.rows,
        "older_url": older_url(request, rows),
        "may_decide": _may(request),
        "may_bulk": request.user.may(Permission.CASE_BULK_DECIDE),
        "kinds": [(kind.value, kind.label) for kind in ActionKind if kind != ActionKind.DISMISS],
    }
    return render(request, "review/queue.html", context)


@require_POST
@needs(Permission.CASE_DECIDE)
def claim_next(request: Request, slug: str = "") -> HttpResponse:
    chosen = queue_of(request.user, slug) if slug else None
    return go_on(request, chosen)


def go_on(request: Request, queue: Queue | None = None) -> HttpResponse:
    """On to the next case, or back to the queues when nothing waits."""
    if rest := propose(request.session, request.user):
        messages.info(request, rest)
    try:
        case = actions.claim_next(request.user, queue, stop_at_changes=True)
    except Unread as unread:
        return to_read(unread, queue=queue.slug if queue else "")
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("review:queues")
    if case is None:
        messages.info(request, _("Nothing waits for you here. Well done."))
        return redirect("review:queues")
    return redirect("review:case", case.ref)


def to_read(unread: Unread, **onward: str) -> HttpResponse:
    """To the change that stands before the case, and from there on to the case."""
    slug = Category.objects.values_list("policy__slug", flat=True).get(slug=unread.category)
    query = urlencode({name: value for name, value in onward.items() if value})
    return redirect(reverse("review:change", args=[slug]) + (f"?{query}" if query else ""))


@require_safe
@needs(Permission.CASE_VIEW)
def case_by_id(request: Request, id: UUID) -> HttpResponse:
    """For whoever knows a case by its id, as the record does."""
    found = Case.objects.filter(id=id).first()
    if found is None:
        raise Http404(_("There is no such case."))
    return redirect("review:case", found.ref)


@require_safe
@never_cache
@needs(Permission.CASE_VIEW)
def case(request: Request, ref: str) -> HttpResponse:
    found = case_of(request.user, ref)
    actions.look_into(request.user, found)
    return _show(request, found)


def _show(request: Request, found: Case, *, error: Refused | None = None) -> HttpResponse:
    shown = turned(request, lambda after: queries.case_page(found, after))
    work = shown.work
    plan = plan_in_force()
    tier = plan.tier(found.tier)
    context = {
        "page": shown,
        "case": found,
        "work": work,
        "mine": bool(work and work.holder_id == request.user.id and work.held_until is None),
        "may_decide": _may(request),
        "may_assign": request.user.may(Permission.CASE_ASSIGN),
        "may_restrict": request.user.may(Permission.EVIDENCE_VIEW),
        "may_view_reporters": request.user.may(Permission.REPORT_VIEW),
        "may_refer": request.user.may(Permission.RESTRICTED_HANDLE),
        "grounds": plan.grounds,
        "tier": tier,
        "voting": tier.way != "single",
        "decide_url": reverse("review:vote" if tier.way != "single" else "review:decide", args=[found.ref]),
        "holds": [(1, _("a day")), (3, _("3 days")), (7, _("a week")), (30, _("30 days"))],
        "categories": category_choices(request.user.language),
        "category_name": shown.category.name(request.user.language) if shown.category else found.category,
        "colleagues": _colleagues(request, found),
        "typed": request.POST if error else {},
        "ticked": request.POST.getlist("action") if error else [],
        "error": error,
        "undoable": _undoable(shown.decision),
        "media": media_of(request.user),
        "asks": asked_about(request.user, found),
        "may_ask": request.user.may(Permission.ASK_MAKE),
        "sees_asks": request.user.may(Permission.ASK_VIEW),
        "marks": marks.of(found, [node.id for node in shown.tree]),
    }
    status = 422 if error else 200
    return render(request, "review/case.html", context, status=status)


def _colleagues(request: Request, found: Case) -> list[User]:
    if found.state == Case.State.DECIDED or not request.user.may(Permission.CASE_ASSIGN):
        return []
    people = User.objects.filter(is_active=True, tier__gte=found.tier).order_by("name")[:200]
    return [person for person in people if person.may(Permission.CASE_DECIDE)]


def _undoable(decision: Decision | None) -> bool:
    return decision is not None and decision.undo_until > timezone.now()


@require_safe
@needs(Permission.CASE_VIEW)
def live(request: Request, ref: str) -> HttpResponse:
    """Who holds the case and who looks at it, asked for again every few seconds; 304 when nothing changed."""
    found = case_of(request.user, ref)
    if found.state == Case.State.OPEN:
        actions.look(request.user, found)
    others = queries.lookers(found, request.user)
    work = getattr(found, "work", None)
    parts = (found.state, found.report_count, work and work.holder_id, work and work.held_until, *others)
    etag = '"' + sha256(repr(parts).encode()).hexdigest()[:24] + '"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    context = {"case": found, "work": work, "others": others}
    answer = render(request, "review/parts/live.html", context)
    answer.headers["ETag"] = etag
    return answer


@require_POST
@needs(Permission.CASE_DECIDE)
def decide(request: Request, ref: str) -> HttpResponse:
    found = case_of(request.user, ref)
    try:
        decision = actions.decide(request.user, found, verdict_of(request.user, found, request.POST))
    except Refused as refused:
        return _show(request, found, error=refused)
    said = _("%(case)s: %(finding)s.") % {"case": found.ref, "finding": decision.get_finding_display()}
    undoable(request, said, reverse("review:undo", args=[decision.id]), decision.undo_until)
    return go_on(request, found.queue if request.POST.get("stay") else None)


@require_POST
@needs(Permission.CASE_DECIDE)
def vote(request: Request, ref: str) -> HttpResponse:
    """A vote on a case that several decide; what becomes of it depends on the others."""
    found = case_of(request.user, ref)
    try:
        deliberation = cast_vote(request.user, found, verdict_of(request.user, found, request.POST))
    except Refused as refused:
        return _show(request, found, error=refused)
    messages.success(request, _("%s: your vote is cast.") % found.ref)
    return redirect("review:deliberation", deliberation.id)


@require_POST
@needs(Permission.CASE_DECIDE)
def undo(request: Request, id: UUID) -> HttpResponse:
    decision = Decision.objects.select_related("case").filter(id=id).first()
    if decision is None:
        raise Http404(_("There is no such decision."))
    try:
        cases = actions.undo(request.user, decision)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("review:case", decision.case.ref)
    messages.success(request, _("Taken back: %s is yours again.") % ", ".join(case.ref for case in cases[:5]))
    return redirect("review:case", decision.case.ref)


@require_POST
@needs(Permission.CASE_DECIDE)
def preview(request: Request, ref: str) -> HttpResponse:
    """What would be said to whom, before anything is decided."""
    found = case_of(request.user, ref)
    try:
        verdict = verdict_of(request.user, found, request.POST)
        notices, reporters = preview_notices(found, verdict, version_in_force(verdict.category))
    except Refused as refused:
        return render(request, "review/parts/preview.html", {"error": refused.sentence})
    return render(request, "review/parts/preview.html", {"notices": notices, "reporters": reporters})


def _claim(request: Request, found: Case) -> None:
    actions.claim(request.user, found)


def _release(request: Request, found: Case) -> None:
    actions.release(request.user, found, request.POST.get("reason", ""))


def _skip(request: Request, found: Case) -> None:
    actions.skip(request.user, found, request.POST.get("reason", ""))


def _hold(request: Request, found: Case) -> None:
    days = request.POST.get("days", "")
    until = timezone.now() + timedelta(days=int(days) if days.isdecimal() and len(days) < 4 else 0)
    actions.hold(request.user, found, until, request.POST.get("reason", ""))


def _resume(request: Request, found: Case) -> None:
    actions.resume(request.user, found)


def _escalate(request: Request, found: Case) -> None:
    ground = request.POST.get("ground", "unsure")
    actions.escalate(request.user, found, request.POST.get("reason", ""), ground=ground)


def _assign(request: Request, found: Case) -> None:
    try:
        whom = UUID(request.POST.get("user", ""))
    except ValueError:
        whom = UUID(int=0)
    actions.assign(request.user, found, colleague_of(request.user, whom), request.POST.get("reason", ""))


def _note(request: Request, found: Case) -> None:
    actions.note(request.user, found, request.POST.get("body", ""))


# Verb to what it does and whether the next case follows.
VERBS: dict[str, tuple[Callable[[Request, Case], None], bool]] = {
    "claim": (_claim, False),
    "release": (_release, False),
    "skip": (_skip, True),
    "hold": (_hold, True),
    "resume": (_resume, False),
    "escalate": (_escalate, True),
    "assign": (_assign, False),
    "note": (_note, False),
}


@require_POST
@needs(Permission.CASE_VIEW)
def verb(request: Request, ref: str, verb: str) -> HttpResponse:
    found = case_of(request.user, ref)
    act, goes_on = VERBS[verb]
    try:
        act(request, found)
    except Unread as unread:
        return to_read(unread, case=found.ref)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("review:case", found.ref)
    return go_on(request) if goes_on else redirect("review:case", found.ref)


@require_POST
@needs(Permission.CASE_BULK_DECIDE)
def bulk(request: Request, slug: str) -> HttpResponse:
    """Decide the ticked cases alike: same harm, one verdict, one undo."""
    here = queue_of(request.user, slug)
    try:
        cases = cases_of(request.user, [UUID(id) for id in request.POST.getlist("cases")])
        if not cases:
            raise Refused(_("Tick the cases first."))
        outcomes = actions.bulk_decide(request.user, cases, _verdict_for_all(request, cases[0]))
    except ValueError:
        messages.error(request, _("One of the ticked cases is not a case. Load the page again."))
        return redirect("review:queue", here.slug)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("review:queue", here.slug)
    for outcome in outcomes:
        if outcome.decision is None:
            messages.error(request, outcome.problem)
    decided = [outcome.decision for outcome in outcomes if outcome.decision]
    if decided:
        said = _("%s cases decided alike.") % len(decided)
        undoable(request, said, reverse("review:undo", args=[decided[0].id]), decided[0].undo_until)
    return redirect("review:queue", here.slug)


def _verdict_for_all(request: Request, first: Case) -> Verdict:
    version = version_in_force(first.category)
    kind = request.POST.get("kind", "")
    finding = Decision.Finding.VIOLATION if kind else Decision.Finding.NO_VIOLATION
    above = queries.tree_above(first.target)
    offered = {offer.kind: offer.target for offer in queries.offers(first, version, above)}
    ordered = [Ordered(kind, offered.get(ActionKind(kind), first.target), {})] if kind in ActionKind.values else []
    return Verdict(finding, first.category, version if kind else None, request.POST.get("rationale", ""), ordered)
