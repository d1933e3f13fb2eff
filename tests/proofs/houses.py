"""A whole platform as a process, with an owner and routers that are enrolled: what most proofs begin with."""

import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from tests.conftest import PlatformProcess, pick_port
from tests.faults.load import Owner, stored

from .open_loop import Load, Outcome, ended, start
from .verdicts import Verdict

Report = tuple[str, str, int]
_INTERFACE: Final = {
    "type": "ether", "mac-address": "DC:2C:6E:11:22:01", "actual-mtu": "1500", "running": "true", "disabled": "false",
    "link-downs": "2", "rx-byte": "8234567890", "tx-byte": "2234567890", "rx-packet": "8234567", "tx-packet": "2234567",
    "rx-error": "0", "tx-error": "0", "rx-drop": "0", "tx-drop": "14",
}  # fmt: skip
# About 2.3 KB, as a router of tier A sends each time; the number and the boot id are replaced.
BODY: Final = json.dumps(
    {
        "v": 1, "agent": "1.1.0/A", "boot": "b7k3v9x2q1", "seq": 1_000_000_000, "uptime": "1w2d03:04:05",
        "plan": "p1-60", "cpu-load": "12", "free-memory": "861274112", "free-hdd-space": "94371840",
        "interfaces": [{"name": f"ether{number}", **_INTERFACE} for number in range(1, 8)],
        "health": [{"name": "temperature", "value": "41", "type": "C"}], "dhcp-leases": 23, "ppp-active": 0,
    },
    separators=(",", ":"),
)  # fmt: skip
_AT_ONCE: Final = 8
_READY_S: Final = 180.0


class Platform(PlatformProcess):
    """With a listener for TLS too."""

    def __init__(self, directory: Path, **options: Any) -> None:
        super().__init__(directory, **options)
        self.https_port = pick_port()

    def start(self) -> float:
        """As its parent's; a busy machine is no reason to give up."""
        began = time.monotonic()
        self.launch()
        while not self._ready():
            assert self.process.poll() is None, self.said()[-3000:]
            assert time.monotonic() - began < _READY_S, "the platform was not ready in time"
            time.sleep(0.05)
        return time.monotonic() - began

    def launch(self) -> None:
        options = ["--data", str(self.directory), "--http-port", str(self.port)]
        options += ["--https-port", str(self.https_port)]
        command = [*self._wrapper, sys.executable, *self._program, "serve", *options]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env=self._environment, start_new_session=True
            )

    def run_with(self, environment: dict[str, str]) -> None:
        """Other variables from the next start on."""
        self._environment |= environment

    def memory_mib(self, kind: str = "VmRSS") -> float:
        """`RssAnon` is what no file holds, so that the kernel can't take it back."""
        return self._status(kind) / 1024

    def threads(self) -> int:
        return self._status("Threads")

    def _status(self, name: str) -> int:
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1])

    def descriptors(self) -> int:
        return sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())

    def measure(self, name: str) -> float:
        """A figure of `/metrics`."""
        said = httpx.get(f"{self.url}/metrics", trust_env=False, timeout=30).text
        found = re.search(rf"^{name} ([0-9.e+-]+)$", said, re.MULTILINE)
        assert found is not None, name
        return float(found[1])

    def durations(self, name: str) -> dict[float, float]:
        """A histogram of `/metrics`: how many took so many seconds at most."""
        said = httpx.get(f"{self.url}/metrics", trust_env=False, timeout=30).text
        return {float(at): float(n) for at, n in re.findall(rf'^{name}_bucket{{le="(.+?)"}} (.+)$', said, re.MULTILINE)}

    def drained_s(self, timeout_s: float) -> float:
        """Wait until nothing waits in the inbox; gives how long that took."""
        began = time.monotonic()
        while self.measure("tikfleet_inbox_depth") > 0:
            assert time.monotonic() - began < timeout_s, "the inbox was not drained in time"
            time.sleep(0.2)
        return time.monotonic() - began


class House(msgspec.Struct):
    """`told` gathers what was acknowledged; each load under one house needs a boot id of its own."""

    platform: Any
    owner: Owner
    ids: list[str]
    tokens: list[str]
    told: set[Report] = msgspec.field(default_factory=set)

    def load(self, rate: float, duration_s: float, **options: Any) -> Load:
        port = self.platform.https_port if options.get("tls") else self.platform.port
        return Load(port, self.tokens, rate, duration_s, BODY, **options)

    async def under(self, load: Load) -> Outcome:
        """The load from its beginning to its end."""
        outcome = await asyncio.to_thread(ended, start(load), load.duration_s + 120)
        self.told |= {(self.ids[device], load.boot, seq) for device, seq in outcome.taken}
        return outcome

    async def counted(self) -> Verdict:
        """End the platform and compare what it has with what it acknowledged."""
        await asyncio.to_thread(self.platform.drained_s, 300)
        code = self.platform.terminate()
        rows = await asyncio.to_thread(stored, self.platform.directory, self.owner.org_id)
        lost, doubled = len(self.told - rows.keys()), sum(count != 1 for count in rows.values())
        figures = {"acknowledged": len(self.told), "lost": lost, "doubled": doubled, "exit": code}
        return Verdict("acknowledged and stored", bool(self.told) and not (lost or doubled or code), figures)


@asynccontextmanager
async def house(routers: int, place: Path | None = None, **options: Any) -> AsyncIterator[House]:
    """A platform with so many routers, until the block ends. `options` as of `PlatformProcess`."""
    with tempfile.TemporaryDirectory(prefix="tikfleet-proof-") as name:
        platform = Platform((place or Path(name)) / "data", **options)
        try:
            await asyncio.to_thread(platform.start)
            owner = await asyncio.to_thread(Owner, platform.url, platform.said)
            ids, tokens = await enrolled(platform, owner, routers)
            yield House(platform, owner, ids, tokens)
        finally:
            platform.end()


async def enrolled(platform: Platform, owner: Owner, count: int) -> tuple[list[str], list[str]]:
    """Enrol routers, a few at a time."""
    answer = await asyncio.to_thread(owner.http.post, "/api/v1/enrolment-keys", json={"name": "proof"})
    headers = {"Authorization": f"Bearer {answer.json()['secret']}"}
    found: list[tuple[str, str]] = [("", "")] * count
    numbers = iter(range(count))

    async def some(client: httpx.AsyncClient) -> None:
        for number in numbers:
            inventory = {"serial-number": f"S{number}", "version": "7.16.2", "identity": f"r{number}"}
            told = await client.post("/agent/v1/enrol", json={"inventory": inventory}, headers=headers)
            found[number] = (told.json()["device"], told.json()["token"])

    async with httpx.AsyncClient(base_url=platform.url, trust_env=False, timeout=60) as client:
        await asyncio.gather(*(some(client) for _ in range(_AT_ONCE)))
    return [device for device, _ in found], [token for _, token in found]
