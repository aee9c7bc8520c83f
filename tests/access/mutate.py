"""Does the suite notice when an authorisation check is gone? `make access-mutants` takes away one at a time and runs tests.

A mutant is an access.py without one check: an `if` that raises or returns is never taken; a call of must...() is not made;
a `.may(...)` is true; one side of an `and` or `or` does not count; a filter lacks one of its conditions. Its code is put in
the place of the right one inside one process, which has PostgreSQL, the world and the tests at hand. A first round is run by
the tests beside this file, a second one, for what they did not notice, by those of its room, a last one by the rows of the
matrix that are the room's. Each round notes which test comes by which line, so that a mutant is shown only to those that could
notice it. One that nobody notices is printed, and the program ends with 1, unless EQUIVALENT says why nobody could.

`make access-mutants ROOM=privacy` looks at one room, with its own tests and the matrix.
"""

import ast
import copy
import gc
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType
from typing import NamedTuple

import pytest
from _pytest.runner import runtestprotocol

OUT = os.fdopen(os.dup(1), "w")  # what pytest does not catch
ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/seacliff"
CHECKS = ("must", "_require", "_must")
SLOWEST = 20.0  # seconds; a test that takes longer alone is left out
MOST_TRIED = 60  # tests that are shown one mutant

# What no test could notice, and why. The key is what is printed, without the line's number.
EQUIVALENT: dict[str, str] = {
    "appeals/access.py had_a_hand: filter without actor_kind": "the ids of tokens and of the system are no person's id",
}


class Mutant(NamedTuple):
    file: Path
    line: int
    what: str
    tree: ast.Module

    @property
    def name(self) -> str:
        return f"{self.file.relative_to(SOURCE)} {self.what}"


def files() -> list[Path]:
    return sorted(SOURCE.rglob("access.py"))


def room_of(file: Path) -> str:
    """ "review/tiers" for its access.py."""
    return str(file.relative_to(SOURCE).parent)


def mutants(file: Path) -> Iterator[Mutant]:
    source = file.read_text()
    tree = ast.parse(source)
    where, fallbacks = _functions(tree), _fallbacks(tree)
    for number, node in enumerate(ast.walk(tree)):
        if node in fallbacks:
            continue
        for change, what in _changes(node, source):
            changed = copy.deepcopy(tree)
            twin = next(one for at, one in enumerate(ast.walk(changed)) if at == number)
            change(twin)
            function = where.get(node, "")
            yield Mutant(file, node.lineno, f"{function}: {what}", ast.fix_missing_locations(changed))


def _functions(tree: ast.Module) -> dict[ast.AST, str]:
    """The name of the function that each node stands in."""
    return {
        inner: node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for inner in ast.walk(node)
    }


def _fallbacks(tree: ast.Module) -> set[ast.AST]:
    """Values that are given if there is no better one, which are no checks: `By(name or email)`, `language or "en"`."""
    given = {
        value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for value in (*call.args, *(keyword.value for keyword in call.keywords))
    }
    alternatives = [node for node in ast.walk(tree) if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or)]
    return {
        node
        for node in alternatives
        if node in given or any(isinstance(one, ast.Constant | ast.Dict) for one in node.values)
    }


def _changes(node: ast.AST, source: str) -> Iterator[tuple]:
    if isinstance(node, ast.If) and isinstance(node.body[-1], (ast.Raise, ast.Return)):
        yield (lambda twin: setattr(twin, "test", _but(False, twin.test))), f"never {_said(source, node.test)}"
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _name(node.value).startswith(CHECKS):
        yield (lambda twin: setattr(twin, "value", _but(False, twin.value))), f"without {_said(source, node)}"
    elif isinstance(node, ast.Call) and _name(node) == "may":
        yield _replace_call, f"{_said(source, node)} is true"
    elif isinstance(node, ast.BoolOp):
        for at, operand in enumerate(node.values):
            yield _without_operand(at, isinstance(node.op, ast.And)), f"without {_said(source, operand)}"
    elif isinstance(node, ast.Call) and _name(node) in ("filter", "exclude"):
        for at, keyword in enumerate(node.keywords):
            if keyword.arg not in (None, "id", "pk", "number"):
                yield (lambda twin, at=at: twin.keywords.pop(at)), f"{_name(node)} without {keyword.arg}"


def _but(value: bool, node: ast.expr) -> ast.BoolOp:
    """The value, whatever the expression; the names in it stay, so that closures keep their shape."""
    return ast.BoolOp(ast.Or() if value else ast.And(), [ast.Constant(value), node])


def _replace_call(twin: ast.Call) -> None:
    """The call in place: `(lambda *given: True)(...)`, which still reads its arguments."""
    given = ast.arguments(posonlyargs=[], args=[], vararg=ast.arg("given"), kwonlyargs=[], kw_defaults=[], defaults=[])
    whom = twin.func.value if isinstance(twin.func, ast.Attribute) else ast.Constant(None)
    twin.func, twin.args = ast.Lambda(given, ast.Constant(True)), [whom, *twin.args]


def _without_operand(at: int, neutral: bool):
    def change(twin: ast.BoolOp) -> None:
        twin.values[at] = _but(neutral, twin.values[at])

    return change


def _name(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _said(source: str, node: ast.AST) -> str:
    return " ".join((ast.get_source_segment(source, node) or "").split())[:90]


# ---- putting a mutant in the place of the code


def _codes(code: CodeType, above: str = "") -> Iterator[tuple[str, CodeType]]:
    """Every function's code in a module's, named by where it stands; of two of one name the first by line comes first."""
    seen: dict[str, int] = defaultdict(int)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            seen[inner.co_name] += 1
            name = f"{above}.{inner.co_name}#{seen[inner.co_name]}"
            yield name, inner
            yield from _codes(inner, name)


class Place:
    """The living functions of one access module."""

    def __init__(self, file: Path) -> None:
        self.file = file
        import_module(".".join(file.relative_to(ROOT / "src").with_suffix("").parts))
        names = dict(_codes(compile(ast.parse(file.read_text()), str(file), "exec")))
        self.functions: list[tuple[FunctionType, CodeType, str]] = []
        by_line = {(code.co_qualname, code.co_firstlineno): name for name, code in names.items()}
        for one in gc.get_objects():
            if type(one) is FunctionType and one.__code__.co_filename == str(file):
                name = by_line.get((one.__code__.co_qualname, one.__code__.co_firstlineno))
                if name:
                    self.functions.append((one, one.__code__, name))

    def put(self, mutant: Mutant) -> None:
        new = {}
        for name, code in _codes(compile(mutant.tree, str(self.file), "exec")):
            if not code.co_name.startswith("<lambda>"):
                new[name] = code
        for function, _right, name in self.functions:
            if name in new:
                function.__code__ = new[name]

    def restore(self) -> None:
        for function, right, _name in self.functions:
            function.__code__ = right


# ---- who comes by which line


class Passing:
    """Which lines of access modules run, by the interpreter's own monitoring."""

    TOOL = 4

    def __init__(self) -> None:
        self.lines: set[tuple[str, int]] = set()
        monitoring = sys.monitoring
        monitoring.use_tool_id(self.TOOL, "access-mutants")
        monitoring.register_callback(self.TOOL, monitoring.events.LINE, self._line)
        monitoring.set_events(self.TOOL, monitoring.events.LINE)

    def _line(self, code: CodeType, line: int) -> object:
        if code.co_filename.endswith("access.py") and "seacliff" in code.co_filename:
            self.lines.add((code.co_filename, line))
            return None
        return sys.monitoring.DISABLE

    def taken(self) -> set[tuple[str, int]]:
        found, self.lines = self.lines, set()
        return found

    def stop(self) -> None:
        sys.monitoring.free_tool_id(self.TOOL)


class Mutating:
    """A pytest plugin whose run is: tests once, then every mutant before those that come by its line; in three rounds."""

    def __init__(self, room: str) -> None:
        self.room, self.failure = room, ""
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)

    def pytest_internalerror(self, excrepr: object) -> None:
        say(str(excrepr))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.session = session
        # With the right neighbour as the next one, a module's and the world's fixtures stay where they are.
        groups = defaultdict(list)
        for item in session.items:
            groups[item.parent].append(item)
        some = session.items[:2]
        self.beside = {
            item: next(one for one in groups[item.parent] + some if one is not item) for item in session.items
        }
        left = [mutant for file in files() if room_of(file).startswith(self.room) for mutant in mutants(file)]
        say(f"{len(left)} mutants")
        rows = {item for item in session.items if item.path.name == "rows.py"}
        here = [item for item in session.items if item.path.parent == Path(__file__).parent and item not in rows]
        left = self._round(here, left)
        theirs = [item for item in session.items if item.path.parent != Path(__file__).parent]
        left = self._round([item for item in theirs if open_rooms(left) & set(item.path.relative_to(ROOT).parts)], left)
        for mutant in self._round([item for item in rows if any(room in item.name for room in open_rooms(left))], left):
            said = EQUIVALENT.get(mutant.name)
            self._count(mutant, "excused" if said else "SURVIVED", said or f"line {mutant.line}")
        return True

    def _round(self, items: list[pytest.Item], left: list[Mutant]) -> list[Mutant]:
        """Show each mutant to the tests that come by it; those that none of them notices."""
        if not items:
            return left
        passing, coming, seconds = Passing(), defaultdict(list), {}
        for item in items:
            began = time.monotonic()
            passes = self._passes(item)
            seconds[item], lines = time.monotonic() - began, passing.taken()
            if not passes:
                say(f"left out, it fails as things are: {item.nodeid}\n{self.failure}")
            elif seconds[item] < SLOWEST:
                for line in lines:
                    coming[line].append(item)
        passing.stop()
        say(f"{len(items)} tests and rows run once in {sum(seconds.values()):.0f} s")
        unseen, places = [], {file: Place(file) for file in {mutant.file for mutant in left}}
        for mutant in left:
            able = sorted(coming[str(mutant.file), mutant.line], key=lambda item: seconds[item])[:MOST_TRIED]
            killer = next((item for item in able if self._notices(mutant, places[mutant.file], item)), None)
            if killer:
                self._count(mutant, "killed", killer.nodeid.rpartition("/")[2])
            else:
                unseen.append(mutant)
        return unseen

    def _count(self, mutant: Mutant, became: str, why: str) -> None:
        self.counts[room_of(mutant.file).split("/")[0]][became] += 1
        say(f"{became:8} {mutant.name} [{why}]")

    def _notices(self, mutant: Mutant, place: Place, item: pytest.Item) -> bool:
        """Whether it fails with the mutant, and does not without."""
        place.put(mutant)
        try:
            if self._passes(item):
                return False
        finally:
            place.restore()
        if not self._passes(item):
            say(f"not repeatable: {item.nodeid}\n{self.failure}")
            return False
        return True

    def _passes(self, item: pytest.Item) -> bool:
        """Run it, and take down what the one before left standing that this one does not need."""
        self.session._setupstate.teardown_exact(item)
        item._initrequest()
        reports = runtestprotocol(item, log=False, nextitem=self.beside[item])
        self.failure = next((str(report.longrepr)[-1500:] for report in reports if report.failed), "")
        return not self.failure


def open_rooms(left: list[Mutant]) -> set[str]:
    """The rooms of mutants that should have been noticed."""
    return {room_of(mutant.file).split("/")[0] for mutant in left if mutant.name not in EQUIVALENT}


def say(line: str) -> None:
    OUT.write(line + "\n")
    OUT.flush()


BESIDE = ("rows", "test_restricted", "test_functions", "test_own", "test_checks", "test_verbs", "test_links")
HERE = [f"tests/access/{name}.py" for name in BESIDE]


def main() -> int:
    room = sys.argv[1] if len(sys.argv) > 1 else ""
    rooms = [room.split("/")[0]] if room else sorted({file.relative_to(SOURCE).parts[0] for file in files()})
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    plugin = Mutating(room)
    began = time.monotonic()
    arguments = ["-q", "-p", "no:warnings", "-p", "no:logging", "-m", "not e2e and not faults",
                 *HERE, *(f"src/seacliff/{name}" for name in rooms)]  # fmt: skip
    pytest.main(arguments, plugins=[plugin])
    total = Counter[str]()
    for room, counts in sorted(plugin.counts.items()):
        say(f"{room:14} {figures(counts)}")
        total += counts
    say(f"{'all':14} {figures(total)}; {time.monotonic() - began:.0f} s")
    return bool(total["SURVIVED"]) or not total


def figures(counts: Counter[str]) -> str:
    return f"{counts.total()} mutants: {counts['killed']} killed, {counts['excused']} excused, {counts['SURVIVED']} survived"


if __name__ == "__main__":
    sys.exit(main())
