"""What every program must keep to: one guarded way out, one way to read XML, no formulas in CSV, few who write mails."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).parents[2] / "src/seacliff"
WAYS_OUT = re.compile(
    r"httpx\.(Client|AsyncClient|HTTPTransport|get|post|put|request|stream)\b|urlopen|urlretrieve|create_connection|"
    r"websockets?\.|requests\.|aiohttp|http\.client|urllib3"
)
GUARDED = {
    "enforcement/outbound.py": "the guard itself",
    "supervisor/health.py": "asks this installation's own address",
}
# Libraries that go out, and names of httpx that would not be seen as calls.
OTHER_WAYS = re.compile(r"(requests|aiohttp|urllib3|urllib\.request|http\.client|websockets?|pycurl|ftplib)\b|httpx\.")


class Source(NamedTuple):
    name: str
    calls: set[str]
    imported: set[str]  # by the whole path: "httpx", "xml.etree.ElementTree.fromstring"


@cache
def sources() -> list[Source]:
    return [read(file) for file in SOURCE.rglob("*.py") if not {"tests", "migrations"} & set(file.parts)]


def read(file: Path) -> Source:
    calls, imported = set(), set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call):
            calls.add(ast.unparse(node.func))
        elif isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}
    return Source(str(file.relative_to(SOURCE)), calls, imported)


def test_every_way_out_over_http_goes_through_the_guard():
    found = {}
    for name, calls, imported in sources():
        out = {call for call in calls if WAYS_OUT.match(call)}
        out |= {way for way in imported if OTHER_WAYS.match(way)}
        if out:
            found[name] = sorted(out)
    assert not set(found) - set(GUARDED), found
    assert set(found) == set(GUARDED), "a guard that nobody needs any more"


READING_XML = re.compile(r"xml\.etree\.ElementTree(?!\.(Element|SubElement|indent|tostring|ParseError)$)|xml\.(dom|sax|parsers)|"
                         r"lxml|xmltodict|bs4")  # fmt: skip


def test_xml_from_outside_is_read_by_the_parser_that_refuses_entities():
    assert not {name: one for name, _calls, imported in sources() for one in imported if READING_XML.match(one)}
    safe = {name for name, _calls, imported in sources() if any(one.startswith("defusedxml") for one in imported)}
    assert safe == {"intake/formats/xml_documents.py", "people/saml_answers.py", "restricted/hotline.py"}, (
        "whoever reads XML has a test with a document that unfolds"
    )


def test_whoever_writes_csv_makes_its_cells_inert():
    found = {}
    for name, calls, imported in sources():
        if calls & {"csv.writer", "csv.DictWriter", "writer", "DictWriter"}:
            found[name] = "seacliff.intake.cells.inert" in imported
    assert found == {"intake/importing.py": True, "intake/formats/tables.py": True}


def test_whoever_writes_mails_is_known():
    """Each has its test that words bring in no headers."""
    writing = ("EmailMessage", "EmailMultiAlternatives", "send_mail")
    found = {name for name, calls, _imported in sources() if any(call.endswith(writing) for call in calls)}
    assert found == {"connectors/email/sending.py", "enforcement/notices.py", "people/actions.py", "restricted/alerting.py",
                     "sample/props.py"}  # fmt: skip
