"""Child processes of benchmarks: started on a free port, waited for, measured, ended by their id."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def child(*arguments: str, environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m …` until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | (environment or {}),
        # Ctrl-C at a terminal reaches whoever measures, and that one ends its children.
        start_new_session=True,
    )
    with ended(process):
        yield process


@contextmanager
def ended(process: subprocess.Popen[Any]) -> Iterator[None]:
    """A process is over when the block ends, by its own will if possible."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def wait_for_port(port: int, patience_s: float = 120) -> None:
    """Return when something listens there. Raises TimeoutError."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(f"nothing listens on port {port}")


def cpu_s(pid: int) -> float:
    """User and system time of a process and all its threads, so far."""
    return _spent_s(Path(f"/proc/{pid}/stat"))


def loop_cpu_s(pid: int) -> float:
    """The same of its first thread alone, which is the one of the event loop."""
    return _spent_s(Path(f"/proc/{pid}/task/{pid}/stat"))


def _spent_s(stat: Path) -> float:
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_mb(pid: int) -> float:
    """Memory that a process holds now, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
