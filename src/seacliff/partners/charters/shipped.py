"""The functions that come with Seacliff, each with a charter to begin from."""

from functools import cache
from pathlib import Path

import yaml
from django.db import transaction

from seacliff.partners.access import our_function
from seacliff.partners.charters.actions import draft
from seacliff.partners.charters.document import Charter, checked
from seacliff.partners.models import CharterVersion
from seacliff.people.models import Function
from seacliff.record.actions import Actor, Subject, happened

FILE = Path(__file__).with_name("shipped.yaml")


@cache
def shipped() -> list[tuple[str, str, str, Charter]]:
    """Short name, name, description and charter of each."""
    rows = yaml.safe_load(FILE.read_text())
    return [(slug, row["name"], row["description"], checked(row["charter"])) for slug, row in rows.items()]


@transaction.atomic
def install(actor: Actor) -> int:
    """Add the functions that are not there, and a draft charter to those that have none. How many drafts."""
    our_function()
    drafts = 0
    for slug, name, description, charter in shipped():
        function, made = Function.objects.get_or_create(slug=slug, defaults={"name": name, "description": description})
        if made:
            happened("function.added", Subject("function", function.id), actor, data={"name": name})
        if not CharterVersion.objects.filter(function=function).exists():
            draft(actor, None, function, charter, change="The charter that comes with Seacliff")
            drafts += 1
    return drafts
