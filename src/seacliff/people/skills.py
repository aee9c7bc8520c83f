"""What a reviewer may be good at. The harms are policy's, a room above: it registers them from its AppConfig."""

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


def language_name(code: str) -> str:
    return LANG_INFO.get(code.lower(), {}).get("name", code)


def is_language(code: str) -> bool:
    return "name" in LANG_INFO.get(code.lower(), {})
