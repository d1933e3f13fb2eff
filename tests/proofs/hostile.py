"""R11: senders that mean harm, beside a fleet that goes on: clear refusals, flat memory, the fleet hardly notices."""

import asyncio
import gzip
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

import msgspec

from .houses import House, house
from .verdicts import Verdict

_PATIENCE_S = 75.0
_BLOCK = b"a" * 65_536
_REPORT = b'{"boot":"bad","seq":1,"uptime":"1s"'
_SEEN_TO_THE_END_S = 65.0
MOST_LOSS = 0.10
MOST_GROWTH_MIB = 64

BODIES = {
    "gzip bomb": gzip.compress(bytes(20 << 20)),
    "deep known": _REPORT + b',"errors":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "deep unknown": _REPORT + b',"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "NaN": _REPORT + b',"cpu-load":NaN}',
    "2^63": _REPORT + b',"cpu-load":9223372036854775808}',
    "seq 2^63": b'{"boot":"bad","seq":9223372036854775808,"uptime":"1s"}',
    "1e999": _REPORT + b',"cpu-load":1e999}',
    "cut off": _REPORT,
    "no text": b"\xff\xfe" * 500,
}


class Attack(msgspec.Struct):
    answers: Counter[str] = msgspec.field(default_factory=Counter)
    unexpected: list[str] = []


def head(made: House, number: int, size: int | None, extra: bytes = b"") -> bytes:
    length = b"Transfer-Encoding: chunked" if size is None else b"Content-Length: %d" % size
    return (
        b"POST /agent/v1/checkin HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n%s"
        b"Authorization: Bearer %s\r\n%s\r\n\r\n" % (extra, made.tokens[number].encode(), length)
    )


async def answer(made: House, parts: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> str:
    """The status and, of our refusals, the code; `closed` when there was none before the connection ended."""
    reader, writer = await asyncio.open_connection("127.0.0.1", made.platform.port)
    got = b""
    sending = asyncio.ensure_future(parts(writer))
    with suppress(OSError, EOFError, TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            got = await reader.read(4096)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    writer.close()
    if not got:
        return "closed"
    return f"{got[9:12].decode()} malformed" if b"report.malformed" in got else got[9:12].decode()


def whole(content: bytes) -> Callable[[asyncio.StreamWriter], Awaitable[None]]:
    async def parts(writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()

    return parts


def endless(start: bytes, *, chunked: bool) -> Callable[[asyncio.StreamWriter], Awaitable[None]]:
    """A hundred megabytes, as fast as they are taken."""

    async def parts(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        for _ in range(1_600):
            writer.write(b"10000\r\n" + _BLOCK + b"\r\n" if chunked else _BLOCK)
            await writer.drain()

    return parts


def dripping(start: bytes) -> Callable[[asyncio.StreamWriter], Awaitable[None]]:
    """A byte a second, until the other side has enough."""

    async def parts(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        with suppress(OSError):
            while True:
                await writer.drain()
                await asyncio.sleep(1)
                writer.write(b" ")

    return parts


async def expect(attack: Attack, name: str, wanted: set[str], told: Awaitable[str]) -> None:
    got = await told
    attack.answers[f"{name}: {got}"] += 1
    if got not in wanted:
        attack.unexpected.append(f"{name}: {got}")


async def one_round(made: House, attack: Attack, number: int) -> None:
    """Every attack once, at the same time. A refusal may meet a sender that does not listen: then it sees the end."""
    large, malformed = {"413", "closed"}, {"200 malformed"}
    todo = [
        expect(attack, "100 MB", large, answer(made, endless(head(made, number, 100 << 20), chunked=False))),
        expect(attack, "100 MB in chunks", large, answer(made, endless(head(made, number, None), chunked=True))),
        expect(attack, "1 MB header", {"431"}, answer(made, whole(b"GET / HTTP/1.1\r\nX: " + b"a" * (1 << 20)))),
        expect(attack, "garbage", {"400"}, answer(made, whole(b"\x16\x03\x01\x00\x00\r\n\r\n"))),
    ]
    for name, body in BODIES.items():
        extra = b"Content-Encoding: gzip\r\n" if name.startswith("gzip") else b""
        content = head(made, number, len(body), extra) + body
        todo.append(expect(attack, name, malformed, answer(made, whole(content))))
    await asyncio.gather(*todo)


async def hostile(made: House, rate: float, duration_s: float, slow: int) -> Verdict:
    """Goodput before, then during the attack. With more than 65 s the drippers are seen to be given up."""
    before = await made.under(made.load(rate, max(3.0, duration_s / 4), fresh=False, boot="calm"))
    at_rest_mib = most_mib = made.platform.memory_mib()
    attack, slowly = Attack(), Attack()
    drips = drippers(made, slowly, slow)
    ends_s, rounds = time.monotonic() + duration_s, 0
    under = asyncio.create_task(made.under(made.load(rate, duration_s, fresh=False, boot="attacked")))
    while time.monotonic() < ends_s:
        await one_round(made, attack, rounds % len(made.tokens))
        most_mib = max(most_mib, made.platform.memory_mib())
        rounds += 1
        await asyncio.sleep(0.3)
    during = await under
    if duration_s < _SEEN_TO_THE_END_S:
        for drip in drips:
            drip.cancel()
    await asyncio.gather(*drips, return_exceptions=True)
    most_mib = max(most_mib, made.platform.memory_mib())
    loss = 1 - (len(during.taken) / during.sent) / (len(before.taken) / before.sent)
    wrong = attack.unexpected + slowly.unexpected
    return Verdict(
        "R11 hostile senders",
        rounds > 0 and not wrong and loss <= MOST_LOSS and most_mib - at_rest_mib <= MOST_GROWTH_MIB,
        {
            "rounds": rounds,
            "refused": sum(attack.answers.values()),
            "unexpected": sorted(set(wrong)),
            "slow": dict(slowly.answers) or f"{2 * slow} held on",
            "goodput_loss_percent": round(loss * 100, 1),
            "p99_before_ms": before.p99_ms,
            "p99_during_ms": during.p99_ms,
            "memory_before_mib": round(at_rest_mib),
            "memory_most_mib": round(most_mib),
        },
    )


def drippers(made: House, slowly: Attack, count: int) -> list["asyncio.Task[None]"]:
    """So many that drip a body, and so many that drip a head."""
    body = head(made, 1, 1_000)
    kinds = (("slow body", body, {"408"}), ("slow head", body[:60], {"closed", "408"}))
    return [
        asyncio.create_task(expect(slowly, name, wanted, answer(made, dripping(start))))
        for name, start, wanted in kinds
        for _ in range(count)
    ]


async def prove_hostile(duration_s: float = 70, rate: float = 100, slow: int = 400) -> Verdict:
    async with house(60) as made:
        await made.under(made.load(rate, 5, fresh=False, boot="warm"))
        found = await hostile(made, rate, duration_s, slow)
        return found.with_(await made.counted())
