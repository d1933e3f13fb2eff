"""R14: lines over UDP and TCP at full rate, also while the telemetry store is away: sent = stored + counted drops."""

import asyncio
import socket
import time
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from tests.conftest import pick_port

from .houses import House, house
from .orders import HANDICAPPED, Order, orders
from .verdicts import Verdict

_TURN_S: Final = 0.01
_PATIENCE_S: Final = 300.0
_CAUSES: Final = ("rate", "buffer", "unattributed", "invalid")
_COUNTS: Final = (("received", "received"), ("accepted", "accepted"), *((name, f"dropped_{name}") for name in _CAUSES))


class Doors(msgspec.Struct, frozen=True):
    """The ports of the listeners."""

    udp: int = msgspec.field(default_factory=pick_port)
    tcp: int = msgspec.field(default_factory=pick_port)

    def environment(self, buffer_mb: int) -> dict[str, str]:
        return {
            "TIKFLEET_SYSLOG_HOST": "127.0.0.1",
            "TIKFLEET_SYSLOG_UDP_PORT": str(self.udp),
            "TIKFLEET_SYSLOG_TCP_PORT": str(self.tcp),
            "TIKFLEET_SOURCE_PER_SECOND": "1000000",
            "TIKFLEET_LOG_BUFFER_MB": str(buffer_mb),
        }


class Flow(msgspec.Struct, frozen=True):
    """So many lines, so many a second, of so many bytes."""

    count: int
    per_second: int
    size_bytes: int = 160


def lines(flow: Flow) -> Iterator[bytes]:
    """Lines of a firewall, each with its number; made longer where that is asked for."""
    for number in range(flow.count):
        line = (
            f"firewall,info proof input: in:ether1 out:(unknown 0), connection-state:new src-mac 00:17:10:88:bc:0a, "
            f"proto TCP (SYN), 192.0.2.{number % 250}:{1024 + number % 60_000}->198.51.100.7:22, len {number}"
        ).encode()
        yield line.ljust(flow.size_bytes, b"x")


def sent_udp(port: int, flow: Flow) -> float:
    """Gives how many a second it were."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", port))
        return _paced(flow, lambda part: [sender.send(line) for line in part])


def sent_tcp(port: int, flow: Flow) -> float:
    """Gives how many a second it were."""
    with socket.create_connection(("127.0.0.1", port)) as sender:
        return _paced(flow, lambda part: sender.sendall(b"".join(line + b"\n" for line in part)))


def _paced(flow: Flow, send: Any) -> float:
    made, began, sent = lines(flow), time.monotonic(), 0
    while sent < flow.count:
        due = min(flow.count, int((time.monotonic() - began) * flow.per_second) + 1)
        send([next(made) for _ in range(due - sent)])
        sent = due
        time.sleep(_TURN_S)
    return flow.count / (time.monotonic() - began)


class Books:
    """What the platform says of lines, since the last time it was asked."""

    def __init__(self, made: House, still_s: float = 30.0) -> None:
        """`still_s`: how long nothing may change before what is missing is taken to be lost."""
        self._made = made
        self._still_s = still_s
        self._before = self._now()

    def _now(self) -> dict[str, int]:
        http = self._made.owner.http
        totals = http.get("/api/v1/sources/totals").json()["streams"]
        counts: dict[str, int] = next((one["counts"] for one in totals if one["stream"] == "syslog"), {})
        stored = http.get("/api/v1/logs/histogram", params={"since": "2020-01-01T00:00:00Z"}).json()["total"]
        return {"stored": stored, **{name: counts.get(key, 0) for name, key in _COUNTS}}

    async def settled(self, sent: int) -> dict[str, int]:
        """Once all that was sent is accounted for, or nothing has changed for a good while."""
        last, changed = await asyncio.to_thread(self._told), time.monotonic()
        while _accounted(last) < sent and time.monotonic() - changed < self._still_s:
            await asyncio.sleep(1)
            if (now := await asyncio.to_thread(self._told)) != last:
                last, changed = now, time.monotonic()
        self._before = await asyncio.to_thread(self._now)
        return last

    def _told(self) -> dict[str, int]:
        now = self._now()
        return {name: count - self._before[name] for name, count in now.items()}


def _accounted(found: dict[str, int]) -> int:
    """Counts are written some seconds after the lines."""
    return min(found["received"], found["stored"] + sum(found[cause] for cause in _CAUSES))


def judged(name: str, sent: int, found: dict[str, int], **figures: Any) -> Verdict:
    """Nothing was lost unsaid, and nothing is there twice."""
    dropped = sum(found[cause] for cause in _CAUSES)
    exact = found["stored"] + dropped == sent == found["received"] and found["stored"] == found["accepted"]
    causes = {cause: found[cause] for cause in _CAUSES if found[cause]}
    return Verdict(name, exact, {"sent": sent, "stored": found["stored"], "dropped": causes, **figures})


async def at_rate(made: House, doors: Doors, udp: Flow, tcp: Flow) -> Verdict:
    """Both transports, one after the other."""
    verdicts = []
    for send, port, flow in ((sent_udp, doors.udp, udp), (sent_tcp, doors.tcp, tcp)):
        books = Books(made)
        per_second = await asyncio.to_thread(send, port, flow)
        verdicts.append(
            judged(f"R14 {send.__name__[5:]}", flow.count, await books.settled(flow.count), per_second=int(per_second))
        )
    return Verdict(
        "R14 logs at full rate", all(one.held for one in verdicts), {one.name: one.figures for one in verdicts}
    )


async def store_away(made: House, doors: Doors, order: Order, flow: Flow) -> Verdict:
    """Lines wait on disk while there is room, the rest is dropped and counted, and the API says which it is."""
    books = Books(made)
    order.give("away")
    await asyncio.to_thread(sent_tcp, doors.tcp, flow)
    said = await _said(made, lambda state: bool(state["refusal"]))
    order.all_well()
    found = await books.settled(flow.count)
    after = await _said(made, lambda state: not state["refusal"] and not state["behind_s"])
    told = {"said_full": said["refusal"], "said_behind_s": said["behind_s"], "afterwards": after["refusal"]}
    verdict = judged("R14 store away", flow.count, found, **told)
    kept, dropped = found["stored"] > 0, found["buffer"] > 0
    return msgspec.structs.replace(verdict, held=verdict.held and kept and dropped and bool(said["refusal"]))


async def _said(made: House, enough: Any) -> dict[str, Any]:
    ends_at = time.monotonic() + _PATIENCE_S
    while True:
        state: dict[str, Any] = (await asyncio.to_thread(made.owner.http.get, "/api/v1/logs/buffer")).json()
        if enough(state) or time.monotonic() > ends_at:
            return state
        await asyncio.sleep(0.5)


async def careless(made: House, doors: Doors, order: Order, flow: Flow) -> Verdict:
    """A platform that loses a line now and then and says nothing."""
    books = Books(made, 10.0)
    order.give("careless")
    await asyncio.to_thread(sent_udp, doors.udp, flow)
    order.all_well()
    return judged("R14 careless", flow.count, await books.settled(flow.count))


async def prove_logs(udp: Flow | None = None, tcp: Flow | None = None, away: Flow | None = None) -> Verdict:
    """The long form: some minutes. The control loses lines unsaid, and has to be seen."""
    doors = Doors()
    with orders() as order:
        environment = {"PROOF_ORDERS": str(order.path), **doors.environment(64)}
        async with house(1, program=[str(HANDICAPPED)], **environment) as made:
            await made.under(made.load(2, 1))
            held = await at_rate(made, doors, udp or Flow(1_800_000, 30_000), tcp or Flow(3_000_000, 50_000))
            gone = await store_away(made, doors, order, away or Flow(1_500_000, 5_000, 400))
            lossy = await careless(made, doors, order, Flow(20_000, 2_000))
    figures = {**held.figures, gone.name: gone.figures, "control_seen": not lossy.held}
    return Verdict("logs", held.held and gone.held and not lossy.held, figures)
