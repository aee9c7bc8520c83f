"""A start is quick and a page is light: what takes a second to import is imported by whoever needs it."""

import subprocess
import sys

HEAVY = {"numpy", "pandas", "scipy", "statsmodels", "numba", "ibis", "networkx", "typst", "vl_convert"}
LOOK = """
import sys
import django
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
import seacliff.value.designs.headline, seacliff.value.board.page
print(*sys.modules)
"""


def test_no_page_address_loads_an_estimator_the_simulation_or_a_printer():
    there = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True).stdout.split()
    assert "seacliff.value.views.team" in there and "seacliff.relationships.views.people" in there
    assert not HEAVY & set(there)
