"""What every program must keep to: one guarded way out."""

import ast
import re
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src/seacliff"


WAYS_OUT = re.compile(
    r"httpx\.(Client|AsyncClient|get|post|put|request|stream)\b|urlopen|requests\.|aiohttp|http\.client"
)
GUARDED = {
    "enforcement/outbound.py": "the guard itself",
    "supervisor/health.py": "asks this installation's own address",
}


def test_every_way_out_over_http_goes_through_the_guard():
    found = {}
    for file in SOURCE.rglob("*.py"):
        if "tests" in file.parts:
            continue
        calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)}
        if out := sorted(call for call in calls if WAYS_OUT.match(call)):
            found[str(file.relative_to(SOURCE))] = out
    assert not set(found) - set(GUARDED), found
