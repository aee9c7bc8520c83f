"""Jira, Cloud (user and token) or Data Center (token alone), by its REST API (version 2: plain texts).

A place is a project's key.
"""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from seacliff.connectors.calls import Remote
from seacliff.connectors.tracker.issues import Comment, Issue, hmac_is, marker
from seacliff.partners.channels import NotSent

PAGE = 100
FIELDS = "status,assignee,resolution,resolutiondate,description"
UNWANTED = {"won't do", "won't fix", "declined", "duplicate", "cannot reproduce", "not a bug"}


class Jira:
    def __init__(
        self, name: str, token: str, url: str = "", secret: str = "", user: str = "", issue_type: str = "Task"
    ) -> None:
        self.name, self.secret, self.site, self.issue_type = name, secret, url.rstrip("/"), issue_type
        basic = b64encode(f"{user}:{token}".encode()).decode()
        self.remote = Remote(name, self.site, {"Authorization": f"Basic {basic}" if user else f"Bearer {token}"})
        self.search = "/rest/api/2/search/jql" if user else "/rest/api/2/search"  # Cloud has given up the older one

    def find(self, place: str, marker: str, since: datetime) -> Issue | None:
        """Times in JQL are of the user's zone; minutes before now are of none."""
        minutes = int((timezone.now() - since).total_seconds() // 60) + 1
        jql = f'project = "{place}" AND created >= -{minutes}m ORDER BY created DESC'
        found = self.remote.call("GET", self.search, jql=jql, fields=FIELDS, maxResults=PAGE)
        for each in found.get("issues", []):
            if marker in (each["fields"].get("description") or ""):
                return self._issue(each)
        return None

    def open(self, place: str, title: str, text: str) -> Issue:
        fields = {"project": {"key": place}, "summary": title, "description": text,
                  "issuetype": {"name": self.issue_type}}  # fmt: skip
        return self.issue(place, self.remote.call("POST", "/rest/api/2/issue", {"fields": fields})["key"])

    def issue(self, place: str, id: str) -> Issue:
        return self._issue(self.remote.call("GET", f"/rest/api/2/issue/{id}", fields=FIELDS))

    def comments(self, place: str, id: str) -> list[Comment]:
        every: list[Comment] = []
        while True:
            found = self.remote.call("GET", f"/rest/api/2/issue/{id}/comment", startAt=len(every), maxResults=PAGE)
            every += [
                Comment(str(each["id"]), (each.get("author") or {}).get("displayName", ""), each.get("body") or "")
                for each in found["comments"]
            ]
            if not found["comments"] or len(every) >= found.get("total", 0):
                return every

    def comment(self, place: str, id: str, text: str) -> str:
        return str(self.remote.call("POST", f"/rest/api/2/issue/{id}/comment", {"body": text})["id"])

    def close(self, place: str, id: str) -> None:
        self._move(id, {"done"})

    def reopen(self, place: str, id: str) -> None:
        self._move(id, {"new", "indeterminate"})

    def _move(self, id: str, categories: set[str]) -> None:
        """A project has a workflow of its own: take a step that leads where we want, if there is one."""
        for step in self.remote.call("GET", f"/rest/api/2/issue/{id}/transitions").get("transitions", []):
            if step["to"]["statusCategory"]["key"] in categories:
                self.remote.call("POST", f"/rest/api/2/issue/{id}/transitions", {"transition": {"id": step["id"]}})
                return
        raise NotSent(f"{self.name}: the workflow of {id} has no step for it. Move the issue by hand.", final=True)

    def marked(self, id: str) -> str:
        return f"\n\n({marker(id)})"

    def is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        return hmac_is(self.secret, body, headers.get("X-Hub-Signature", ""))

    def named(self, payload: Any) -> tuple[str, str] | None:
        key = str(payload.get("issue", {}).get("key") or "")
        return (key.rpartition("-")[0], key) if "-" in key else None

    def _issue(self, found: dict[str, Any]) -> Issue:
        fields = found["fields"]
        is_open = fields["status"]["statusCategory"]["key"] != "done"
        resolution = str((fields.get("resolution") or {}).get("name", "")).lower()
        return Issue(
            id=found["key"],
            url=f"{self.site}/browse/{found['key']}",
            is_open=is_open,
            done=not is_open and resolution not in UNWANTED,
            changed=str(fields.get("resolutiondate") or ""),
            assignee=(fields.get("assignee") or {}).get("displayName", ""),
        )
