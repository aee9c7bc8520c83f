"""GitLab, by its REST API (v4); place is "group/project" or a project's number."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from seacliff.connectors.calls import Remote
from seacliff.connectors.tracker.issues import Comment, Issue, hidden


class GitLab:
    def __init__(self, name: str, token: str, url: str = "https://gitlab.com", secret: str = "") -> None:
        self.name, self.secret = name, secret
        self.remote = Remote(name, f"{url.rstrip('/')}/api/v4", {"PRIVATE-TOKEN": token})

    def find(self, place: str, marker: str, since: datetime) -> Issue | None:
        query = {"order_by": "created_at", "sort": "desc", "created_after": since.isoformat(), "per_page": 100}
        for found in self.remote.pages(f"{_project(place)}/issues", **query):
            for each in found:
                if marker in (each.get("description") or ""):
                    return _issue(each)
        return None

    def open(self, place: str, title: str, text: str) -> Issue:
        return _issue(self.remote.call("POST", f"{_project(place)}/issues", {"title": title, "description": text}))

    def issue(self, place: str, id: str) -> Issue:
        return _issue(self.remote.call("GET", f"{_project(place)}/issues/{id}"))

    def comments(self, place: str, id: str) -> list[Comment]:
        path = f"{_project(place)}/issues/{id}/notes"
        return [
            Comment(str(each["id"]), (each.get("author") or {}).get("name", ""), each.get("body") or "")
            for found in self.remote.pages(path, sort="asc", order_by="created_at", per_page=100)
            for each in found
            if not each.get("system") and not each.get("internal")
        ]

    def comment(self, place: str, id: str, text: str) -> str:
        return str(self.remote.call("POST", f"{_project(place)}/issues/{id}/notes", {"body": text})["id"])

    def close(self, place: str, id: str) -> None:
        self.remote.call("PUT", f"{_project(place)}/issues/{id}", {"state_event": "close"})

    def reopen(self, place: str, id: str) -> None:
        self.remote.call("PUT", f"{_project(place)}/issues/{id}", {"state_event": "reopen"})

    def marked(self, id: str) -> str:
        return hidden(id)

    def is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        """GitLab signs nothing: it sends the secret along."""
        return bool(self.secret) and hmac.compare_digest(
            self.secret.encode(), headers.get("X-Gitlab-Token", "").encode()
        )

    def named(self, payload: Any) -> tuple[str, str] | None:
        place = payload.get("project", {}).get("path_with_namespace")
        about = payload.get("issue") or (
            payload.get("object_attributes") if payload.get("object_kind") == "issue" else {}
        )
        number = (about or {}).get("iid")
        return (str(place), str(number)) if place and number else None


def _project(place: str) -> str:
    return f"/projects/{quote(place, safe='')}"


def _issue(found: dict[str, Any]) -> Issue:
    is_open = found["state"] == "opened"
    return Issue(
        id=str(found["iid"]),
        url=found.get("web_url", ""),
        is_open=is_open,
        done=not is_open,
        changed=str(found.get("closed_at") or ""),
        assignee=((found.get("assignees") or [{}])[0]).get("name", ""),
    )
