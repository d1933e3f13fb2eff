"""Kinesis in memory, as its API Reference describes shards that were split or merged: MiniStack drops them at once.

A closed shard takes no records, keeps those it has, is listed with its last sequence number, and its last iterator is
followed by none.
"""

import hashlib
import itertools
from typing import Any

import msgspec

_SPACE = 1 << 128


class Shard(msgspec.Struct):
    id: str
    low: int
    high: int
    parents: list[str]
    records: list[dict[str, Any]] = []
    closed: bool = False


class ReshardableKinesis:
    """The client's calls that the inbox makes, and `open` to be found by it."""

    def __init__(self) -> None:
        self.shards = [Shard("shardId-000000000000", 0, _SPACE, [])]
        self._sequence = 49_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000

    async def open(self, service: str) -> Any:
        assert service == "kinesis"
        return self

    def reshard(self, *bounds: int) -> None:
        """Close every open shard; new ones lie between the bounds, in sixteenths of the space of keys."""
        before = [shard for shard in self.shards if not shard.closed]
        edges = [0, *(bound * _SPACE // 16 for bound in bounds), _SPACE]
        for low, high in itertools.pairwise(edges):
            parents = [shard.id for shard in before if shard.low < high and low < shard.high][:2]
            self.shards.append(Shard(f"shardId-{len(self.shards):012}", low, high, parents))
        for shard in before:
            shard.closed = True

    async def list_shards(self, **_: Any) -> dict[str, Any]:
        # Newest first: nothing may depend on the order.
        return {"Shards": [_listed(shard) for shard in reversed(self.shards)]}

    async def put_records(self, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        for record in Records:
            place = int.from_bytes(hashlib.md5(record["PartitionKey"].encode()).digest())
            (shard,) = [shard for shard in self.shards if not shard.closed and shard.low <= place < shard.high]
            self._sequence += 1
            shard.records.append({"SequenceNumber": str(self._sequence), "Data": record["Data"]})
        return {"FailedRecordCount": 0, "Records": [{} for _ in Records]}

    async def get_shard_iterator(self, **asked: str) -> dict[str, str]:
        after = int(asked.get("StartingSequenceNumber", "0"))
        if asked["ShardIteratorType"] == "AT_SEQUENCE_NUMBER":
            after -= 1
        return {"ShardIterator": f"{asked['ShardId']} {after}"}

    async def get_records(self, ShardIterator: str, Limit: int) -> dict[str, Any]:  # noqa: N803
        name, _, after = ShardIterator.partition(" ")
        (shard,) = [shard for shard in self.shards if shard.id == name]
        rest = [record for record in shard.records if int(record["SequenceNumber"]) > int(after)]
        given = rest[:Limit]
        answer = {"Records": given, "MillisBehindLatest": 1000 * (len(rest) - len(given))}
        if not shard.closed or len(given) < len(rest):
            last = given[-1]["SequenceNumber"] if given else after
            answer["NextShardIterator"] = f"{name} {last}"
        return answer


def _listed(shard: Shard) -> dict[str, Any]:
    listed: dict[str, Any] = {"ShardId": shard.id, "SequenceNumberRange": {"StartingSequenceNumber": "1"}}
    if shard.closed:
        listed["SequenceNumberRange"]["EndingSequenceNumber"] = "9"
    return listed | dict(zip(("ParentShardId", "AdjacentParentShardId"), shard.parents, strict=False))
