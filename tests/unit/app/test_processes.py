"""Parts of the platform beside each other: requests passed on, names and sockets, and pauses before a new start."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from granian.constants import Interfaces
from granian.server.embed import Server

from tikfleet.app.processes.children import Pauses
from tikfleet.app.processes.elsewhere import Elsewhere, ToApi
from tikfleet.app.processes.passing import PassedOn, Passing
from tikfleet.app.processes.place import Place, Role, make_control, socket_of
from tikfleet.app.settings import Settings, SettingsWrong
from tikfleet.httpkit.asgi import Receive, Scope, Send, respond


class Other:
    """The application of another process: it tells what it was asked, or streams until its sender goes."""

    def __init__(self) -> None:
        self.left = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] == "/stream":
            await self._stream(receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        asked = {name.decode(): value.decode() for name, value in scope["headers"]}
        seen = [scope["method"], scope["path"], scope["query_string"].decode(), scope["client"][0], scope["scheme"]]
        seen += [asked.get("x-own", ""), asked.get("x-tikfleet-source", "none"), str(len(body))]
        await respond(send, 418, [(b"x-answer", b"yes"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")],
                      "|".join(seen).encode())  # fmt: skip

    async def _stream(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            continue
        self.left.set()


@pytest.fixture
def directory() -> Any:
    # A socket's path has a bound of its own, and pytest's directories are long.
    made = Path(tempfile.mkdtemp(prefix="tikfleet-passing-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
async def other(directory: Path) -> AsyncIterator[Other]:
    settings = Settings(data=str(directory))
    make_control(settings)
    app = Other()
    served: Any = PassedOn(app)
    server = Server(
        served, uds=socket_of(settings, "api"), interface=Interfaces.ASGI, websockets=False, log_enabled=False
    )
    serving = asyncio.create_task(server.serve())
    for _ in range(200):
        if socket_of(settings, "api").exists():
            break
        await asyncio.sleep(0.02)
    yield app
    server.stop()  # type: ignore[no-untyped-call]
    await asyncio.wait([serving], timeout=5)


class Sender:
    """One request, in as many parts as a test says."""

    def __init__(self, *parts: bytes) -> None:
        self._parts = list(parts) or [b""]
        self.gone = asyncio.Event()
        self.told: list[Any] = []
        self.heard = asyncio.Event()

    async def receive(self) -> Any:
        if self._parts:
            part = self._parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(self._parts)}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.told.append(message)
        self.heard.set()

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.told)


def scope(method: str, path: str, query: str = "", **headers: str) -> Scope:
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": given,
            "client": ("192.0.2.7", 5), "scheme": "https"}  # fmt: skip


async def test_a_request_arrives_as_it_was_sent_and_names_its_first_sender(directory: Path, other: Other) -> None:
    sender, passing = Sender(b"x" * 70_000, b"y" * 5), Passing(socket_of(Settings(data=str(directory)), "api"))
    asked = scope("POST", "/api/v1/ä b", "a=1&b=%20", x_own="mine", x_tikfleet_source="203.0.113.9", te="trailers")
    asked["raw_path"] = b"/api/v1/%C3%A4%20b"
    await passing(asked, sender.receive, sender.send)

    assert sender.told[0]["status"] == 418
    assert [value for name, value in sender.told[0]["headers"] if name == b"set-cookie"] == [b"a=1", b"b=2"]
    # What a stranger says of the sender's address is not believed: the connection's own counts.
    assert sender.body.decode() == "POST|/api/v1/ä b|a=1&b=%20|192.0.2.7|https|mine|none|70005"


async def test_a_stream_flows_at_once_and_ends_when_its_reader_leaves(directory: Path, other: Other) -> None:
    sender, passing = Sender(), Passing(socket_of(Settings(data=str(directory)), "api"))
    running = asyncio.create_task(passing(scope("GET", "/stream"), sender.receive, sender.send))
    for _ in range(500):
        if sender.body == b"first":
            break
        await asyncio.sleep(0.02)
    assert sender.body == b"first"
    sender.gone.set()
    await asyncio.wait_for(running, 10)
    await asyncio.wait_for(other.left.wait(), 10)


async def test_a_process_that_is_away_is_told_as_a_problem_with_a_time_to_come_again(directory: Path) -> None:
    sender = Sender()
    await Passing(directory / "nobody.sock")(scope("GET", "/api/v1/devices"), sender.receive, sender.send)
    assert sender.told[0]["status"] == 503
    assert dict(sender.told[0]["headers"])[b"retry-after"] == b"5"
    assert b"process.away" in sender.body


async def own(scope: Scope, receive: Receive, send: Send) -> None:
    await respond(send, 200, [], b"own")


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [("", 200, b"own"), ("process=api", 418, b"/metrics"), ("process=nobody", 404, b"no process"),
     ("process=../api", 404, b"no process")],
)  # fmt: skip
async def test_one_process_tells_of_another_by_its_name(
    directory: Path, other: Other, query: str, status: int, told: bytes
) -> None:
    sender = Sender()
    elsewhere = Elsewhere(own, Settings(data=str(directory)))
    await elsewhere(scope("GET", "/metrics", query), sender.receive, sender.send)
    assert sender.told[0]["status"] == status
    assert told in sender.body


async def test_an_edge_tells_its_own_health_and_lets_the_api_tell_metrics() -> None:
    async def api(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(send, 200, [], b"api")

    pages, told = ToApi(own, api), []
    for path, query, passed in [("/readyz", "", False), ("/metrics", "", False), ("/metrics", "", True),
                                ("/readyz", "process=edge-2", False)]:  # fmt: skip
        sender = Sender()
        asked = scope("GET", path, query) | {"tikfleet.passed": passed}
        await pages(asked, sender.receive, sender.send)
        told.append(sender.body)
    assert told == [b"own", b"api", b"own", b"api"]


def test_a_socket_that_cannot_be_is_said_before_anything_listens() -> None:
    with pytest.raises(SettingsWrong, match="too long a path"):
        socket_of(Settings(data="/" + "d" * 120), "api")


def test_each_start_that_fails_waits_longer_and_a_settled_life_begins_anew() -> None:
    pauses = Pauses()
    assert [pauses.after(1) for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert pauses.after(100) == 0.5
    assert pauses.after(1) == 1


def test_only_one_kind_of_process_works_and_all_but_the_single_one_share() -> None:
    assert {role for role in Role if Place(role).works} == {Role.ALONE, Role.MAIN, Role.WORKER}
    assert {role for role in Role if not Place(role).shares} == {Role.ALONE}
    assert Place(Role.MAIN, "main").socket_name == "api"
