"""Read models of the function and charter pages."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Q
from django.http import Http404
from django.utils import timezone

from seacliff.partners.access import OURS
from seacliff.partners.charters.document import Charter, Promise, Right, charter_of, written
from seacliff.partners.models import Absence, Ask, CharterVersion
from seacliff.partners.sharing import Offered, Piece
from seacliff.people.models import Function, Membership, User
from seacliff.people.permissions import Permission
from seacliff.people.problems import NotFound

SEVERITIES = (1, 2, 3, 4)


@dataclass(slots=True)
class Line:
    """A function in the list."""

    function: Function
    version: CharterVersion | None
    making: CharterVersion | None
    to_them: int
    late: int
    from_them: int


def functions_seen(user: User) -> list[Function]:
    """All of them for whoever works with charters or sees every ask; their own for a partner."""
    found = Function.objects.exclude(slug=OURS).order_by("name")
    if not user.may(Permission.ASK_VIEW_ALL) and not user.may(Permission.CHARTER_EDIT):
        found = found.filter(memberships__user=user)
    return list(found)


def function_seen(user: User, slug: str) -> Function:
    found = next((function for function in functions_seen(user) if function.slug == slug), None)
    if found is None:
        raise Http404(f"There is no function {slug}.")
    return found


def lines(user: User) -> list[Line]:
    """Five queries, whatever there is."""
    functions = functions_seen(user)
    versions = CharterVersion.objects.filter(function__in=functions, state__in=["agreed", "draft", "proposed"])
    agreed = {each.function_id: each for each in versions if each.state == "agreed"}
    making = {each.function_id: each for each in versions if each.state != "agreed"}
    now = timezone.now()
    to_them = {
        row["to_function"]: (row["n"], row["late"])
        for row in Ask.objects.filter(closed_at=None)
        .values("to_function")
        .annotate(n=Count("id"), late=Count("id", filter=Q(due_at__lt=now, state__in=Ask.WAITING)))
    }
    from_them = dict(
        Ask.objects.filter(closed_at=None).values("from_function").annotate(n=Count("id")).values_list(
            "from_function", "n"))  # fmt: skip
    return [
        Line(each, agreed.get(each.id), making.get(each.id), *to_them.get(each.id, (0, 0)), from_them.get(each.id, 0))
        for each in functions
    ]


@dataclass(slots=True)
class Row:
    """A promise with its hours of each severity."""

    promise: Promise
    hours: list[tuple[float, bool]]


def rows_of(charter: Charter, *, of_us: bool) -> list[Row]:
    """What is promised, in hours and whether they are working hours."""
    promises = charter.they_ask if of_us else charter.we_ask
    found = []
    for promise in promises:
        targets = [charter.target(promise.kind, severity, of_us=of_us) for severity in SEVERITIES]
        found.append(Row(promise, [(amount.total_seconds() / 3600, business) for amount, business in targets]))
    return found


def absences_of(function: Function, charter: Charter, on: date | None = None) -> list[Absence]:
    """Those of its contacts and people that are not over."""
    emails = [contact.email.lower() for contact in charter.contacts]
    emails += Membership.objects.filter(function=function).values_list("user__email", flat=True)
    return list(Absence.objects.filter(email__in=emails, until__gte=on or timezone.now().date()))


@dataclass(frozen=True, slots=True)
class Found:
    """A decision right with the charter that it stands in."""

    right: Right
    function: Function


def rights(user: User, words: str = "") -> list[Found]:
    """Who decides what, from every charter in force that this person may read. Two queries."""
    versions = CharterVersion.objects.filter(state="agreed", function__in=functions_seen(user)).select_related(
        "function"
    )
    found = [Found(right, version.function) for version in versions for right in charter_of(version).rights]
    wanted = words.strip().lower()
    if wanted:
        found = [each for each in found if wanted in _words(each.right)]
    return sorted(found, key=lambda each: each.right.decision.lower())


def _words(right: Right) -> str:
    return " ".join([right.decision, right.decides, *right.consulted, *right.informed]).lower()


def names() -> dict[str, str]:
    """Short name to name of every function."""
    return dict(Function.objects.values_list("slug", "name"))


def version_of(user: User, slug: str, number: int) -> CharterVersion:
    """A version of a charter; a draft only for those who write it. Raises Http404."""
    function = function_seen(user, slug)
    version = CharterVersion.objects.select_related("function").filter(function=function, number=number).first()
    if version is None or (version.state == CharterVersion.State.DRAFT and not user.may(Permission.CHARTER_EDIT)):
        raise Http404(f"There is no version {number} of the charter with {function.name}.")
    return version


def versions_of(user: User, function: Function) -> list[CharterVersion]:
    """The newest first; drafts are their writers' own."""
    versions = CharterVersion.objects.filter(function=function).order_by("-number")
    if not user.may(Permission.CHARTER_EDIT):
        versions = versions.exclude(state=CharterVersion.State.DRAFT)
    return list(versions[:50])


def version_before(version: CharterVersion) -> CharterVersion | None:
    """The wording that held before this one, or holds until it does."""
    earlier = CharterVersion.objects.filter(function=version.function, number__lt=version.number)
    return earlier.exclude(state__in=["draft", "declined"]).order_by("-number").first()


def offer_charter(user: User, id: UUID) -> Offered:
    """A proposed charter goes to the other side whole, with what changes."""
    version = CharterVersion.objects.select_related("function").filter(id=id).first()
    if version is None or not user.may(Permission.CHARTER_EDIT):
        raise NotFound("There is no such charter.")
    pieces = [
        Piece("charter", "The charter", written(charter_of(version))),
        Piece("changes", "What changes", version.change),
    ]
    return Offered(str(version), pieces)
