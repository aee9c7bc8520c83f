"""Who works with whom: people of T&S and of other functions, tied by the asks that one made and the other answered.

People are known by the name that stands on the ask, for partners need no account; two of one name are drawn as one.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from seacliff.partners.access import OURS
from seacliff.partners.charters.document import charter_of
from seacliff.partners.models import CharterVersion
from seacliff.people.models import Function
from seacliff.record.ids import first_id
from seacliff.relationships.periods import Period

if TYPE_CHECKING:  # slow to load, for one page: imported where it is used
    import networkx as nx

TIES_MOST = 2_000
ALL_THROUGH_ONE = 0.8  # of at least so many asks
FEWEST = 5

TIES = """
SELECT from_function_id, to_function_id, asker_name, answered_by, count(*) AS asks
FROM partners_ask
WHERE id >= %s AND id < %s AND state = 'answered' AND asker_name <> '' AND answered_by <> ''
GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 3, 4 LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Tie:
    """So many asks between somebody of T&S and somebody of a function, whoever asked."""

    ours: str
    theirs: str
    function: UUID
    asks: int


@dataclass(slots=True)
class Known:
    """A function as T&S knows it: asks by the person of T&S, and by the person of the function."""

    function: Function
    ours: dict[str, int] = field(default_factory=dict)
    theirs: dict[str, int] = field(default_factory=dict)
    contacts: list[str] = field(default_factory=list)

    @property
    def asks(self) -> int:
        return sum(self.ours.values())


@dataclass(frozen=True, slots=True)
class Finding:
    """A bridge or a gap in words, with whom to meet and why."""

    kind: str
    function: Function | None
    sentence: str
    suggestion: str


@dataclass(slots=True)
class Map:
    ties: list[Tie]
    known: list[Known]
    bridges: list[tuple[str, float]]  # people of T&S by how many shortest ways between others lead over them, 0 to 1
    findings: list[Finding]


def of_period(functions: Iterable[Function], period: Period) -> Map:
    """Three queries, however much was asked."""
    functions = list(functions)
    ours = Function.objects.filter(slug=OURS).values_list("id", flat=True).first()
    contacts = _contacts()
    ties = _ties(ours, contacts, period)
    known = [_known(function, ties, contacts.get(function.id, {})) for function in functions]
    graph = graph_of(ties)
    return Map(ties, known, _bridges(graph), [*_gaps(known), *_single(known), *_islands(graph, known)])


def _contacts() -> dict[UUID, dict[str, str]]:
    """The names of every charter's contacts by their address: a link is often answered under the address."""
    agreed = CharterVersion.objects.filter(state=CharterVersion.State.AGREED)
    return {
        version.function_id: {contact.email.lower(): contact.name for contact in charter_of(version).contacts}
        for version in agreed
    }


def _ties(ours: UUID | None, contacts: dict[UUID, dict[str, str]], period: Period) -> list[Tie]:
    found: defaultdict[tuple[str, str, UUID], int] = defaultdict(int)
    with connection.cursor() as cursor:
        cursor.execute(TIES, [first_id(period.since), first_id(period.until), TIES_MOST])
        for asking, answering, asker, answerer, count in cursor.fetchall():
            here, there, function = (asker, answerer, answering) if asking == ours else (answerer, asker, asking)
            there = contacts.get(function, {}).get(there.lower(), there)
            found[here, there, function] += count
    return [Tie(*key, asks) for key, asks in sorted(found.items(), key=lambda tie: (-tie[1], tie[0][:2]))]


def _known(function: Function, ties: list[Tie], contacts: dict[str, str]) -> Known:
    known = Known(function, contacts=list(contacts.values()))
    for tie in ties:
        if tie.function == function.id:
            known.ours[tie.ours] = known.ours.get(tie.ours, 0) + tie.asks
            known.theirs[tie.theirs] = known.theirs.get(tie.theirs, 0) + tie.asks
    return known


Node = tuple[str, str, str]


def graph_of(ties: list[Tie]) -> "nx.Graph[Node]":
    """People as ("ours", name, "") and ("theirs", name, function's id)."""
    import networkx as nx

    graph: nx.Graph[Node] = nx.Graph()
    for tie in ties:
        graph.add_edge(("ours", tie.ours, ""), ("theirs", tie.theirs, str(tie.function)), asks=tie.asks)
    return graph


def _bridges(graph: "nx.Graph[Node]") -> list[tuple[str, float]]:
    from networkx import betweenness_centrality

    between = betweenness_centrality(graph) if len(graph) > 2 else {}
    ours = [(node[1], share) for node, share in between.items() if node[0] == "ours" and share > 0]
    return sorted(ours, key=lambda each: (-each[1], each[0]))[:5]


def _gaps(known: list[Known]) -> Iterable[Finding]:
    for each in known:
        if each.asks:
            continue
        name = each.function.name
        if each.contacts:
            how = _("Ask %(contact)s, the charter's first contact, for half an hour: what would each like to ask?") % {
                "contact": each.contacts[0]
            }
        else:
            how = _("Find out who would answer, and put them into a charter.")
        yield Finding("gap", each.function, _("Nobody here has worked with anybody in %s in this time.") % name, how)


def _single(known: list[Known]) -> Iterable[Finding]:
    for each in known:
        if each.asks < FEWEST:
            continue
        (ours, count), (theirs, answered) = _top(each.ours), _top(each.theirs)
        values = {"name": each.function.name, "asks": each.asks}
        if count >= ALL_THROUGH_ONE * each.asks:
            yield Finding(
                "single", each.function,
                _("With %(name)s, all goes through %(person)s: %(count)d of %(asks)d asks.")
                % {**values, "person": ours, "count": count},
                _("Take a colleague along next time: when %(person)s is away, nobody else knows %(other)s.")
                % {"person": ours, "other": theirs},
            )  # fmt: skip
        if answered >= ALL_THROUGH_ONE * each.asks:
            others = [name for name in each.contacts if name not in each.theirs]
            yield Finding(
                "single", each.function,
                _("In %(name)s, %(person)s answers alone: %(count)d of %(asks)d asks.")
                % {**values, "person": theirs, "count": answered},
                _("Meet %s as well: the charter names them and nobody here has worked with them.") % others[0]
                if others
                else _("Ask %s who stands in, and put them into the charter.") % theirs,
            )  # fmt: skip


def _top(people: dict[str, int]) -> tuple[str, int]:
    return min(people.items(), key=lambda each: (-each[1], each[0]))


def _islands(graph: "nx.Graph[Node]", known: list[Known]) -> Iterable[Finding]:
    """Parts of T&S that share no partner with the largest part."""
    from networkx import connected_components

    names = {str(each.function.id): each.function for each in known}
    parts = sorted(connected_components(graph), key=lambda part: (-len(part), sorted(part)))
    for part in parts[1:]:
        ours = sorted(node[1] for node in part if node[0] == "ours")
        there = sorted({node[2] for node in part if node[0] == "theirs"} & set(names))
        if not there:
            continue
        function = names[there[0]]
        yield Finding(
            "island", function,
            _("%(people)s and %(name)s work together apart from everybody else: they share nobody with the others.")
            % {"people": ", ".join(ours[:3]), "name": function.name},
            _("Let %s tell the team what they know of them.") % ours[0],
        )  # fmt: skip
