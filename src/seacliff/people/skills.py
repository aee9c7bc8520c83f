"""What a reviewer may be good at. Harms and tiers belong to rooms above, which register them from their AppConfig."""

from collections.abc import Callable

from django.conf.locale import LANG_INFO

Choices = list[tuple[str, str]]

_categories: Callable[[], Choices] = list


def register_categories(choices: Callable[[], Choices]) -> None:
    global _categories
    _categories = choices


def category_choices() -> Choices:
    """Slug and name of every harm category."""
    return _categories()


_tiers: Callable[[], list[tuple[int, str]]] = list


def register_tiers(choices: Callable[[], list[tuple[int, str]]]) -> None:
    global _tiers
    _tiers = choices


def tier_choices() -> list[tuple[int, str]]:
    """Number and name of every tier of review."""
    return _tiers()


def language_name(code: str) -> str:
    return LANG_INFO.get(code.lower(), {}).get("name", code)


def is_language(code: str) -> bool:
    return "name" in LANG_INFO.get(code.lower(), {})
