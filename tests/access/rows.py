"""Each row of the matrix as a test of its own. mutate.py runs it; test_matrix.py walks all rows at once."""

import pytest

from .walk import Visitor, Walk, _row, routes, table

pytestmark = pytest.mark.django_db
ROWS = table()
ROUTES = {route.key: route for route in routes()}
EVERYWHERE = [key for key in ROWS if key in ROUTES and not ROUTES[key].path.startswith("accounts/")]


@pytest.fixture(scope="package")
def visitor(world):
    return Visitor(world)


def check(world, visitor, route, address, urls):
    found = Walk({}, {}, {}, {})
    _row(found, visitor, world, route, address, urls)
    got = found.rows[address, route.method]
    said = ROWS[address, route.method]
    assert {who: got[who] for who in urls} == {who: said[who] for who in urls}


@pytest.mark.parametrize("key", EVERYWHERE, ids="-".join)
def test_row(world, visitor, key):
    route = ROUTES[key]
    check(world, visitor, route, key[0], dict.fromkeys(["stranger", *world.people], route.url(world)))


def test_what_is_somebodys_own(world, visitor):
    for words, own in world.own.items():
        for route in ROUTES.values():
            if route.name in own["routes"] or f"/{route.path}" in own["routes"]:
                urls = {who: route.url(world, **{own["parameter"]: value}) for who, value in own["values"].items()}
                if (f"{route.key[0]} ({words})", route.method) in ROWS:
                    check(world, visitor, route, f"{route.key[0]} ({words})", urls)
