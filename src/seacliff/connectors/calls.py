"""Requests to other systems' HTTP APIs: guarded, bounded, and every failure in a sentence that says whether to try again."""

import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from seacliff.enforcement import outbound
from seacliff.partners.channels import NotSent

ANSWER_MOST = 16 * 1024 * 1024
PAGES_MOST = 20
LATER = (401, 403, 404, 408, 409, 425, 429)  # a token or a setting can be mended, and limits pass


class Missing(NotSent):
    """404 or 410: what was asked for is not there (or not shown to us)."""


class Remote:
    """One API under one address. Private addresses are refused unless SEACLIFF_WEBHOOK_ALLOWED_PRIVATE allows them."""

    def __init__(self, name: str, url: str, headers: Mapping[str, str]) -> None:
        self.name, self.url = name, url.rstrip("/")
        self.headers = {"User-Agent": "Seacliff", "Accept": "application/json", **headers}
        self._own = threading.local()

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The answer's JSON (None when there is none). Raises NotSent, Missing."""
        text, _headers = self._answer(method, self.url + path, body, query)
        return self._json(text)

    def tell(self, body: Any) -> None:
        """POST to the address itself, whatever is said in return. Raises NotSent."""
        self._answer("POST", self.url, body, {})

    def pages(self, path: str, **query: Any) -> Iterator[list[Any]]:
        """Page after page of a list, as long as the answer names a next one (RFC 8288)."""
        url: str = self.url + path
        for _ in range(PAGES_MOST):
            text, headers = self._answer("GET", url, None, query)
            found = self._json(text)
            yield found if isinstance(found, list) else []
            following = httpx.Response(200, headers={"link": headers.get("link", "")}).links.get("next", {}).get("url")
            if not following or not following.startswith(self.url + "/"):
                return
            url, query = following, {}

    def _answer(self, method: str, url: str, body: Any, query: dict[str, Any]) -> tuple[bytes, httpx.Headers]:
        content = json.dumps(body).encode() if body is not None else None
        headers = {**self.headers, **({"Content-Type": "application/json; charset=utf-8"} if content else {})}
        try:
            with self._http().stream(method, url, content=content, headers=headers, params=query or None) as response:
                text = b""
                for chunk in response.iter_bytes():
                    text += chunk
                    if len(text) > ANSWER_MOST:
                        raise NotSent(f"{self.name} answers with more than {ANSWER_MOST // 2**20} MB.")
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, OSError) as error:
            raise NotSent(f"{self.name} can't be reached: {error}") from error
        _check(self.name, response, text)
        return text, response.headers

    def _json(self, text: bytes) -> Any:
        try:
            return json.loads(text) if text.strip() else None
        except ValueError as error:
            raise NotSent(f"{self.name} answers with something that is no JSON.") from error

    def _http(self) -> httpx.Client:
        if not hasattr(self._own, "client"):
            self._own.client = outbound.client()
        return self._own.client


def _check(name: str, response: httpx.Response, text: bytes) -> None:
    status = response.status_code
    if 200 <= status < 300:
        return
    said = " ".join(text[:300].decode("utf-8", "replace").split())
    if status in (404, 410):
        raise Missing(f"{name} has nothing there, or does not show it to us ({status}): {said}")
    if 300 <= status < 400:
        raise NotSent(f"{name} answers with a redirect, which is not followed: correct its address, or the project's.")
    limited = status == 429 or (status == 403 and response.headers.get("x-ratelimit-remaining") == "0")
    wait = _seconds(response.headers.get("retry-after", "")) or (60.0 if limited else None)
    raise NotSent(f"{name} refuses ({status}): {said}", final=400 <= status < 500 and status not in LATER, wait=wait)


def _seconds(value: str) -> float | None:
    return min(float(value), 3600.0) if value.isdecimal() else None
