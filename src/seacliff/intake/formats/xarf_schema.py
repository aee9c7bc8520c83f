"""The official XARF v4 schemas (shipped in the `xarf` library), compiled once for each category and type.

The library's own `parse` tries every type's branch of the master schema on each report; choosing the branch by the
report's category and type gives the same verdict at a third of the cost, and never raises on malformed input.
"""

import json
from functools import lru_cache
from importlib.resources import files
from itertools import islice
from typing import Any

import jsonschema
import referencing
from referencing.jsonschema import DRAFT202012

_MOST_ERRORS = 8
_LONGEST_LIST = 2000  # the schemas' uniqueItems costs the square of a list's length


@lru_cache(maxsize=1)
def _schemas() -> tuple[dict[str, str], referencing.Registry[Any]]:
    """Schema ids by "category/type", and the registry that resolves their references."""
    ids: dict[str, str] = {}
    resources = []
    folder = files("xarf") / "schemas"
    types = sorted((folder / "types").iterdir(), key=lambda path: path.name)
    for path in (folder / "xarf-core.json", folder / "xarf-v4-master.json", *types):
        schema = json.loads(path.read_text(encoding="utf-8"))
        resources.append((schema["$id"], DRAFT202012.create_resource(schema)))
        name = path.name.removesuffix(".json")
        if path in types and not name.endswith("-base"):
            category, _, type_ = name.partition("-")
            ids[f"{category}/{type_.replace('-', '_')}"] = schema["$id"]
    return ids, referencing.Registry().with_resources(resources)


@lru_cache(maxsize=128)
def _validator(kind: str) -> jsonschema.Draft202012Validator | None:
    ids, registry = _schemas()
    if kind not in ids:
        return None
    schema = {"$ref": ids[kind]}
    return jsonschema.Draft202012Validator(schema, registry=registry, format_checker=jsonschema.FormatChecker())


def schema_errors(document: dict[str, Any], category: str, type_: str) -> list[str]:
    """What the schema of a report's category and type has against it, as sentences (at most eight; [] when valid)."""
    validator = _validator(f"{category}/{type_}") if len(category) + len(type_) < 80 else None
    if validator is None:
        return [f"XARF knows no type {type_[:60]!r} in the category {category[:60]!r}."]
    if longest_list(document) > _LONGEST_LIST:
        return [f"The report has a list of more than {_LONGEST_LIST} entries and was not checked against the schema."]
    try:
        found = list(islice(validator.iter_errors(document), _MOST_ERRORS))
    except (
        Exception
    ) as error:  # jsonschema's keywords raise many types on odd input; a warning says all there is to say
        return [f"The report could not be checked against the schema ({type(error).__name__})."]
    return [f"Field {'.'.join(map(str, error.absolute_path)) or 'report'!r}: {error.message[:200]}." for error in found]


def longest_list(document: Any) -> int:
    """The length of the longest list anywhere in a JSON value."""
    longest, waiting = 0, [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            longest = max(longest, len(value))
            waiting.extend(item for item in value[: _LONGEST_LIST + 1] if isinstance(item, dict | list))
        elif isinstance(value, dict):
            waiting.extend(item for item in value.values() if isinstance(item, dict | list))
    return longest
