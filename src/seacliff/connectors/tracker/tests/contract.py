"""A tracker of our own on loopback, that speaks the parts of GitHub's, GitLab's and Jira's APIs which Seacliff uses."""

import base64
import hashlib
import hmac
import json
import re
import threading
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlencode

from seacliff.connectors.tests import loopback

PAGE_MOST = 3  # so that every list has several pages
SECRET = "webhook-secret"


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Handler(loopback.Handler):
    def path_of(self, path: str) -> str:
        return path if self.here.kind == "gitlab" else unquote(path)

    def serve(self, path: str, query: dict[str, str], body: Any) -> tuple[int, Any, dict[str, str]]:
        here = self.here
        if not here.is_known(self.headers):
            return 401, {"message": "Bad credentials"}, {}
        status, said = here.answer(self.command, path, query, body)
        if not isinstance(said, list):
            return status, said, {}
        page = int(query.get("page", 1))
        headers = {}
        if len(said) > page * PAGE_MOST:
            more = urlencode({**query, "page": page + 1})
            headers["Link"] = f'<{here.url}{self.path.partition("?")[0]}?{more}>; rel="next"'
        return status, said[(page - 1) * PAGE_MOST : page * PAGE_MOST], headers


class Contract(loopback.Loopback):
    """The issues of one place: {"number", "title", "text", "open", "wanted", "closed_at", "assignee", "comments"}."""

    handler = Handler

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.place = {"github": "lantern/app", "gitlab": "lantern/apps/web", "jira": "APP"}[kind]
        self.issues: list[dict[str, Any]] = []
        self.lock = threading.Lock()

    # what people do there

    def write(self, number: int, text: str, author: str = "ivy") -> dict[str, Any]:
        issue = self.issues[number - 1]
        issue["comments"].append({"id": 1000 * number + len(issue["comments"]), "author": author, "text": text})
        return issue["comments"][-1]

    def close(self, number: int, *, wanted: bool = True) -> None:
        self.issues[number - 1] |= {"open": False, "wanted": wanted, "closed_at": now()}

    def reopen(self, number: int) -> None:
        self.issues[number - 1] |= {"open": True, "closed_at": None}

    def assign(self, number: int, who: str) -> None:
        self.issues[number - 1]["assignee"] = who

    def webhook(self, number: int, secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
        """Body and header fields of a webhook about an issue, as the tracker would send it."""
        payload: dict[str, Any] = {
            "github": {"action": "created", "repository": {"full_name": self.place}, "issue": {"number": number}},
            "gitlab": {"object_kind": "note", "project": {"path_with_namespace": self.place}, "issue": {"iid": number}},
            "jira": {"webhookEvent": "comment_created", "issue": {"key": f"{self.place}-{number}"}},
        }[self.kind]
        body = json.dumps(payload).encode()
        signed = f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"
        headers = {"github": {"X-Hub-Signature-256": signed}, "jira": {"X-Hub-Signature": signed},
                   "gitlab": {"X-Gitlab-Token": secret}}[self.kind]  # fmt: skip
        return body, headers

    # what the API does

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        with self.lock:
            return getattr(self, f"_{self.kind}")(method, path, query, body)

    def _new(self, title: str, text: str) -> dict[str, Any]:
        issue = {"number": len(self.issues) + 1, "title": title, "text": text, "open": True, "wanted": True,
                 "closed_at": None, "created_at": now(), "assignee": "", "comments": []}  # fmt: skip
        self.issues.append(issue)
        return issue

    def _of(self, number: str) -> dict[str, Any] | None:
        place = int(number) - 1
        return self.issues[place] if place < len(self.issues) else None

    def _github(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        found = re.fullmatch(r"/repos/lantern/app/issues(?:/(\d+)(/comments)?)?", path)
        if not found:
            return 404, {"message": "Not Found"}

        def shown(issue: dict[str, Any]) -> dict[str, Any]:
            reason = None if issue["open"] else "completed" if issue["wanted"] else "not_planned"
            who = {"login": issue["assignee"]} if issue["assignee"] else None
            return {"number": issue["number"], "html_url": f"https://github.example/{self.place}/issues/{issue['number']}",
                    "title": issue["title"], "body": issue["text"], "state": "open" if issue["open"] else "closed",
                    "state_reason": reason, "closed_at": issue["closed_at"], "created_at": issue["created_at"],
                    "assignee": who}  # fmt: skip

        def comment(one: dict[str, Any]) -> dict[str, Any]:
            return {"id": one["id"], "body": one["text"], "user": {"login": one["author"]}}

        number, comments = found.groups()
        if not number and method == "GET":
            assert query["state"] == "all" and query["direction"] == "desc"
            return 200, [shown(issue) for issue in reversed(self.issues)]
        if not number:
            return 201, shown(self._new(body["title"], body["body"]))
        issue = self._of(number)
        if issue is None:
            return 404, {"message": "Not Found"}
        if comments and method == "GET":
            return 200, [comment(one) for one in issue["comments"]]
        if comments:
            return 201, comment(self.write(int(number), body["body"], "seacliff-bot"))
        if method == "PATCH":
            self.reopen(int(number)) if body["state"] == "open" else self.close(int(number), wanted=False)
        return 200, shown(issue)

    def _gitlab(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        found = re.fullmatch(r"/api/v4/projects/lantern%2Fapps%2Fweb/issues(?:/(\d+)(/notes)?)?", path)
        if not found:
            return 404, {"message": "404 Project Not Found"}

        def shown(issue: dict[str, Any]) -> dict[str, Any]:
            return {"iid": issue["number"], "web_url": f"https://gitlab.example/{self.place}/-/issues/{issue['number']}",
                    "title": issue["title"], "description": issue["text"],
                    "state": "opened" if issue["open"] else "closed", "closed_at": issue["closed_at"],
                    "assignees": [{"name": issue["assignee"]}] if issue["assignee"] else []}  # fmt: skip

        def note(one: dict[str, Any]) -> dict[str, Any]:
            return {"id": one["id"], "body": one["text"], "system": one["author"] == "system",
                    "author": {"name": one["author"]}}  # fmt: skip

        number, notes = found.groups()
        if not number and method == "GET":
            return 200, [shown(issue) for issue in reversed(self.issues)]
        if not number:
            return 201, shown(self._new(body["title"], body["description"]))
        issue = self._of(number)
        if issue is None:
            return 404, {"message": "404 Not Found"}
        if notes and method == "GET":
            return 200, [note(one) for one in issue["comments"]]
        if notes:
            return 201, note(self.write(int(number), body["body"], "seacliff-bot"))
        if method == "PUT":
            self.reopen(int(number)) if body["state_event"] == "reopen" else self.close(int(number), wanted=False)
        return 200, shown(issue)

    def _jira(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        def shown(issue: dict[str, Any]) -> dict[str, Any]:
            status = {"statusCategory": {"key": "new" if issue["open"] else "done"}}
            reason = None if issue["open"] else {"name": "Done" if issue["wanted"] else "Won't Do"}
            who = {"displayName": issue["assignee"]} if issue["assignee"] else None
            fields = {"summary": issue["title"], "description": issue["text"], "status": status, "assignee": who,
                      "resolution": reason, "resolutiondate": issue["closed_at"]}  # fmt: skip
            return {"key": f"APP-{issue['number']}", "fields": fields}

        def comment(one: dict[str, Any]) -> dict[str, Any]:
            return {"id": str(one["id"]), "body": one["text"], "author": {"displayName": one["author"]}}

        if path == "/rest/api/2/search/jql":
            assert query["jql"].startswith('project = "APP" AND created >= -')
            return 200, {"issues": [shown(issue) for issue in reversed(self.issues)]}
        if path == "/rest/api/2/issue" and method == "POST":
            fields = body["fields"]
            assert fields["project"] == {"key": "APP"} and fields["issuetype"] == {"name": "Task"}
            return 201, {"key": f"APP-{self._new(fields['summary'], fields['description'])['number']}"}
        found = re.fullmatch(r"/rest/api/2/issue/APP-(\d+)(?:/(comment|transitions))?", path)
        issue = self._of(found[1]) if found else None
        if found is None or issue is None:
            return 404, {"errorMessages": ["Issue does not exist"]}
        if found[2] == "comment" and method == "POST":
            return 201, comment(self.write(int(found[1]), body["body"], "Seacliff Bot"))
        if found[2] == "comment":
            every, start = [comment(one) for one in issue["comments"]], int(query["startAt"])
            return 200, {"comments": every[start : start + PAGE_MOST], "total": len(every)}
        if found[2] == "transitions" and method == "GET":
            steps = [("11", "new"), ("21", "indeterminate"), ("31", "done")]
            return 200, {"transitions": [{"id": id, "to": {"statusCategory": {"key": key}}} for id, key in steps]}
        if found[2] == "transitions":
            self.close(int(found[1])) if body["transition"]["id"] == "31" else self.reopen(int(found[1]))
            return 204, b""
        return 200, shown(issue)

    def is_known(self, headers: Any) -> bool:
        basic = base64.b64encode(b"bot@lantern.example:t0ken").decode()
        return {"github": headers.get("Authorization") == "Bearer t0ken", "gitlab": headers.get("PRIVATE-TOKEN") == "t0ken",
                "jira": headers.get("Authorization") == f"Basic {basic}"}[self.kind]  # fmt: skip
