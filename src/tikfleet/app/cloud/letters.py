"""Dead letters of an installation on AWS: what was given up, to look at and to have done again."""

from collections.abc import Sequence
from typing import Final

import msgspec

from tikfleet.adapters.aws.clients import Clients
from tikfleet.adapters.memory.cache import MemoryCache
from tikfleet.adapters.sqs.queue import SqsQueue

# Of `deploy/aws/parts/streams.py`: work that failed five times, and calls of functions that AWS gave up.
WORK: Final = "work"
_FAILURES: Final = "failures"
_SHOWN: Final = 200
_AT_ONCE: Final = 100


class Letter(msgspec.Struct, frozen=True):
    """`text` is its content as far as it can be shown on a line."""

    queue: str
    id: str
    text: str


class Letters:
    """Raises CloudUnavailable."""

    def __init__(self, clients: Clients, name: str) -> None:
        # Nothing is sent with a key, so nobody else needs to know of this cache.
        self._queue = SqsQueue(clients, name, MemoryCache())

    async def listed(self) -> Sequence[Letter]:
        """Up to a hundred of each queue. They are missing from another look for two seconds."""
        return [
            Letter(queue, message.id, _line(message.body))
            for queue in (WORK, _FAILURES)
            for message in await self._queue.dead(queue, _AT_ONCE)
        ]

    async def replayed(self) -> int:
        """Send all dead work to be done again; gives how many. What fails again comes back here after five times."""
        seen: set[str] = set()
        while fresh := [one for one in await self._queue.dead(WORK, _AT_ONCE) if one.id not in seen]:
            for message in fresh:
                await self._queue.revive(message)
            seen |= {message.id for message in fresh}
        return len(seen)


def _line(body: bytes) -> str:
    text = "".join(letter if letter.isprintable() else " " for letter in body.decode(errors="replace"))
    return text[:_SHOWN] + ("…" if len(text) > _SHOWN else "")
