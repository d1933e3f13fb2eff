"""The order in which work is refused (QUALITY 2.7): dashboards, reading, flows, logs, telemetry, then results."""

import json
from typing import Any

import pytest

from tikfleet.httpkit.asgi import Receive, Scope, Send, respond
from tikfleet.httpkit.overload import Load, Overload, Shedding, load_of


class Pressed:
    """A process under as much load as a test says."""

    def __init__(self) -> None:
        self.lateness_s = 0.0
        self.fullness = 0.0
        self.overload = Overload(lambda: self.lateness_s, lambda: self.fullness)
        self.app = Shedding(self._answer, self.overload)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await respond(send, 200, [], b"done")

    async def ask(self, method: str, path: str) -> tuple[int, dict[str, str], bytes]:
        told: list[Any] = []

        async def send(message: Any) -> None:
            told.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b""}

        await self.app({"type": "http", "method": method, "path": f"/api/v1{path}", "headers": []}, receive, send)
        headers = {name.decode(): value.decode() for name, value in told[0]["headers"]}
        return told[0]["status"], headers, told[1]["body"]


def test_work_is_shed_in_the_order_of_what_it_matters() -> None:
    pressed = Pressed()
    order: list[Load] = []
    for percent in range(101):
        pressed.fullness = percent / 100
        order += [load for load in Load if pressed.overload.sheds(load) and load not in order]
    assert order == [Load.DASHBOARDS, Load.READS, Load.FLOWS, Load.LOGS, Load.TELEMETRY, Load.RESULTS]


def test_a_late_loop_and_a_full_inbox_press_alike_and_the_greater_counts() -> None:
    pressed = Pressed()
    pressed.lateness_s, pressed.fullness = 0.9, 0.49
    assert not pressed.overload.sheds(Load.DASHBOARDS)
    pressed.lateness_s = 1.0
    assert pressed.overload.sheds(Load.DASHBOARDS)
    pressed.lateness_s, pressed.fullness = 0.0, 0.9
    assert pressed.overload.sheds(Load.TELEMETRY)
    assert not pressed.overload.sheds(Load.RESULTS)


@pytest.mark.parametrize(
    ("method", "path", "load"),
    [
        ("GET", "/telemetry/series", Load.DASHBOARDS),
        ("GET", "/events/stream", Load.DASHBOARDS),
        ("GET", "/devices", Load.READS),
        ("GET", "/server", None),
        ("GET", "/session", None),
        ("POST", "/jobs", None),
        ("DELETE", "/devices/dev_1", None),
    ],
)
def test_each_request_is_of_one_kind(method: str, path: str, load: Load | None) -> None:
    assert load_of(method, f"/api/v1{path}") is load


async def test_what_is_shed_gets_a_problem_document_and_a_time_of_its_own_and_the_rest_an_answer() -> None:
    pressed = Pressed()
    pressed.fullness = 0.55
    status, headers, body = await pressed.ask("GET", "/telemetry/series")
    assert (status, headers["content-type"]) == (503, "application/problem+json")
    assert json.loads(body)["code"] == "server.overloaded"
    waits = {(await pressed.ask("GET", "/telemetry/top"))[1]["retry-after"] for _ in range(50)}
    assert len(waits) > 5
    assert {int(wait) for wait in waits} <= set(range(5, 21))
    assert (await pressed.ask("GET", "/devices"))[0] == 200
    pressed.fullness = 0.95
    assert (await pressed.ask("GET", "/devices"))[0] == 503
    assert (await pressed.ask("POST", "/jobs"))[0] == 200
    assert (await pressed.ask("GET", "/server"))[0] == 200
    pressed.fullness = 0.1
    assert (await pressed.ask("GET", "/telemetry/series"))[0] == 200
