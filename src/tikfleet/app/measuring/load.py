"""A load generator for one kind of request: keep-alive connections, one request in flight on each, closed loop.

It is as cheap as Python allows (uvloop, raw bytes), and its CPU time is not counted: what is measured is the server's.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

import msgspec
import uvloop

Request = Callable[[], bytes]


class LoadResult(msgspec.Struct, frozen=True):
    """Answers counted, over how long, and how long each took in milliseconds (p50, p99)."""

    answers: int
    errors: int
    elapsed_s: float
    p50_ms: float
    p99_ms: float


class _Connection(asyncio.Protocol):
    """Sends the next request as soon as the last one is answered."""

    def __init__(self, request: Request, done: Callable[[bytes, float], None]) -> None:
        self._request = request
        self._done = done
        self._buffer = b""
        self._sent_s = 0.0
        self._stopped = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio's by behaviour only.
        self.transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self._buffer.lower().find(b"content-length:", 0, head)
        size = int(self._buffer[at + 15 : self._buffer.find(b"\r\n", at)]) if at >= 0 else 0
        if len(self._buffer) < head + 4 + size:
            return
        answer, self._buffer = self._buffer, b""
        self._done(answer, time.perf_counter() - self._sent_s)
        if not self._stopped:
            self._send()

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped = True

    def _send(self) -> None:
        self._sent_s = time.perf_counter()
        if self.transport is not None:
            self.transport.write(self._request())


def run_load(port: int, requests: Sequence[Request], duration_s: float) -> LoadResult:
    """One connection for each of `requests`, each asked again and again, for so long."""
    return uvloop.run(_run(port, requests, duration_s))


async def _run(port: int, requests: Sequence[Request], duration_s: float) -> LoadResult:
    times: list[float] = []
    errors = 0

    def done(answer: bytes, took_s: float) -> None:
        nonlocal errors
        times.append(took_s)
        if not answer.startswith(b"HTTP/1.1 200") or b'"ok":true' not in answer:
            errors += 1

    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    connections = [
        (await loop.create_connection(partial(_Connection, request, done), "127.0.0.1", port))[1]
        for request in requests
    ]
    await asyncio.sleep(duration_s)
    elapsed_s = time.perf_counter() - started
    answers = len(times)
    for connection in connections:
        connection.stop()
    await asyncio.sleep(0.2)
    for connection in connections:
        if connection.transport is not None:
            connection.transport.close()
    ordered = sorted(times[:answers]) or [0.0]
    return LoadResult(
        answers, errors, elapsed_s, ordered[len(ordered) // 2] * 1000, ordered[int(len(ordered) * 0.99)] * 1000
    )
