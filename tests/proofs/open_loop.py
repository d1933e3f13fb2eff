"""A program: routers that report on schedule, whether or not earlier reports were answered.

Reads a `Load` as JSON from standard input and writes an `Outcome`. It is a process of its own, so that what it uses is
not counted as the platform's. Latency counts from the moment a report was due, so a late generator shows.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import PyreqwestError

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
_SEQ = b'"seq":1000000000'
_PATIENCE_S = 30.0
# Sessions of TLS are resumed by the name of the server. So many names are more than the client remembers (256).
_NAMES = 1024


class Load(msgspec.Struct):
    """`fresh` opens a connection for each report, as a router does; otherwise connections are kept and used again.
    With `tls` each is fresh.

    Device i is `tokens[i]`; its reports are numbered from `first_seq` on.
    """

    port: int
    tokens: list[str]
    rate: float
    duration_s: float
    body: str
    tls: bool = False
    fresh: bool = True
    first_seq: int = 1
    boot: str = "b7k3v9x2q1"
    most_open: int = 4000
    # So much less urgent than what it is sent to, where both share the processors.
    niceness: int = 0


class Outcome(msgspec.Struct):
    """`taken` lists (device, seq) of what was answered with `ok`; `offered_per_s` is what was really sent.

    `answered_ms` are the 50th, 95th and 99th percentile from when a report was begun, late or not: what the generator
    is late is not in them, what it waits for its own processor meanwhile is.
    """

    sent: int
    statuses: dict[str, int]
    offered_per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    late_ms: float
    taken: list[tuple[int, int]]
    refused_inside: dict[str, int]
    # Of requests without an answer: seconds from the start until each was due, and how far it came.
    unanswered: list[tuple[float, str]] = []
    answered_ms: list[float] = []


class Call(asyncio.Protocol):
    """One request, and on a kept connection the next."""

    def __init__(self) -> None:
        self.transport: Any = None
        self._buffer = b""
        self._answer: asyncio.Future[bytes] | None = None
        self.closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def ask(self, request: bytes) -> "asyncio.Future[bytes]":
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0 or self._answer is None:
            return
        at = self._buffer.lower().find(b"content-length:", 0, head)
        size = int(self._buffer[at + 15 : self._buffer.find(b"\r\n", at)]) if at >= 0 else 0
        if len(self._buffer) >= head + 4 + size and not self._answer.done():
            self._answer.set_result(self._buffer[: head + 4 + size])
            self._buffer = b""

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("closed before the answer"))


class FreshTls:
    """A connection and a whole TLS 1.3 handshake for each report, as routers do it.

    By rustls, which takes a third of the processor time of the standard library's OpenSSL: the generator shares the
    processors with what it measures.
    """

    def __init__(self, load: Load) -> None:
        # Certificates are not checked: routers do, the generator has no time for it.
        builder = ClientBuilder().danger_accept_invalid_certs(True).http1_only().pool_max_idle_per_host(0).no_proxy()
        for number in range(_NAMES):
            builder = builder.resolve(f"r{number}.localhost", HOST, load.port)
        self._client = builder.build()
        self._addresses = [f"https://r{number}.localhost:{load.port}/agent/v1/checkin" for number in range(_NAMES)]
        self._sent_n = 0

    async def ask(self, token: str, body: bytes) -> bytes:
        """The answer, from its status line on."""
        self._sent_n += 1
        request = self._client.post(self._addresses[self._sent_n % _NAMES]).body_bytes(body)
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json", "connection": "close"}
        try:
            answer = await request.headers(headers).build().send()
            content = await answer.bytes()
        except PyreqwestError as failure:
            raise ConnectionError(type(failure).__name__) from failure
        return b"HTTP/1.1 %d\r\n\r\n%s" % (answer.status, bytes(content))


class Routers:
    def __init__(self, load: Load) -> None:
        self._load = load
        self._tls = FreshTls(load) if load.tls else None
        self._body = body = load.body.replace("b7k3v9x2q1", load.boot).encode()
        self._requests = [
            b"POST /agent/v1/checkin HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer %s\r\nContent-Length: %d\r\n%s\r\n%s"
            % (token.encode(), len(body), b"Connection: close\r\n" if load.fresh else b"", body)
            for token in load.tokens
        ]
        self._idle: list[Call] = []
        self.statuses: Counter[str] = Counter()
        self.inside: Counter[str] = Counter()
        self.times: list[float] = []
        self.from_begun: list[float] = []
        self.taken: list[tuple[int, int]] = []
        self.unanswered: list[tuple[float, str]] = []
        self.began_s = time.perf_counter()

    async def send(self, number: int, due_s: float) -> None:
        device, round_ = number % len(self._requests), number // len(self._requests)
        seq = self._load.first_seq + round_
        # The announced length is that of ten digits; JSON takes spaces before a number.
        numbered = b'"seq":%10d' % seq
        call, reached, begun_s = None, "connecting", time.perf_counter()
        try:
            async with asyncio.timeout(_PATIENCE_S):
                if self._tls is not None:
                    answer = await self._tls.ask(self._load.tokens[device], self._body.replace(_SEQ, numbered, 1))
                else:
                    if (call := self._kept()) is not None:
                        reached = "sent on a kept connection"
                    else:
                        call = await self._connect()
                        reached = "sent on a new connection"
                    answer = await call.ask(self._requests[device].replace(_SEQ, numbered, 1))
        except (OSError, TimeoutError) as failure:
            self.statuses[type(failure).__name__] += 1
            self.unanswered.append((round(due_s - self.began_s, 1), reached))
            return
        self.times.append(time.perf_counter() - due_s)
        self.from_begun.append(time.perf_counter() - begun_s)
        status = answer[9:12].decode()
        self.statuses[status] += 1
        if b'"ok":true' in answer:
            self.taken.append((device, seq))
        elif status == "200":
            self.inside[str(msgspec.json.decode(answer[answer.find(b"\r\n\r\n") + 4 :]).get("error"))] += 1
        if call is not None:
            if self._load.fresh or b"connection: close" in answer.lower():
                call.transport.close()
            else:
                self._idle.append(call)

    def _kept(self) -> Call | None:
        while self._idle:
            call = self._idle.pop()
            if not call.closed and not call.transport.is_closing():
                return call
        return None

    async def _connect(self) -> Call:
        loop = asyncio.get_running_loop()
        _, call = await loop.create_connection(Call, HOST, self._load.port)
        return call


def percentiles_ms(times_s: list[float]) -> list[float]:
    ordered = sorted(times_s) or [0.0]
    return [round(ordered[int(len(ordered) * share)] * 1000, 1) for share in (0.5, 0.95, 0.99)]


async def run(load: Load) -> Outcome:
    os.nice(load.niceness)
    routers = Routers(load)
    tasks: set[asyncio.Task[None]] = set()
    start = time.perf_counter()
    count = int(load.rate * load.duration_s)
    late_s, sent = 0.0, 0
    for number in range(count):
        due_s = start + number / load.rate
        if time.perf_counter() > start + load.duration_s:
            # This machine can't offer as much: what was due and never sent is told by `offered_per_s`.
            break
        sent += 1
        if (wait_s := due_s - time.perf_counter()) > 0:
            await asyncio.sleep(wait_s)
        if len(tasks) >= load.most_open:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        late_s = max(late_s, time.perf_counter() - due_s)
        task = asyncio.create_task(routers.send(number, due_s))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        if number % 20 == 19:
            await asyncio.sleep(0)
    took_s = time.perf_counter() - start
    if tasks:
        await asyncio.wait(tasks, timeout=_PATIENCE_S + 5)
    return Outcome(
        sent, dict(routers.statuses), round(sent / max(took_s, load.duration_s), 1),
        *percentiles_ms(routers.times),
        round(late_s * 1000, 1), routers.taken, dict(routers.inside), routers.unanswered,
        percentiles_ms(routers.from_begun),
    )  # fmt: skip


def start(load: Load) -> "subprocess.Popen[bytes]":
    """The load as a process; `ended` waits for it."""
    process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode(load))
    process.stdin.close()
    process.stdin = None
    return process


def ended(process: "subprocess.Popen[bytes]", timeout_s: float) -> Outcome:
    try:
        said, _ = process.communicate(timeout=timeout_s)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert process.returncode == 0, f"the load ended with {process.returncode} after {len(said)} bytes of its outcome"
    return msgspec.json.decode(said, type=Outcome)


def main() -> None:
    outcome = uvloop.run(run(msgspec.json.decode(sys.stdin.buffer.read(), type=Load)))
    sys.stdout.buffer.write(msgspec.json.encode(outcome))
    sys.stdout.buffer.flush()
    # The client's threads do not end before the interpreter does.
    os._exit(0)


if __name__ == "__main__":
    main()
