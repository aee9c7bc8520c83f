"""The console's menu."""

from collections import Counter

from seacliff.navigation import SECTIONS, url_of

ITEMS = [item for _heading, items in SECTIONS for item in items]


def test_every_entry_leads_somewhere():
    assert [item.label for item in ITEMS if url_of(item) is None] == []


def test_no_key_leads_to_two_places():
    assert [key for key, count in Counter(item.key for item in ITEMS).items() if count > 1] == []
