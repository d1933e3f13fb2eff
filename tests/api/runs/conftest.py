"""Routers that take jobs."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from tests.api.conformance.house import Router, Tenant
from tests.api.conformance.seeding import report_of

_numbers = count(1)


class Field:
    """Routers of an organisation, driven through the agent's protocol."""

    def __init__(self, tenant: Tenant, size: int) -> None:
        self.tenant = tenant
        key = tenant.key()
        self.routers: dict[str, tuple[int, Router]] = {}
        self.seq: dict[str, int] = {}
        self.scripts: dict[str, str] = {}
        for _ in range(size):
            number = next(_numbers)
            router = tenant.router(number, key)
            self.routers[router.id] = (number, router)

    def check_in(self, device_id: str, state: str = "succeeded", output: str = "", **more: Any) -> str | None:
        """One check-in, with `more` in it; a job that is handed out is begun and reported. Gives the job's id."""
        number, router = self.routers[device_id]
        self.seq[device_id] = self.seq.get(device_id, 0) + 1
        answer = router.report(report_of(number, self.seq[device_id]) | {"agent": "1.1.0/A"} | more).json()
        job = answer.get("job")
        if not job:
            return None
        house, boot = self.tenant.house, f"boot{number}"
        script = house.ask("GET", f"/agent/v1/jobs/{job['id']}/script", secret=router.token)
        self.scripts[job["id"]] = script.text
        house.ask("POST", f"/agent/v1/jobs/{job['id']}/started", {"v": 1, "boot": boot}, router.token)
        self.tell(device_id, job["id"], state, output)
        return str(job["id"])

    def tell(self, device_id: str, job_id: str, state: str, output: str = "") -> None:
        """The outcome of a job, as the router tells it; it may tell it twice."""
        number, router = self.routers[device_id]
        result = {"v": 1, "boot": f"boot{number}", "state": state}
        result |= {"error": "no such item"} if state == "failed" else {"output": output} if output else {}
        done = self.tenant.house.ask("POST", f"/agent/v1/jobs/{job_id}/result", result, router.token)
        assert done.status_code == 200, done.text

    def run(self, **more: Any) -> dict[str, Any]:
        body = {"name": "Hello", "script": ":put hello", "device_ids": sorted(self.routers)} | more
        made: dict[str, Any] = self.tenant.made(
            "/runs", {key: value for key, value in body.items() if value is not None}
        )
        return made

    def do(self, run: dict[str, Any], decision: str, body: object = None) -> Any:
        """A decision; pause, resume and cancel take a body."""
        if body is None and decision in ("pause", "resume", "cancel", "retry"):
            body = {}
        answer = self.tenant.ask("POST", f"/runs/{run['id']}/{decision}", body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, run: dict[str, Any], decision: str, body: object = None) -> str:
        answer = self.tenant.ask("POST", f"/runs/{run['id']}/{decision}", body)
        assert answer.status_code == 409, answer.text
        return str(answer.json()["code"])

    def read(self, run: dict[str, Any]) -> Any:
        return self.tenant.get(f"/runs/{run['id']}")

    def until(self, run: dict[str, Any], **wanted: Any) -> Any:
        """The run when its fields, or its counts, are as wanted."""

        def found() -> Any:
            present = self.read(run)
            shown = present | present["counts"]
            return present if all(shown[name] == value for name, value in wanted.items()) else None

        return self.tenant.house.until(found)

    def targets(self, run: dict[str, Any], **query: Any) -> list[Any]:
        return self.tenant.items(f"/runs/{run['id']}/targets", **query)


@pytest.fixture
def field(acme: Tenant) -> Callable[[int], Field]:
    return lambda size: Field(acme, size)
