"""What a machine can do, measured with the platform itself: a temporary one, on loopback and on free ports."""

import json
import os
import platform as machine
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from tikfleet.app.measuring.estimate import INTERVALS_S, Carried, Costs, carried
from tikfleet.app.measuring.handshakes import run_handshakes
from tikfleet.app.measuring.load import LoadResult, run_load
from tikfleet.app.measuring.platform import Running, running
from tikfleet.app.measuring.processes import child, cpu_s, ended, free_port, loop_cpu_s, wait_for_port
from tikfleet.app.measuring.reports import body_of, in_turn, requests_of

_CONNECTIONS: Final = (1, 8, 64)
_TLS_AT_ONCE: Final = 16
_ROUTERS: Final = 256
_SHARED: Final = 32
_WARM: Final = 2
_APPENDED: Final = 200_000
_TRICKLE_S: Final = 5.0
_MARGIN_BYTES: Final = 2 << 30
_BYTES_A_ROW: Final = 120

Step = Callable[[str, float], None]


class TooLittleSpace(Exception):
    """The disk has not enough free space for what was asked."""


class Plan(msgspec.Struct, frozen=True):
    """How much is measured: rows to ask, and seconds for each load of check-ins."""

    rows: int = 1_000_000
    seconds: float = 10.0
    routers: int = _ROUTERS


class Measured(msgspec.Struct, frozen=True):
    """All figures, the costs that follow from them, and the routers that follow from those."""

    machine: dict[str, Any]
    checkins: dict[str, Any]
    tls: dict[str, Any]
    pipeline: dict[str, Any]
    append: dict[str, Any]
    history: dict[str, Any]
    costs: Costs
    carries: list[Carried]


def need_bytes(plan: Plan) -> int:
    """The free space that a run needs."""
    return _MARGIN_BYTES + plan.rows * _BYTES_A_ROW


def measure(directory: Path, plan: Plan, step: Step) -> Measured:
    """All of it, below `directory`, which the caller removes. `step` hears what happens, and how far it is (0 to 1).

    Raises TooLittleSpace before anything is started.
    """
    free_bytes = shutil.disk_usage(directory).free
    if free_bytes < need_bytes(plan):
        raise TooLittleSpace(f"{need_bytes(plan) / 1e9:,.1f} GB are needed, {free_bytes / 1e9:,.1f} GB are free")
    checkins, tls = _answering(directory / "answering", plan, step)
    pipeline = _pipeline(directory / "platform", plan, step)
    append = _history("append", directory / "append", min(_APPENDED, plan.rows), step, "rows into the warehouse")
    history = _history("ask", directory / "history", plan.rows, step, f"{plan.rows:,} rows, then the questions")
    costs = Costs(
        cores=len(os.sched_getaffinity(0)),
        pipeline_us=pipeline["report_us"],
        handshake_us=max(0.0, 1e6 / tls["per_cpu_s"] - 1e6 / checkins["per_cpu_s"]),
        loop_us=pipeline["loop_us"],
        standing_share=pipeline["standing_share"],
        bytes_a_report=round(history["bytes_a_row"] + append["sections_bytes_a_report"], 1),
        free_bytes=free_bytes,
    )
    about = {"cores": costs.cores, "python": machine.python_version(), "system": machine.platform()}
    return Measured(
        about, checkins, tls, pipeline, append, history, costs, [carried(costs, every_s) for every_s in INTERVALS_S]
    )


def _answering(directory: Path, plan: Plan, step: Step) -> tuple[dict[str, Any], dict[str, Any]]:
    """Durable answers over kept connections, then over fresh TLS ones; nobody processes what was stored."""
    directory.mkdir()
    http, https = free_port(), free_port()
    with child("tikfleet.app.measuring.answering", str(http), str(https), str(directory)) as process:
        wait_for_port(http)
        wait_for_port(https)
        tokens = (directory / "tokens").read_text().split()
        by_connections: dict[str, float] = {}
        for number, connections in enumerate(_CONNECTIONS):
            step(f"check-ins on {connections} kept connections", number / 4)
            requests = [requests_of(token, http) for token in tokens[:connections]]
            plain, spent_s = _load(process.pid, lambda wanted=requests: run_load(http, wanted, plan.seconds))  # type: ignore[misc]
            by_connections[str(connections)] = round(plain.answers / plain.elapsed_s)
        step("check-ins over fresh TLS connections", 3 / 4)
        requests = [requests_of(token, https) for token in tokens[:_TLS_AT_ONCE]]
        fresh, tls_spent_s = _load(process.pid, lambda: run_handshakes(https, requests, plan.seconds))
        step("check-ins over fresh TLS connections", 1.0)
    return _figures(plain, spent_s) | {"per_s_by_connections": by_connections}, _figures(fresh, tls_spent_s)


def _load(pid: int, load: Callable[[], LoadResult]) -> tuple[LoadResult, float]:
    before = cpu_s(pid)
    result = load()
    return result, cpu_s(pid) - before


def _figures(result: LoadResult, spent_s: float) -> dict[str, Any]:
    return {
        "per_s": round(result.answers / result.elapsed_s),
        "per_cpu_s": round(result.answers / max(spent_s, 0.01)),
        "p50_ms": round(result.p50_ms, 2),
        "p99_ms": round(result.p99_ms, 2),
        "errors": result.errors,
    }


def _pipeline(directory: Path, plan: Plan, step: Step) -> dict[str, Any]:
    """The whole platform: from the answer to the last row; and what it takes with one report a second.

    `report_us` is what a report costs beside what the platform costs anyway.
    """
    step("a platform starts, and routers enrol", 0.0)
    with running(str(directory), plan.routers) as platform:
        pid = platform.process.pid
        routers = [requests_of(token, platform.port) for token in platform.tokens]
        for _ in range(_WARM):
            # The first reports bring news and find nothing in memory: no measure of those that come ever after.
            for token, request in zip(platform.tokens, routers, strict=True):
                platform.check_in(token, body_of(request()))
        platform.drained()
        step("one report a second", 0.2)
        standing = _standing(platform, routers[0])
        step("everything that a report costs", 0.4)
        began, before, loop_before = time.monotonic(), cpu_s(pid), loop_cpu_s(pid)
        shared = min(_SHARED, plan.routers)
        result = run_load(platform.port, [in_turn(routers[n::shared]) for n in range(shared)], plan.seconds)
        platform.drained()
        spent_s, loop_s, took_s = cpu_s(pid) - before, loop_cpu_s(pid) - loop_before, time.monotonic() - began
        step("everything that a report costs", 1.0)
    answers = max(result.answers, 1)
    return _figures(result, spent_s) | {
        "report_us": round(max(spent_s - standing * took_s, spent_s / 4) / answers * 1e6, 1),
        "loop_us": round(loop_s / answers * 1e6, 1),
        "standing_share": round(standing, 3),
        "cold_start_s": round(platform.cold_start_s, 2),
    }


def _standing(platform: Running, request: Callable[[], bytes]) -> float:
    """Cores that are busy when every second brings one report: the share that does not grow with routers."""
    before, began = cpu_s(platform.process.pid), time.monotonic()
    while time.monotonic() - began < _TRICKLE_S:
        platform.check_in(platform.tokens[0], body_of(request()))
        time.sleep(1.0)
    return (cpu_s(platform.process.pid) - before) / (time.monotonic() - began)


def _history(work: str, directory: Path, rows: int, step: Step, text: str) -> dict[str, Any]:
    """One part of `history`, which is a process of its own: it tells how far it is, and its figures at the end."""
    step(text, 0.0)
    command = [sys.executable, "-m", "tikfleet.app.measuring.history", work, str(directory), str(rows)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    said: dict[str, Any] = {}
    with ended(process):
        for line in process.stdout or ():
            said = json.loads(line)
            step(text, float(said.get("done", 1.0)))
        if process.wait() or "rows" not in said:
            raise RuntimeError(f"the measurement of the warehouse ended with code {process.returncode}")
    shutil.rmtree(directory, ignore_errors=True)
    return said
