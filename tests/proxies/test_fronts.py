"""What every balancer of `deploy/proxies` keeps to, with the real programs."""

import os
import signal
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.conftest import PlatformProcess
from tests.fleet.house import House
from tikfleet.app.certificates import Certificates

from .conftest import NAMES, MakeFront
from .fronts import Front
from .visitors import Reporter, program, until

every = pytest.mark.parametrize("name", NAMES)


@every
def test_people_get_the_dashboard_and_nobody_the_metrics(
    name: str, front: MakeFront, house: House, trust: ssl.SSLContext
) -> None:
    with httpx.Client(base_url=front(name).url, verify=trust, trust_env=False, timeout=60) as client:
        page, ready, metrics = client.get("/"), client.get("/readyz"), client.get("/metrics")

    assert page.headers["strict-transport-security"] == "max-age=31536000"
    assert ready.status_code == 200
    assert metrics.status_code == 404
    assert "tikfleet_" not in metrics.text


@every
def test_the_audit_trail_has_the_callers_address_and_not_what_the_caller_says_of_it(
    name: str, front: MakeFront, house: House, trust: ssl.SSLContext
) -> None:
    with program(house, front(name).url, trust, address="127.0.0.77") as client:
        client.headers["X-Forwarded-For"] = "203.0.113.9, 203.0.113.10"
        made = client.post("/api/v1/sites", json={"name": f"Behind {name}"})

    assert made.status_code == 201
    entries = house.get("/audit?action=site.create")["items"]
    said = {entry["target"]["id"]: entry["source_address"] for entry in entries}
    assert said[made.json()["id"]] == "127.0.0.77"


@every
def test_events_leave_while_the_stream_goes_on(
    name: str, front: MakeFront, house: House, trust: ssl.SSLContext
) -> None:
    with program(house, front(name).url, trust) as client, client.stream("GET", "/api/v1/events/stream") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 2000"
        reporter = Reporter(house, front(name).url, trust)
        threading.Thread(target=reporter.report).start()

        assert any(line.startswith("data:") and reporter.id in line for line in lines)


@every
def test_what_is_too_large_is_refused_before_it_is_all_there(
    name: str, front: MakeFront, house: House, trust: ssl.SSLContext
) -> None:
    reporter = Reporter(house, front(name).url, trust)

    assert reporter.send("/agent/v1/checkin", {"v": "1", "boot": "x" * 70_000}).status_code == 413
    with program(house, front(name).url, trust) as client:
        # What the token permits: a refusal of that may come before anybody has seen how much there is.
        assert client.post("/api/v1/sites", json={"name": "x" * 1_200_000}).status_code == 413


def test_a_held_request_is_held_to_its_end(front: MakeFront, house: House, trust: ssl.SSLContext) -> None:
    """All three at once, since holding takes time."""

    def hold(name: str) -> tuple[int, float]:
        reporter = Reporter(house, front(name).url, trust)
        assert reporter.report().json()["ok"]
        house.post(f"/devices/{reporter.id}/live")
        until(lambda: "live" in reporter.report().json())
        begun_s = time.monotonic()
        answer = reporter.send("/agent/v1/live", {"boot": "boot-a", "hold": "3"})
        return answer.status_code, time.monotonic() - begun_s

    for name in NAMES:
        front(name)
    with ThreadPoolExecutor(len(NAMES)) as pool:
        answers = list(pool.map(hold, NAMES))

    assert [status for status, _ in answers] == [200] * len(NAMES)
    assert [took_s > 2.5 for _, took_s in answers] == [True] * len(NAMES)


def test_no_report_is_lost_while_the_platform_restarts_behind_haproxy_and_caddy(
    front: MakeFront, house: House, platform: PlatformProcess, trust: ssl.SSLContext
) -> None:
    reporters = [Reporter(house, front(name).url, trust) for name in ("haproxy", "caddy") for _ in range(2)]

    with _reporting(reporters) as seen_more:
        seen_more()
        begun_s = time.monotonic()
        platform.terminate()
        platform.launch()
        seen_more()
        away_s = time.monotonic() - begun_s

    # Both wait for half a minute; a machine that is too busy to start again in that time proves nothing.
    if away_s < 25:
        for reporter in reporters:
            assert set(reporter.seen) == {"stored"}


def test_no_report_is_lost_while_an_edge_restarts_behind_nginx(
    certificates: Certificates, trust: ssl.SSLContext, tmp_path: Path
) -> None:
    with _edges_behind_nginx(tmp_path, certificates) as (platform, nginx):
        house = House(platform)
        reporters = [Reporter(house, nginx.url, trust) for _ in range(3)]
        edge = _edges(platform)[0]

        with _reporting(reporters) as seen_more:
            seen_more()
            # The hard way: what it had in hand is gone, and has to be sent to the other one.
            os.kill(edge, signal.SIGKILL)
            seen_more()
            seen_more()

    for reporter in reporters:
        assert set(reporter.seen) == {"stored"}


@contextmanager
def _edges_behind_nginx(directory: Path, certificates: Certificates) -> Iterator[tuple[PlatformProcess, Front]]:
    platform = PlatformProcess(directory / "data", TIKFLEET_EDGES="2", TIKFLEET_TRUSTED_PROXIES="127.0.0.1/32")
    try:
        platform.launch()
        until(lambda: platform.said().count("an edge is ready") == 2 and "give this token" in platform.said())
        nginx = Front("nginx", directory / "nginx", platform.port, certificates)
        try:
            yield platform, nginx
        finally:
            nginx.end()
    finally:
        platform.end()


class _reporting:  # noqa: N801 - used as a function
    """All of them report meanwhile; gives what waits until each was answered twice more."""

    def __init__(self, reporters: list[Reporter]) -> None:
        self._reporters = reporters
        self._over = threading.Event()
        self._threads = [threading.Thread(target=one.report_until, args=(self._over,)) for one in reporters]

    def __enter__(self) -> Callable[[], None]:
        for thread in self._threads:
            thread.start()
        return self._seen_more

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _seen_more(self) -> None:
        before = [one.seen.total() for one in self._reporters]
        until(lambda: all(one.seen.total() > had + 1 for one, had in zip(self._reporters, before, strict=True)))


def _edges(platform: PlatformProcess) -> list[int]:
    """The processes that answer routers, by their id."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            line = status.with_name("cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if parent == platform.process.pid and b"edge" in line:
            found.append(int(status.parent.name))
    return found
