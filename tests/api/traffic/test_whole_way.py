"""The whole way: datagrams to the running platform, and answers by API and command line."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from bench.flow_packets import TEMPLATES, messages, some_talks
from tests.conftest import PlatformProcess, pick_port
from tests.faults.load import Owner

PATIENCE_S = 90.0
TALKS = some_talks(280)
OCTETS = sum(talk.octets for talk in TALKS)


class Caller:
    def __init__(self, platform: PlatformProcess) -> None:
        self.platform = platform
        self._http = Owner(platform.url, platform.said).http
        self.token = self.ask("POST", "/tokens", {"name": "test", "scopes": ["traffic:read"]})["secret"]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._http.request(method, f"/api/v1{path}", json=body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()


@pytest.fixture(scope="module")
def port() -> int:
    return pick_port()


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Caller]:
    platform = PlatformProcess(
        tmp_path_factory.mktemp("traffic") / "data", TIKFLEET_FLOW_PORTS=str(port), TIKFLEET_FLOW_HOST="127.0.0.1"
    )
    try:
        platform.start()
        yield Caller(platform)
    finally:
        platform.end()


def send(port: int, *packets: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for packet in packets:
            sender.sendto(packet, ("127.0.0.1", port))


def until(found: Any) -> Any:
    """What `found` gives once it gives something."""
    ends_at = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends_at:
        value = found()
        if value:
            return value
        time.sleep(0.2)
    raise AssertionError("it did not come")


def test_datagrams_become_answers_of_api_and_command_line_and_strangers_are_listed(caller: Caller, port: int) -> None:
    send(port, TEMPLATES)
    seen = until(lambda: caller.ask("GET", "/sources/seen?lost=true")["items"])
    assert [(one["stream"], one["value"], one["counts"]["dropped_unattributed"]) for one in seen] == [
        ("flow", "127.0.0.1", 1)
    ]
    caller.ask("POST", "/sources", {"way": "address", "value": "127.0.0.1", "name": "core"})

    send(port, TEMPLATES, *messages(TALKS))
    question = "/traffic/top?by=service&last=1h"

    def stored() -> Any:
        found = caller.ask("GET", question)
        total = found["total"]["up_bytes"] + found["total"]["down_bytes"]
        return found if total == OCTETS and found["items"] else None

    found = until(stored)
    assert {item["label"] for item in found["items"]} >= {"HTTPS", "DNS"}
    course = caller.ask("GET", "/traffic/series?by=talker&last=1h&lines=3")
    assert len(course["lines"]) == 4
    bill = caller.ask("GET", "/traffic/percentile?last=1h&percent=100")
    assert bill["samples"] >= 12
    assert bill["up_bps"] > 0

    environment = os.environ | {"TIKFLEET_URL": caller.platform.url, "TIKFLEET_TOKEN": caller.token}
    command = [sys.executable, "-m", "tikfleet", "top", "talkers", "--last", "1h"]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "192.168.88." in said

    def counted() -> Any:
        streams = {one["stream"]: one["counts"] for one in caller.ask("GET", "/sources/totals")["streams"]}
        return streams["flow"] if streams["flow"]["received"] == 12 else None

    totals = until(counted)
    assert (totals["accepted"], totals["dropped_unattributed"]) == (11, 1)
