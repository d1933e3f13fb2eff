"""Parts of the platform as processes on one data directory, each of which a test may kill and start again."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.conftest import pick_port

_READY_S = 300.0
_SETTINGS = {
    "TIKFLEET_REQUESTS_PER_MINUTE": "1000000",
    "TIKFLEET_CHECKINS_PER_SECOND": "1000000",
    "TIKFLEET_CHECKINS_PER_DEVICE_MINUTE": "10000000",
    "TIKFLEET_HTTPS_PORT": "0",
}


class House:
    """`worker`, `api` and two edges, or whatever else is started. Edges share a port; the API has one of its own."""

    def __init__(self) -> None:
        # A socket's path has a bound of its own, and pytest's directories are long.
        self.directory = Path(tempfile.mkdtemp(prefix="tikfleet-processes-"))
        self.data = self.directory / "data"
        self.api_port, self.edge_port = pick_port(), pick_port()
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def edge_url(self) -> str:
        return f"http://127.0.0.1:{self.edge_port}"

    def start(self, name: str, *arguments: str, **environment: str) -> None:
        """Start `tikfleet` with these arguments, without waiting; by default the part of that name."""
        port = self.edge_port if name.startswith("edge") else self.api_port
        kept = {key: value for key, value in os.environ.items() if not key.startswith("TIKFLEET_")}
        settings = {"TIKFLEET_DATA": str(self.data), "TIKFLEET_HTTP_PORT": str(port), "TIKFLEET_EDGES": "2"}
        part = ["edge", "--name", name] if name.startswith("edge") else [name]
        with self._log(name).open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", "tikfleet", *(arguments or part)],
                stdout=log,
                stderr=log,
                env=kept | _SETTINGS | settings | environment,
            )

    def ready(self, *names: str) -> None:
        """Wait until the API says that these processes are ready."""
        for name in names:
            self.until(lambda name=name: self._is_ready(name), f"{name} is ready")  # type: ignore[misc]

    def until(self, condition: Callable[[], bool], what: str, patience_s: float = _READY_S) -> None:
        """Wait for a condition, which may fail to connect."""
        ends_s = time.monotonic() + patience_s
        while time.monotonic() < ends_s:
            try:
                if condition():
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"it did not come true that {what}: {self.said()[-3000:]}")

    def kill(self, name: str) -> None:
        """SIGKILL."""
        process = self.running.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)

    def stop(self) -> dict[str, int]:
        """SIGTERM to all, and their exit codes by name."""
        for process in self.running.values():
            process.terminate()
        codes = {name: process.wait(timeout=30) for name, process in self.running.items()}
        self.running.clear()
        return codes

    def metric(self, name: str, process: str) -> float:
        """One number of a process."""
        text = httpx.get(f"{self.url}/metrics", params={"process": process}, trust_env=False).text
        found = re.search(rf"^{name} ([0-9.e+-]+)$", text, re.MULTILINE)
        assert found is not None, text[:300]
        return float(found[1])

    def said(self, name: str = "*") -> str:
        """What the processes of a name have written."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.directory.glob(f"{name}.log")))

    def end(self) -> None:
        """Whatever state they are in."""
        for name in list(self.running):
            self.kill(name)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _is_ready(self, name: str) -> bool:
        asked = {} if name == "api" else {"process": name}
        return httpx.get(f"{self.url}/readyz", params=asked, trust_env=False).status_code == httpx.codes.OK

    def _log(self, name: str) -> Path:
        return self.directory / f"{name}.log"
