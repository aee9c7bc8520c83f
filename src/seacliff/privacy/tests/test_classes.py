"""Every field that may speak of a person belongs to a class of data, or somebody has said why it need not."""

from collections import defaultdict

import pytest
from django.apps import apps
from django.db import connection

from seacliff.privacy import sifting
from seacliff.privacy.plan import default
from seacliff.record.personal import COLUMNS, REGISTRY

TEXTS = ("TextField", "CharField", "JSONField", "EmailField", "BinaryField", "ArrayField", "URLField", "SlugField",
         "SearchVectorField", "GeneratedField", "GenericIPAddressField", "FileField")  # fmt: skip


def fields():
    """Model label to its fields of text; a field with fixed choices says nothing about anybody."""
    for model in apps.get_models(include_auto_created=True):
        names = {
            field.name
            for field in model._meta.local_concrete_fields
            if field.get_internal_type() in TEXTS
            and not field.choices
            and not field.name.startswith("pgh_")
            and not field.name.endswith("_kind")
        }
        if names:
            yield model._meta.label, names


def told():
    found = defaultdict(set)
    for one in REGISTRY.classes.values():
        for label, names in one.covers.items():
            found[label] |= set(names.split())
    for label, names in REGISTRY.other.items():
        found[label] |= set(names)
    return found


def test_every_field_of_text_has_a_class_of_data_or_a_reason():
    known = told()
    silent = {label: sorted(names - known[label]) for label, names in fields() if "*" not in known[label]}
    missing = {label: names for label, names in silent.items() if names}
    assert not missing, (
        f"{missing}: may these hold something about a person? Add them to a DataClass in the room's personal.py "
        "(docs/privacy.md says how), or to not_personal() with the reason."
    )


def test_no_class_names_a_field_that_is_not_there():
    there = {model._meta.label: {field.name for field in model._meta.get_fields()} for model in apps.get_models()}
    wrong = {
        label: sorted(set(names) - there.get(label, set()) - {"*"})
        for label, names in told().items()
        if label not in there or set(names) - there[label] - {"*"}
    }
    assert not wrong


@pytest.mark.django_db
@pytest.mark.parametrize("slug", sorted(REGISTRY.classes))
def test_a_class_gives_its_rows_with_the_columns_that_rules_and_holds_need(slug):
    one = REGISTRY.classes[slug]
    with connection.cursor() as cursor:
        cursor.execute(one.rows, {})
        assert tuple(column.name for column in cursor.description) == COLUMNS
    assert sifting.theirs(one, sifting.Subject(reporter="mail:nobody@example.org")) == []
    assert sifting.still(one, sifting.held_now(), [], rules=default().rules_of(slug)) == ([], [])
    assert one.forget([]) == 0


@pytest.mark.django_db
def test_a_duty_gives_cases():
    assert set(sifting.held_now().duties) == set(REGISTRY.duties)
    assert all(sifting.reason_of(f"duty:{slug}") != f"duty:{slug}" for slug in REGISTRY.duties)
