"""Who comes through a balancer: programs with a token, and one router that reports as often as it is told to."""

import itertools
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx

from tests.fleet.house import House

_SERIALS = itertools.count(1)
# So that the platform, not this program, has the processor.
_PAUSE_S = 0.05
_PATIENCE_S = 200.0


def program(house: House, url: str, trust: ssl.SSLContext, address: str = "127.0.0.1") -> httpx.Client:
    """An API client with a token of its own, which comes from an address of loopback."""
    scopes = ["devices:read", "sites:write"]
    token = house.post("/tokens", {"name": "through a balancer", "scopes": scopes})["secret"]
    return httpx.Client(
        base_url=url,
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
        trust_env=False,
        transport=httpx.HTTPTransport(verify=trust, local_address=address),
    )


class Reporter:
    """A router without RouterOS: what it sends at its own endpoints, each time over a new connection."""

    def __init__(self, house: House, url: str, trust: ssl.SSLContext) -> None:
        self._trust = trust
        self._url = url
        self._seq = 0
        serial = f"PROXY{next(_SERIALS)}"
        inventory = {"serial-number": serial, "version": "7.16.2", "identity": serial}
        key = house.key()["secret"]
        told = self.send("/agent/v1/enrol", {"inventory": inventory}, key).json()
        self.id, self._token = told["device"], told["token"]
        self.seen: Counter[str] = Counter()

    def send(self, path: str, body: Any, token: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {token or self._token}", "User-Agent": "Mikrotik/7.16.2 Fetch"}
        with httpx.Client(verify=self._trust, trust_env=False, timeout=100) as client:
            return client.post(f"{self._url}{path}", json=body, headers=headers)

    def report(self, **more: object) -> httpx.Response:
        self._seq += 1
        report = {"v": "1", "boot": "boot-a", "seq": str(self._seq), "uptime": "1h", "cpu-load": "7", **more}
        return self.send("/agent/v1/checkin", report)

    def report_until(self, over: threading.Event) -> None:
        """Again and again; what came of it is counted in `seen`."""
        while not over.is_set():
            try:
                answer = self.report()
                stored = answer.is_success and answer.json().get("ok")
                self.seen["stored" if stored else f"{answer.status_code} {answer.text[:200]}"] += 1
            except httpx.HTTPError as cause:
                self.seen[repr(cause)] += 1
            over.wait(_PAUSE_S)


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, on a machine that may be busy with much else."""
    ends_at = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < ends_at, "it did not come true in time"
        time.sleep(0.02)
