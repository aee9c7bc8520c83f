"""Pytest plugin: a real Chromium for tests of pages. SEACLIFF_CHROMIUM names the program if it is not on the path.

`page` is a fresh browser context, `seat` one in which somebody is signed in; a script error or a breach of the content security
policy fails the test that met it. SEACLIFF_SHOTS names a folder for the pictures that `shot` takes.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

SHOTS = os.environ.get("SEACLIFF_SHOTS", "")
WIDE = {"width": 1280, "height": 900}
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser, started once. Its event loop lives in this thread, where Django would refuse the database."""
    from playwright.sync_api import sync_playwright

    program = os.environ.get("SEACLIFF_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"no browser: install one of {', '.join(NAMES)}, or name it in SEACLIFF_CHROMIUM")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Any) -> Iterator[Callable[..., Any]]:
    """A function that opens a page in a context of its own; it takes what Playwright's new_context takes."""
    faults: list[str] = []
    contexts = []

    def open_page(**options: Any) -> Any:
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, faults


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """A page 1280 pixels wide, in the light theme."""
    return new_page(viewport=WIDE, color_scheme="light")


@pytest.fixture
def seat(new_page: Callable[..., Any], live_server: Any, client: Any) -> Callable[..., Any]:
    """A function that opens a page for somebody who is signed in; beside the user it takes what `new_page` takes."""

    def sit(user: Any, **options: Any) -> Any:
        from django.conf import settings

        page = new_page(**{"viewport": WIDE} | options)
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        client.cookies.clear()
        return page

    return sit


def axe_finds(page: Any) -> list[str]:
    """What axe has against the page, one line per rule with the first elements it means. Empty is good."""
    from axe_playwright_python.sync_playwright import Axe

    return [
        f"{found['id']} ({found['impact']}): {[node['html'][:200] for node in found['nodes'][:3]]}"
        for found in Axe().run(page).response["violations"]
    ]


def shot(page: Any, name: str, schemes: tuple[str, ...] = ("dark", "light")) -> None:
    """In each theme: axe finds nothing, and a picture to look at is taken if SEACLIFF_SHOTS is set."""
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(300)  # colours change slowly where people see it
        assert axe_finds(page) == [], f"{name} {scheme}"
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name}-{scheme}.png", full_page=True)
