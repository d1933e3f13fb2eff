"""Reports of many routers, each on its turn: as fast as answers come, or on schedule whether or not they came."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from typing import Final, cast

import msgspec
import uvloop

from bench.pipeline import move
from tikfleet.app.measuring import reports

_AT_ONCE: Final = 64


class Sent(msgspec.Struct, frozen=True):
    """What came of it; times in ms run from the moment at which a report was due."""

    count: int
    errors: int
    elapsed_s: float
    p50_ms: float
    p99_ms: float


def in_rounds(tokens: Sequence[str], port: int, first: int = 0) -> Iterator[bytes]:
    """Check-in requests for ever: every router once, then every router again a minute later."""
    report = reports.report()
    for minute in itertools.count(first):
        move(report, minute)
        body = msgspec.json.encode(report)
        for token in tokens:
            yield (
                f"POST /agent/v1/checkin HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: RouterOS 7.22\r\n"
                f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            ).encode() + body


def send(port: int, requests: Iterator[bytes], count: int, per_s: float | None = None) -> Sent:
    """Send the next `count` requests over kept connections."""
    return uvloop.run(_send(port, requests, count, per_s))


async def _send(port: int, requests: Iterator[bytes], count: int, per_s: float | None) -> Sent:
    loop = asyncio.get_running_loop()
    kept = [await _Kept.to(port) for _ in range(_AT_ONCE)]
    free: asyncio.LifoQueue[_Kept] = asyncio.LifoQueue()
    for wire in kept:
        free.put_nowait(wire)
    times: list[float] = []
    errors = 0

    async def one(wire: _Kept, request: bytes, due_s: float) -> None:
        nonlocal errors
        try:
            errors += b'"ok":true' not in await wire.answer(request)
        except OSError:
            errors += 1
        times.append(loop.time() - due_s)
        free.put_nowait(wire)

    began_s = loop.time()
    running: set[asyncio.Task[None]] = set()
    for number, request in enumerate(itertools.islice(requests, count)):
        due_s = loop.time()
        if per_s is not None:
            due_s = began_s + number / per_s
            await asyncio.sleep(max(0.0, due_s - loop.time()))
        task = loop.create_task(one(await free.get(), request, due_s))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    elapsed_s = loop.time() - began_s
    for wire in kept:
        wire.close()
    times.sort()
    return Sent(count, errors, elapsed_s, times[count // 2] * 1000, times[int(count * 0.99)] * 1000)


class _Kept(asyncio.Protocol):
    """A kept connection, asked once at a time."""

    def __init__(self) -> None:
        self._buffer = b""
        self._done: asyncio.Future[bytes] | None = None
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def to(cls, port: int) -> "_Kept":
        return (await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port))[1]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio's by behaviour only.
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_exception(exc or ConnectionResetError())

    async def answer(self, request: bytes) -> bytes:
        self._done, self._buffer = asyncio.get_running_loop().create_future(), b""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError
        self._transport.write(request)
        return await self._done

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        at = self._buffer.lower().find(b"content-length:", 0, head) if head >= 0 else -1
        if at < 0 or self._done is None:
            return
        size = int(self._buffer[at + 15 : self._buffer.find(b"\r\n", at)])
        if len(self._buffer) >= head + 4 + size and not self._done.done():
            self._done.set_result(self._buffer)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
