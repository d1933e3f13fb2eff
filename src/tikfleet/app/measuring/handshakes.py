"""Check-ins as routers send them: each over a TLS connection of its own, with a whole handshake."""

import asyncio
import ssl
import time
from collections.abc import Sequence

import uvloop

from tikfleet.app.measuring.load import LoadResult, Request


def run_handshakes(port: int, requests: Sequence[Request], duration_s: float) -> LoadResult:
    """As many at a time as there are `requests`, each again and again over a fresh connection, for so long."""
    return uvloop.run(_run(port, requests, duration_s))


async def _run(port: int, requests: Sequence[Request], duration_s: float) -> LoadResult:
    context = trusting()
    times: list[float] = []
    errors = 0
    started = time.perf_counter()

    async def router(request: Request) -> None:
        nonlocal errors
        while time.perf_counter() - started < duration_s:
            began = time.perf_counter()
            try:
                answer = await _once(port, context, request())
            except OSError:
                answer = b""
            times.append(time.perf_counter() - began)
            errors += b'"ok":true' not in answer

    await asyncio.gather(*map(router, requests))
    elapsed_s = time.perf_counter() - started
    ordered = sorted(times) or [0.0]
    return LoadResult(
        len(times), errors, elapsed_s, ordered[len(ordered) // 2] * 1000, ordered[int(len(ordered) * 0.99)] * 1000
    )


def trusting() -> ssl.SSLContext:
    """The server's certificate is its own, made a moment ago on this machine; what is counted is the server's work."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def _once(port: int, context: ssl.SSLContext, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    try:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        at = head.lower().find(b"content-length:")
        return await reader.readexactly(int(head[at + 15 : head.find(b"\r\n", at)])) if at >= 0 else b""
    except asyncio.IncompleteReadError:
        return b""
    finally:
        writer.transport.abort()
