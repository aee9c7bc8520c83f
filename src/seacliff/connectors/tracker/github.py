"""GitHub, by its REST API (version 2022-11-28), also on an Enterprise Server: url "https://github.example/api/v3"."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from seacliff.connectors.calls import Remote
from seacliff.connectors.tracker.issues import Comment, Issue, hidden, hmac_is


class GitHub:
    def __init__(self, name: str, token: str, url: str = "https://api.github.com", secret: str = "") -> None:
        self.name, self.secret = name, secret
        headers = {"Authorization": f"Bearer {token}", "X-GitHub-Api-Version": "2022-11-28",
                   "Accept": "application/vnd.github+json"}  # fmt: skip
        self.remote = Remote(name, url, headers)

    def find(self, place: str, marker: str, since: datetime) -> Issue | None:
        """By listing, not by search, whose index is minutes late."""
        query = {"state": "all", "sort": "created", "direction": "desc", "since": _time(since), "per_page": 100}
        for found in self.remote.pages(f"/repos/{place}/issues", **query):
            for each in found:
                if marker in (each.get("body") or ""):
                    return _issue(each)
                if each["created_at"] < _time(since):
                    return None
        return None

    def open(self, place: str, title: str, text: str) -> Issue:
        return _issue(self.remote.call("POST", f"/repos/{place}/issues", {"title": title, "body": text}))

    def issue(self, place: str, id: str) -> Issue:
        return _issue(self.remote.call("GET", f"/repos/{place}/issues/{id}"))

    def comments(self, place: str, id: str) -> list[Comment]:
        return [
            Comment(str(each["id"]), (each.get("user") or {}).get("login", ""), each.get("body") or "")
            for found in self.remote.pages(f"/repos/{place}/issues/{id}/comments", per_page=100)
            for each in found
        ]

    def comment(self, place: str, id: str, text: str) -> str:
        return str(self.remote.call("POST", f"/repos/{place}/issues/{id}/comments", {"body": text})["id"])

    def close(self, place: str, id: str) -> None:
        self.remote.call("PATCH", f"/repos/{place}/issues/{id}", {"state": "closed", "state_reason": "not_planned"})

    def reopen(self, place: str, id: str) -> None:
        self.remote.call("PATCH", f"/repos/{place}/issues/{id}", {"state": "open"})

    def marked(self, id: str) -> str:
        return hidden(id)

    def is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        return hmac_is(self.secret, body, headers.get("X-Hub-Signature-256", ""))

    def named(self, payload: Any) -> tuple[str, str] | None:
        place, number = payload.get("repository", {}).get("full_name"), payload.get("issue", {}).get("number")
        return (str(place), str(number)) if place and number else None


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _issue(found: dict[str, Any]) -> Issue:
    is_open = found["state"] == "open"
    return Issue(
        id=str(found["number"]),
        url=found.get("html_url", ""),
        is_open=is_open,
        done=not is_open and found.get("state_reason") not in ("not_planned", "duplicate"),
        changed=str(found.get("closed_at") or ""),
        assignee=(found.get("assignee") or {}).get("login", ""),
    )
