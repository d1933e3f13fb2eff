"""The records by which Kinesis calls a function, as an inbox that is only read: one shard, in its order.

The same records come again until the function has taken them all, not always cut alike. Positions are those of the
shard's own ledger: what was noted is read again exactly as it was noted, from the event or else from the stream.
"""

import base64
import binascii
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from tikfleet.adapters.aws.clients import Clients, Service
from tikfleet.adapters.kinesis.ledger import Ledger, Part, Stretch
from tikfleet.adapters.kinesis.shards import Shards
from tikfleet.adapters.kinesis.wire import batch_of, from_record
from tikfleet.ports.database import Database
from tikfleet.ports.inbox import CHECKINS, Envelope, InboxBatch, InboxUnavailable


class Record(msgspec.Struct, frozen=True):
    """One record of an event. Content that can't be read is empty, which is damaged."""

    shard: str
    sequence: str
    data: bytes


def records_of(event: Mapping[str, Any]) -> list[Record]:
    """The records of an event, in their order. Raises ValueError where it is none of Kinesis."""
    try:
        return [_record(item) for item in event["Records"]]
    except (KeyError, TypeError, AttributeError) as cause:
        raise ValueError("the event holds no records of a stream") from cause


def _record(item: Mapping[str, Any]) -> Record:
    shard, _, sequence = item["eventID"].partition(":")
    try:
        data = base64.b64decode(item["kinesis"]["data"], validate=True)
    except binascii.Error:
        data = b""
    return Record(shard, item["kinesis"].get("sequenceNumber") or sequence, data)


class EventInbox:
    """What an event brings of one shard. Raises Unavailable while the database or the stream is away."""

    def __init__(
        self,
        clients: Clients,
        stream: str,
        database: Database,
        records: Sequence[Record],
        now_s: Callable[[], float] = time.time,
    ) -> None:
        """`records`: at least one, all of one shard."""
        shard = records[0].shard
        self._shards = Shards(Service(clients, "kinesis", InboxUnavailable), stream)
        self._ledger = Ledger(database, f"{stream}/{shard}"[:80], now_s)
        self._shard = shard
        self._records = records
        self._done = 0
        self._now_s = now_s
        # Shards are called shardId-000000000001: what counts is the number.
        self.name = f"{CHECKINS}/{shard.removeprefix('shardId-')}"[:40]

    @property
    def unfinished(self) -> str:
        """The first record that was not forgotten, or nothing where all were."""
        return next((record.sequence for record in self._records if int(record.sequence) > self._done), "")

    async def append(self, envelope: Envelope) -> None:
        raise InboxUnavailable("this process only reads the stream")

    async def read(self, after: int, limit: int) -> InboxBatch | None:
        noted = await self._ledger.after(after)
        if noted is not None:
            return await self._again([noted])
        cursor = (await self._ledger.cursors()).get(self._shard)
        handed = int(cursor.sequence) if cursor else 0
        self._done = max(self._done, handed)
        fresh = [record for record in self._records if int(record.sequence) > handed][:limit]
        if not fresh:
            return None
        stretch = await self._ledger.note([Part(self._shard, fresh[0].sequence, fresh[-1].sequence, len(fresh))])
        return batch_of([stretch], [record.data for record in fresh])

    async def read_range(self, first: int, last: int) -> InboxBatch | None:
        stretches = await self._ledger.within(first, last)
        return await self._again(stretches) if stretches else None

    async def _again(self, stretches: Sequence[Stretch]) -> InboxBatch:
        found: list[bytes] = []
        for part in (part for stretch in stretches for part in stretch.parts):
            first, last = int(part.first), int(part.last)
            here = [record.data for record in self._records if first <= int(record.sequence) <= last]
            if len(here) != part.records:
                here = [data for _, data in await self._shards.exactly(part)]
            found += here
        return batch_of(stretches, found)

    async def wait(self, timeout_s: float) -> None:
        return

    async def forget(self, up_to: int) -> None:
        for stretch in await self._ledger.within(0, up_to):
            self._done = max(self._done, *(int(part.last) for part in stretch.parts))
        await self._ledger.forget(up_to)

    def depth(self) -> int:
        return sum(int(record.sequence) > self._done for record in self._records)

    def age_s(self) -> float:
        first = from_record(self._records[0].data)
        return max(0.0, self._now_s() - first.received_at_ms / 1000) if first and self.depth() else 0.0

    def refusal(self) -> str:
        return "this process only reads the stream"

    def size_bytes(self) -> int:
        return 0

    async def close(self) -> None:
        """Nothing is held."""
