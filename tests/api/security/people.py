"""Callers of each role, and things for them to reach for."""

from collections.abc import Callable
from itertools import count
from typing import Any

import httpx

from tests.api.conformance.house import PASSWORD, House, Tenant

Headers = dict[str, str]
ROLES = ("owner", "admin", "operator", "viewer")
_numbers = count(1)


def sign_in(house: House, tenant: Tenant, role: str) -> Headers:
    """Invite somebody with a role, accept, and give what their browser sends."""
    number = next(_numbers)
    invited = tenant.made("/people", {"email": f"{role}{number}@acme.example", "name": role.title(), "role": role})
    body = {"token": invited["invitation_token"], "name": role.title(), "password": PASSWORD}
    answer = house.ask("POST", "/invitations/accept", body)
    assert answer.status_code == 201, answer.text
    cookie = answer.headers["set-cookie"].partition(";")[0]
    return {"Cookie": cookie, "X-CSRF-Token": answer.json()["csrf_token"]}


class Things:
    """Makes one of each kind in an organisation; each call makes another."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.makers: dict[str, Callable[[str], str]] = {
            "site_id": lambda name: self._made("/sites", name=name),
            "group_id": lambda name: self._made("/site-groups", name=name),
            "key_id": lambda name: self._made("/enrolment-keys", name=name),
            "organisation_id": lambda name: self._made("/organisations", name=name, parent_id=tenant.org_id),
            "person_id": lambda name: self._made("/people", name=name, email=f"{name}@things.example", role="viewer"),
            "token_id": lambda name: self._made("/tokens", name=name, scopes=["devices:read"]),
            "device_id": lambda name: self._router(),
            "job_id": lambda name: self._job(),
            "run_id": self._run,
            "library_id": self._script,
            "query_id": self._query,
            "search_id": lambda name: self._made("/logs/searches", name=name, search={}, shared=True),
            "source_id": lambda name: self._made("/sources", name=name, way="token"),
            "callback_id": lambda name: self._callback(),
            "subscription_id": self._subscription,
        }

    def make(self, kind: str) -> str:
        """A fresh thing; gives its id."""
        return self.makers[kind](f"thing-{next(_numbers)}")

    def remove(self, kind: str, thing: str) -> None:
        """Delete it, for good."""
        folder = {
            "site_id": "sites", "group_id": "site-groups", "organisation_id": "organisations", "person_id": "people",
            "token_id": "tokens", "device_id": "devices", "library_id": "library", "query_id": "queries",
            "source_id": "sources", "search_id": "logs/searches",
            "subscription_id": "callbacks/subscriptions",
        }[kind]  # fmt: skip
        query = {"force": "true"} if kind == "device_id" else {}
        answer = self.tenant.ask("DELETE", f"/{folder}/{thing}", params=query)
        assert answer.status_code == 204, answer.text

    def _script(self, name: str) -> str:
        return self._made("/library", name=name, source=":put hello", visibility="shared")

    def _made(self, path: str, **body: Any) -> str:
        return str(self.tenant.made(path, body)["id"])

    def _router(self) -> str:
        return self.tenant.router(next(_numbers), self.tenant.key(needs_approval=True)).id

    def _run(self, name: str) -> str:
        device = self.tenant.router(next(_numbers)).id
        return str(self.tenant.made("/runs", {"name": name, "kind": "reboot", "device_ids": [device]})["id"])

    def _query(self, name: str) -> str:
        return str(
            self.tenant.made("/queries/saved", {"name": name, "ask": {"query": "/ip/address", "wait_s": 0}})["id"]
        )

    def _callback(self) -> str:
        """The end of a job, on its way to where nobody listens."""
        self.tenant.made("/callbacks/secret", None)
        device, url = self.tenant.router(next(_numbers)).id, "http://127.0.0.1:9/"
        job = self.tenant.made("/jobs", {"kind": "reboot", "device_ids": [device], "notify_url": url})["items"][0]
        assert self.tenant.ask("POST", f"/jobs/{job['id']}/cancel").status_code == 200
        self.tenant.house.run(self.tenant.house.platform.callback_post.turn())
        return str(self.tenant.items("/callbacks", subject_id=job["id"])[0]["id"])

    def _subscription(self, name: str) -> str:
        self.tenant.made("/callbacks/secret", None)
        return self._made("/callbacks/subscriptions", name=name, url="http://127.0.0.1:9/", events=["run.halted"])

    def _job(self) -> str:
        device = self.tenant.router(next(_numbers)).id
        return str(self.tenant.made("/jobs", {"kind": "reboot", "device_ids": [device]})["items"][0]["id"])


def bare(answer: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    """An answer without what must differ: where it was asked, its number, and how much is left to ask."""
    body = answer.content
    if answer.headers.get("content-type", "").startswith("application/problem"):
        body = body.replace(answer.json()["instance"].encode(), b"")
    passing = {"x-request-id", "ratelimit-remaining", "ratelimit-reset", "content-length"}
    return answer.status_code, body, [pair for pair in answer.headers.multi_items() if pair[0] not in passing]
