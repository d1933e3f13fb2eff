"""Reading the shards of a stream: each from where it was left, a shard that came of others after these.

(Kinesis API Reference: ListShards, GetShardIterator, GetRecords. A shard gives 2 MB and five answers a second.)
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from tikfleet.adapters.aws.clients import Refused, Service
from tikfleet.adapters.kinesis.ledger import Cursor, Part

_LOOK_EVERY_S: Final = 30.0
_MAX_LIMIT: Final = 10_000
_EXPIRED: Final = ("ExpiredIteratorException",)
_GONE: Final = ("InvalidArgumentException", "ResourceNotFoundException")
_EMPTY_ANSWERS: Final = 200


class Shard(msgspec.Struct, frozen=True):
    """A shard as ListShards names it. `closed`: it takes no more records."""

    id: str
    parents: tuple[str, ...]
    closed: bool


class Records(msgspec.Struct, frozen=True):
    """What a shard gave: sequence numbers with their data, and how far behind its end that was."""

    shard: str
    items: list[tuple[str, bytes]]
    behind_ms: int
    ended: bool
    all_there: bool

    @property
    def part(self) -> Part:
        """The same as the ledger notes it."""
        return Part(self.shard, self.items[0][0], self.items[-1][0], len(self.items))


class Shards:
    """The shards of one stream."""

    def __init__(self, kinesis: Service, stream: str, now_s: Callable[[], float] = time.monotonic) -> None:
        self._kinesis = kinesis
        self._stream = stream
        self._now_s = now_s
        self._listed: dict[str, Shard] = {}
        self._listed_s = 0.0
        self._iterators: dict[str, str] = {}

    async def new(self, cursors: Mapping[str, Cursor], limit: int) -> list[Records]:
        """What follows the cursors, of every shard whose turn it is, about `limit` records in all."""
        shards = await self._readable(cursors)
        each = max(1, min(_MAX_LIMIT, limit // max(1, len(shards))))
        following = (self._follow(shard, cursors.get(shard.id), each) for shard in shards)
        # All of them to their end: one that fails must leave no other under way, which would move on unseen.
        found = await asyncio.gather(*following, return_exceptions=True)
        for item in found:
            if isinstance(item, BaseException):
                raise item
        return [item for item in found if isinstance(item, Records)]

    def start_again(self) -> None:
        """Go back to the cursors: what was read last was not noted."""
        self._iterators.clear()

    async def exactly(self, part: Part) -> list[tuple[str, bytes]]:
        """The records of a part once more; fewer where the stream keeps them no longer."""
        found: list[tuple[str, bytes]] = []
        try:
            iterator = await self._iterator(part.shard, "AT_SEQUENCE_NUMBER", part.first)
        except Refused:
            return []
        last, empty = int(part.last), 0
        while iterator and len(found) < part.records and empty < _EMPTY_ANSWERS:
            answer = await self._records(iterator, part.records - len(found))
            fresh = [item for item in _items(answer) if int(item[0]) <= last]
            found += fresh
            empty = 0 if fresh else empty + 1
            if answer["Records"] and not fresh:
                break
            if not answer["Records"] and not answer.get("MillisBehindLatest"):
                break
            iterator = answer.get("NextShardIterator", "")
        return found

    async def _readable(self, cursors: Mapping[str, Cursor]) -> list[Shard]:
        """Those not at their end, and of those with parents only the ones whose parents are."""
        if not self._listed or self._now_s() - self._listed_s > _LOOK_EVERY_S:
            await self.look()
        ended = {shard for shard, cursor in cursors.items() if cursor.ended}
        return [
            shard
            for shard in self._listed.values()
            if shard.id not in ended
            # A parent that is listed no more has kept its records as long as it had to.
            and all(parent in ended or parent not in self._listed for parent in shard.parents)
        ]

    async def look(self) -> None:
        """Read anew which shards there are."""
        found: dict[str, Shard] = {}
        values: dict[str, Any] = {"StreamName": self._stream}
        while True:
            answer = await self._kinesis.call("list_shards", **values)
            found |= {item["ShardId"]: _shard(item) for item in answer["Shards"]}
            if not answer.get("NextToken"):
                break
            values = {"NextToken": answer["NextToken"]}
        self._listed, self._listed_s = found, self._now_s()

    async def _follow(self, shard: Shard, cursor: Cursor | None, limit: int) -> Records:
        try:
            iterator = self._iterators.pop(shard.id, "") or await self._behind(shard, cursor)
            answer = await self._records(iterator, limit)
        except Refused:
            # An iterator lives for five minutes.
            answer = await self._records(await self._behind(shard, cursor), limit)
        items = _items(answer)
        behind_ms = int(answer.get("MillisBehindLatest", 0))
        following = answer.get("NextShardIterator")
        ended = not following or (shard.closed and not items and not behind_ms)
        if following and not ended:
            self._iterators[shard.id] = following
        if ended:
            # Its children are to be known at once.
            self._listed_s = 0.0
        return Records(shard.id, items, behind_ms, ended, not behind_ms and len(items) < limit)

    async def _behind(self, shard: Shard, cursor: Cursor | None) -> str:
        if cursor is None:
            return await self._iterator(shard.id, "TRIM_HORIZON")
        try:
            return await self._iterator(shard.id, "AFTER_SEQUENCE_NUMBER", cursor.sequence)
        except Refused:
            return await self._iterator(shard.id, "TRIM_HORIZON")

    async def _iterator(self, shard: str, kind: str, sequence: str = "") -> str:
        start = {"StartingSequenceNumber": sequence} if sequence else {}
        answer = await self._kinesis.call(
            "get_shard_iterator",
            told=_GONE if sequence else (),
            StreamName=self._stream,
            ShardId=shard,
            ShardIteratorType=kind,
            **start,
        )
        return str(answer["ShardIterator"])

    async def _records(self, iterator: str, limit: int) -> dict[str, Any]:
        return await self._kinesis.call(
            "get_records", told=_EXPIRED, ShardIterator=iterator, Limit=max(1, min(_MAX_LIMIT, limit))
        )


def _items(answer: Mapping[str, Any]) -> list[tuple[str, bytes]]:
    return [(item["SequenceNumber"], bytes(item["Data"])) for item in answer["Records"]]


def _shard(item: Mapping[str, Any]) -> Shard:
    parents = (item.get("ParentShardId"), item.get("AdjacentParentShardId"))
    closed = bool(item["SequenceNumberRange"].get("EndingSequenceNumber"))
    return Shard(item["ShardId"], tuple(parent for parent in parents if parent), closed)
