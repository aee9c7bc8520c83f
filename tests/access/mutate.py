"""Does the suite notice when an authorisation check is gone? `make access-mutants` takes away one at a time and runs the tests.

A mutant is an access.py in which one check was removed: an `if` that raises never does, a call of must...() is not made,
a `.may(...)` is always true, a condition of a query filter is left out of it. A mutant that no test kills is printed, and
the program ends with 1.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/seacliff"
CHECKS = ("must", "_require")


def files() -> list[Path]:
    return sorted(SOURCE.rglob("access.py"))


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Each mutant's source and what was taken away."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and node.body and isinstance(node.body[-1], (ast.Raise, ast.Return)):
            yield _cut(source, node.test, "False"), f"line {node.lineno}: if {_said(source, node.test)}"
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _name(node.value).startswith(CHECKS):
            yield _cut(source, node, "pass"), f"line {node.lineno}: {_said(source, node)}"
        elif isinstance(node, ast.Call) and _name(node) == "may":
            yield _cut(source, node, "True"), f"line {node.lineno}: {_said(source, node)} is true"


def _name(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _said(source: str, node: ast.AST) -> str:
    return " ".join((ast.get_source_segment(source, node) or "").split())[:100]


def _cut(source: str, node: ast.AST, instead: str) -> str:
    lines = source.splitlines(keepends=True)
    first, last = node.lineno - 1, node.end_lineno - 1  # type: ignore[attr-defined]
    before = lines[first].encode()[: node.col_offset].decode()  # type: ignore[attr-defined]
    after = lines[last].encode()[node.end_col_offset :].decode()  # type: ignore[attr-defined]
    return "".join([*lines[:first], before + instead + after, *lines[last + 1 :]])


def killed(file: Path) -> bool:
    """Whether a test fails: those of the room first, then what walks everywhere."""
    room = file.relative_to(SOURCE).parts[0]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    for tests in ([f"src/seacliff/{room}"], ["tests/access/test_matrix.py", "tests/access/test_rooms.py"]):
        there = [path for path in tests if (ROOT / path).exists()]
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "-p",
            "no:warnings",
            "-m",
            "not e2e and not faults",
            *there,
        ]
        if subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False).returncode == 1:
            return True
    return False


def main() -> int:
    wanted = sys.argv[1:]
    survivors, count = [], 0
    for file in files():
        name = str(file.relative_to(SOURCE))
        if wanted and not any(name.startswith(each) for each in wanted):
            continue
        source = file.read_text()
        try:
            for mutant, what in mutants(source):
                file.write_text(mutant)
                count += 1
                dead = killed(file)
                sys.stdout.write(f"{'killed  ' if dead else 'SURVIVED'} {name} {what}\n")
                sys.stdout.flush()
                if not dead:
                    survivors.append(f"{name} {what}")
        finally:
            file.write_text(source)
    sys.stdout.write(f"{count} mutants, {len(survivors)} survived\n")
    return bool(survivors)


if __name__ == "__main__":
    sys.exit(main())
