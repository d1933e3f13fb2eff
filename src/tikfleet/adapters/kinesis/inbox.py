"""The inbox on a Kinesis stream: any number of processes append, one of them reads.

A device is a partition key, so what it sent comes in its order; among devices there is none. Kinesis knows sequence
numbers in shards, and the consumer positions: the ledger makes one of the other. What was forgotten stays in the stream
until its retention is over, and is not given again.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from tikfleet.adapters.aws.clients import Clients, Service
from tikfleet.adapters.kinesis.ledger import Cursor, Ledger, Stretch
from tikfleet.adapters.kinesis.shards import Records, Shards
from tikfleet.adapters.kinesis.wire import batch_of
from tikfleet.adapters.kinesis.writing import Writer
from tikfleet.ports.database import Database
from tikfleet.ports.inbox import CHECKINS, Envelope, InboxBatch, InboxUnavailable

_TROUBLE_S: Final = 5.0
_EMPTY_ANSWERS: Final = 5


class KinesisInbox:
    """The inbox port on one stream. `depth` and `age_s` are known where it is read, and 0 elsewhere."""

    name = CHECKINS

    def __init__(
        self,
        clients: Clients,
        stream: str,
        database: Database,
        *,
        reads: bool = True,
        high_water: int = 2_000_000,
        now_s: Callable[[], float] = time.time,
        gather_s: float = 0,
    ) -> None:
        """`reads`: this process consumes; only there do appends count into `depth`.

        Appends of so long as `gather_s` go with one call, where one went just before.
        """
        kinesis = Service(clients, "kinesis", InboxUnavailable)
        self._writer = Writer(kinesis, stream, gather_s)
        self._shards = Shards(kinesis, stream)
        self._ledger = Ledger(database, stream, now_s)
        self._reads = reads
        self._high_water = high_water
        self._now_s = now_s
        self._arrived = asyncio.Event()
        self._closed = False
        self._failed_s = 0.0
        self._handed = 0
        self._unread = 0
        self._behind_s = 0.0
        self._arrivals: deque[tuple[int, float]] = deque()

    async def begin(self) -> None:
        """See what an earlier process left. Raises DatabaseUnavailable."""
        self._handed, last = await self._ledger.waiting()
        if self._handed:
            self._arrivals.append((last, self._now_s()))

    async def append(self, envelope: Envelope) -> None:
        if self._closed:
            raise InboxUnavailable("the platform is stopping", retry_after_s=10)
        if self._writer.full or self.depth() >= self._high_water:
            raise InboxUnavailable("too many reports wait to be processed", retry_after_s=30)
        try:
            await self._writer.append(envelope)
        except InboxUnavailable:
            self._failed_s = self._now_s()
            raise
        self._failed_s = 0.0
        if self._reads:
            self._unread += 1
        self._arrived.set()

    async def read(self, after: int, limit: int) -> InboxBatch | None:
        noted = await self._ledger.after(after)
        if noted is not None:
            return await self._again([noted])
        try:
            return await self._new(limit)
        except BaseException:
            # What was read and not noted is read again.
            self._shards.start_again()
            raise

    async def _new(self, limit: int) -> InboxBatch | None:
        cursors = await self._ledger.cursors()
        for _ in range(_EMPTY_ANSWERS):
            found = await self._shards.new(cursors, limit)
            cursors = await self._note_ended(found, cursors)
            self._behind_s = max((records.behind_ms for records in found), default=0) / 1000
            if any(records.items for records in found):
                return await self._handed_out([records for records in found if records.items])
            if all(records.all_there and not records.ended for records in found):
                self._unread = 0
                break
        return None

    async def _handed_out(self, found: Sequence[Records]) -> InboxBatch:
        stretch = await self._ledger.note([records.part for records in found])
        count = stretch.last - stretch.first + 1
        self._handed += count
        self._unread = 0 if all(records.all_there for records in found) else max(0, self._unread - count)
        batch = batch_of([stretch], [data for records in found for _, data in records.items])
        first_s = batch.envelopes[0].received_at_ms / 1000 if batch.envelopes else self._now_s()
        self._arrivals.append((stretch.last, first_s))
        return batch

    async def _note_ended(self, found: Sequence[Records], cursors: dict[str, Cursor]) -> dict[str, Cursor]:
        """Shards of which nothing is left, now that what they gave before was noted."""
        ended = {
            records.shard: Cursor(cursors[records.shard].sequence if records.shard in cursors else "", ended=True)
            for records in found
            if records.ended and not records.items
        }
        if ended:
            await self._ledger.end(ended)
        return cursors | ended

    async def read_range(self, first: int, last: int) -> InboxBatch | None:
        stretches = await self._ledger.within(first, last)
        return await self._again(stretches) if stretches else None

    async def _again(self, stretches: Sequence[Stretch]) -> InboxBatch:
        found: list[bytes] = []
        for part in (part for stretch in stretches for part in stretch.parts):
            found += (data for _, data in await self._shards.exactly(part))
        return batch_of(stretches, found)

    async def wait(self, timeout_s: float) -> None:
        try:
            await asyncio.wait_for(self._arrived.wait(), timeout_s)
        except TimeoutError:
            return
        self._arrived.clear()

    async def forget(self, up_to: int) -> None:
        dropped = await self._ledger.forget(up_to)
        self._handed = max(0, self._handed - dropped)
        while self._arrivals and self._arrivals[0][0] <= up_to:
            self._arrivals.popleft()

    async def look(self) -> None:
        """See how far a reader elsewhere is behind, for `age_s`."""
        found = await self._shards.new(await self._ledger.cursors(), 1)
        self._shards.start_again()
        self._behind_s = max((records.behind_ms for records in found), default=0) / 1000

    def depth(self) -> int:
        return self._handed + self._unread + self._writer.waiting

    def age_s(self) -> float:
        handed_s = self._now_s() - self._arrivals[0][1] if self._arrivals else 0.0
        return max(0.0, handed_s, self._behind_s)

    def refusal(self) -> str:
        if self._closed:
            return "the platform is stopping"
        if self._writer.full or self.depth() >= self._high_water:
            return "too many reports wait to be processed"
        if self._now_s() - self._failed_s < _TROUBLE_S:
            return "the stream takes no reports"
        return ""

    def size_bytes(self) -> int:
        return 0

    async def close(self) -> None:
        """Send what waits. What comes after is refused."""
        self._closed = True
        await self._writer.drain()
