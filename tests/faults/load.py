"""Routers that report again as soon as they were answered, and remember what was acknowledged."""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

COUNTING = Path(__file__).with_name("counting.py")
_PATIENCE_S = 20.0
# So that the platform, not this program, uses the processor.
_PAUSE_S = 0.01
_SETUP_TOKEN = re.compile(r"tf[a-z]_[0-9A-Za-z]{49}")
Report = tuple[str, str, int]


class Owner:
    """The first owner of a platform, over its public API."""

    def __init__(self, url: str, said: Callable[[], str]) -> None:
        """`said` gives what the platform has written: it prints the set-up token."""
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=20)
        ends_at = time.monotonic() + _PATIENCE_S
        while not (tokens := _SETUP_TOKEN.findall(said())) and time.monotonic() < ends_at:
            time.sleep(0.05)
        token = tokens[-1]
        person = {"organisation": "Acme", "email": "ada@acme.example", "name": "Ada", "password": "twelve monkeys ride"}
        session = self._post("/api/v1/setup", {"token": token, **person})
        self.http.headers["X-CSRF-Token"] = session["csrf_token"]
        self.org_id = str(session["organisation"]["id"])

    def devices(self, count: int) -> list["Device"]:
        """Enrol that many routers. Every second one moves on when it is not answered; the others repeat."""
        key = self._post("/api/v1/enrolment-keys", {"name": "load"})["secret"]
        found = []
        for number in range(count):
            body = {"inventory": {"serial-number": f"S{number}", "version": "7.16.2", "identity": f"r{number}"}}
            told = self._post("/agent/v1/enrol", body, {"Authorization": f"Bearer {key}"})
            found.append(Device(told["device"], told["token"], repeats=number % 2 == 0))
        return found

    def _post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
        answer = self.http.post(path, json=body, headers=headers)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()


class Device:
    """One router: what it sent, and what it was told is stored."""

    def __init__(self, device_id: str, token: str, *, repeats: bool) -> None:
        self.id, self.token, self.repeats = device_id, token, repeats
        self.boot, self.seq = "boot-a", 0
        self.acknowledged: set[Report] = set()
        self.statuses: Counter[int] = Counter()

    def body(self) -> bytes:
        report = {"v": "1", "boot": self.boot, "seq": str(self.seq), "uptime": "1h", "cpu-load": str(self.seq % 100)}
        return json.dumps(report).encode()

    async def report_while(self, port: int, up: asyncio.Event) -> None:
        """Report without a pause while the platform is up; ends by being cancelled."""
        self.seq += 1
        while True:
            await up.wait()
            with suppress(OSError, EOFError, TimeoutError):
                await self._converse(port, up)
            if not self.repeats:
                self.seq += 1
            await asyncio.sleep(0.01)

    async def _converse(self, port: int, up: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            while up.is_set():
                # Not `wait_for`, which before Python 3.12 may lose a cancellation that meets the answer.
                async with asyncio.timeout(_PATIENCE_S):
                    status = await self.report_once(reader, writer)
                if status == 200 and self.seq % 7 == 0:
                    # Its answer was lost, as far as this router knows: the same report comes again.
                    async with asyncio.timeout(_PATIENCE_S):
                        await self.report_once(reader, writer)
                if status == 200 or not self.repeats:
                    self.seq += 1
                await asyncio.sleep(_PAUSE_S)
        finally:
            writer.close()

    async def report_once(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        """Send the present report; gives the status. Acknowledged is what was answered with `ok`."""
        body = self.body()
        writer.write(
            b"POST /agent/v1/checkin HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s" % (self.token.encode(), len(body), body)
        )
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        answer = await (reader.readexactly(int(length[1])) if length else chunked(reader))
        self.statuses[status] += 1
        if status == 200:
            assert json.loads(answer)["ok"] is True, answer
            self.acknowledged.add((self.id, self.boot, self.seq))
        return status


async def chunked(reader: asyncio.StreamReader) -> bytes:
    """A body in chunks."""
    parts = []
    while size := int((await reader.readline()).strip(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(parts)


def drained(url: str, timeout_s: float = 30) -> None:
    """Wait until nothing waits in the inbox."""
    ends_at = time.monotonic() + timeout_s
    while time.monotonic() < ends_at:
        metrics = httpx.get(f"{url}/metrics", trust_env=False).text
        if re.search(r"^tikfleet_inbox_depth 0\.0$", metrics, re.MULTILINE):
            return
        time.sleep(0.1)
    raise AssertionError("the inbox was not drained in time")


def stored(directory: Path, org_id: str, wrapper: list[str] | None = None) -> dict[Report, int]:
    """How often each report is in the history of a platform that has ended."""
    command = [*(wrapper or []), sys.executable, str(COUNTING), str(directory / "warehouse"), org_id]
    found = subprocess.run(command, check=True, capture_output=True, timeout=60)
    rows = json.loads(found.stdout.splitlines()[-1])
    return {(device, boot, int(seq)): int(count) for device, boot, seq, count in rows}


def verdict(devices: list[Device], rows: dict[Report, int]) -> tuple[set[Report], set[Report]]:
    """The acknowledged reports that are lost, and the reports that count more than once."""
    acknowledged = set().union(*(device.acknowledged for device in devices))
    return acknowledged - rows.keys(), {report for report, count in rows.items() if count != 1}
