"""A platform with an owner and routers, as its public API and its console make it."""

import re
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.conftest import PlatformProcess

PASSWORD = "twelve monkeys ride"
OWNER = {"organisation": "Acme Networks", "name": "Ada Lovelace", "email": "ada@acme.example", "password": PASSWORD}
FLEET = Path(__file__).with_name("hostile_fleet.py")
PATIENCE_S = 60.0
T = TypeVar("T")
_TOKEN = re.compile(r"give this token:\s+(\S+)")


def until(ask: Callable[[], T], what: str, patience_s: float = PATIENCE_S) -> T:
    """The first true answer; asks again and again, with a bound."""
    ends_at = time.monotonic() + patience_s
    while time.monotonic() < ends_at:
        if answer := ask():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {patience_s:g} s")


def console_token(platform: PlatformProcess) -> str:
    """The one-time token that a new platform prints."""
    return until(lambda: _TOKEN.findall(platform.said()), "printing the token")[-1]


class Fleet:
    """Virtual routers as a child process."""

    def __init__(self, command: list[str], log: Path) -> None:
        with log.open("ab") as out:
            self._process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)

    @classmethod
    def plain(cls, url: str, key: str, log: Path) -> "Fleet":
        """One router as `python -m tikfleet.virtual` runs it, reporting every two seconds."""
        options = ["--url", url, "--key", key, "--routers", "1", "--interval-s", "2"]
        return cls([sys.executable, "-m", "tikfleet.virtual", *options], log)

    @classmethod
    def hostile(cls, url: str, key: str, routers: int, log: Path) -> "Fleet":
        return cls([sys.executable, str(FLEET), url, key, str(routers)], log)

    def end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Account:
    """Somebody's session, for the API and for a browser."""

    def __init__(self, url: str, path: str, body: dict[str, str]) -> None:
        """Opens it by this request: set-up, sign-in or the acceptance of an invitation."""
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=30)
        session = self.ask("POST", path, body)
        self.http.headers["X-CSRF-Token"] = session["csrf_token"]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.http.request(method, f"/api/v1{path}", json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def cookies(self) -> list[Any]:
        """For a browser that shall be signed in as this person."""
        host = self.http.base_url.host
        return [
            {"name": cookie.name, "value": cookie.value, "domain": host, "path": "/", "httpOnly": True}
            for cookie in self.http.cookies.jar
        ]


class House:
    """One platform for the tests that only look, or change what nobody else looks at."""

    flow_port = 0
    syslog_port = 0

    def __init__(self, platform: PlatformProcess, routers: int) -> None:
        self.platform = platform
        self.url = platform.url
        self.owner = Account(self.url, "/setup", OWNER | {"token": console_token(platform)})
        self.key = self.owner.ask("POST", "/enrolment-keys", {"name": "Branches", "tags": ["branch"]})
        log = platform.directory.with_name("fleet.log")
        self.fleet = Fleet.hostile(self.url, self.key["secret"], routers, log)
        until(lambda: self._known() == routers, f"{routers} routers enrolling and reporting")
        self.viewer = self._viewer()

    def devices(self, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.owner.ask("GET", f"/devices?limit=200&{query}")["items"]
        return found

    def ordinary(self) -> list[dict[str, Any]]:
        """The devices whose names nobody tampered with, by name."""
        return [device for device in self.devices("sort=name") if re.fullmatch(r"[\w -]+", device["name"])]

    def device(self, name: str) -> dict[str, Any]:
        """The one device of this name."""
        (found,) = [device for device in self.devices() if device["name"] == name]
        return found

    def run(self, device: dict[str, Any], **job: Any) -> dict[str, Any]:
        """A job on this device, once it is finished."""
        sent = self.owner.ask("POST", "/jobs", {"device_ids": [device["id"]], **job})["items"][0]
        return until(lambda: self._finished(sent["id"]), "finishing the job")

    def end(self) -> None:
        with suppress(AttributeError):
            self.fleet.end()
        self.platform.end()

    def _known(self) -> int:
        return len([device for device in self.devices("status=online") if device["uptime_s"] is not None])

    def _finished(self, job_id: str) -> dict[str, Any] | None:
        job: dict[str, Any] = self.owner.ask("GET", f"/jobs/{job_id}")
        return job if job["finished_at"] else None

    def _viewer(self) -> Account:
        person = {"email": "vera@acme.example", "name": "Vera", "role": "viewer"}
        token = self.owner.ask("POST", "/people", person)["invitation_token"]
        accepted = {"token": token, "name": "Vera Viewer", "password": PASSWORD}
        return Account(self.url, "/invitations/accept", accepted)
