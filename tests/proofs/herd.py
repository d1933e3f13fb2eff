"""R7: routers that come back all at once against a server that takes far fewer in a second, over real sockets."""

import asyncio
import contextlib
import random
import re
import resource
import time
from collections import Counter

import msgspec

from .houses import BODY, House, house
from .orders import HANDICAPPED
from .verdicts import Verdict

_PATIENCE_S = 30.0
_LENGTH = re.compile(rb"(?i)content-length: *(\d+)")


class Return(msgspec.Struct):
    """When the last was taken, in seconds after the first came; how often each had to ask."""

    taken: int = 0
    last_s: float = 0.0
    tries: list[int] = []
    statuses: Counter[str] = msgspec.field(default_factory=Counter)
    waits: list[float] = []
    # From a connection's beginning to its answer: of first tries, and of those at the time that the server gave.
    first_s: list[float] = []
    later_s: list[float] = []


async def asked(port: int, request: bytes) -> tuple[str, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        return head[9:12].decode(), await reader.readexactly(int(length[1]) if length else 0)
    finally:
        writer.close()


async def router(made: House, number: int, chance: random.Random, found: Return, ends_s: float) -> None:
    """Comes within the first second, and obeys what it is told until it is taken."""
    body = BODY.replace('"seq":1000000000', '"seq":1').encode()
    request = (
        b"POST /agent/v1/checkin HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
        b"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s" % (made.tokens[number].encode(), len(body), body)
    )
    await asyncio.sleep(chance.random())
    began = time.monotonic()
    while time.monotonic() < ends_s:
        found.tries[number] += 1
        wait_s = chance.uniform(1, 3)
        asked_s = time.monotonic()
        try:
            async with asyncio.timeout(_PATIENCE_S):
                status, answer = await asked(made.platform.port, request)
        except (OSError, EOFError, TimeoutError) as failure:
            found.statuses[type(failure).__name__] += 1
        else:
            found.statuses[status] += 1
            (found.first_s if found.tries[number] == 1 else found.later_s).append(time.monotonic() - asked_s)
            told = msgspec.json.decode(answer) if status == "200" else {}
            if told.get("ok"):
                found.taken += 1
                found.waits.append(time.monotonic() - began)
                return
            wait_s = told.get("next", wait_s) + chance.random() / 10
        await asyncio.sleep(wait_s)


def middle_and_most(times_s: list[float]) -> list[float]:
    ordered = sorted(times_s) or [0.0]
    return [round(ordered[len(ordered) // 2], 2), round(ordered[-1], 2)]


async def prove_herd(routers: int = 10_000, per_second: int = 500, without: str = "") -> Verdict:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 2 * routers + 1_000)), hard))
    environment = {"TIKFLEET_CHECKINS_PER_SECOND": str(per_second), "PROOF_WITHOUT": without}
    least_s = routers / per_second
    async with house(routers, program=[str(HANDICAPPED)], **environment) as made:
        found = Return(tries=[0] * routers)
        chance = random.Random(7)
        ends_s = time.monotonic() + 2 * least_s + 20
        server_s, own_s = made.platform.processor_s(), time.process_time()
        await asyncio.gather(*(router(made, number, chance, found, ends_s) for number in range(routers)))
        found.last_s = max(found.waits, default=0.0)
        memory_mib = made.platform.memory_mib()
        server_s, own_s = made.platform.processor_s() - server_s, time.process_time() - own_s
    good = found.taken == routers and found.last_s <= 1.5 * least_s and max(found.tries) <= 3
    return Verdict(
        f"R7 herd of {routers} against {per_second}/s",
        good,
        {
            "taken": found.taken,
            "least_s": least_s,
            "last_taken_s": round(found.last_s, 1),
            "times_the_least": round(found.last_s / least_s, 2),
            "most_tries": max(found.tries),
            "answers": dict(found.statuses),
            "memory_mib": round(memory_mib),
            "first_answers_p50_most_s": middle_and_most(found.first_s),
            "later_answers_p50_most_s": middle_and_most(found.later_s),
            "processor_s_server_generator": [round(server_s, 1), round(own_s, 1)],
        },
    )
