"""The cache in a DynamoDB table whose partition key is the text `k` and whose time to live is the number `t`.

An item is `k`, the value `v` (bytes; `z` when it is compressed) or the count `n`, the end `e` in ms and `t` in s since
1970. DynamoDB deletes late, within days (Developer Guide, "Using time to live"): `e` is looked at on every read.
Writes are charged by the started KB, so values that would go past it are compressed.
"""

import hashlib
import time
import zlib
from collections.abc import Callable
from typing import Any, Final

from tikfleet.adapters.aws.clients import Clients, Refused, Service

_TOLD: Final = ("ConditionalCheckFailedException",)
_FREE: Final = "attribute_not_exists(k) OR e <= :now"
_COMPRESSED_FROM: Final = 800
# An item may have 400 KB with its names and numbers.
_MAX_VALUE: Final = 380_000
_MAX_KEY: Final = 1024
_TRIES: Final = 5


class DynamoCache:
    """The cache port on one table. Raises CloudUnavailable. Processes have to agree on the time to about a second."""

    def __init__(self, clients: Clients, table: str, now_s: Callable[[], float] = time.time) -> None:
        self._dynamodb = Service(clients, "dynamodb")
        self._table = table
        self._now_s = now_s

    async def get(self, key: str) -> bytes | None:
        answer = await self._dynamodb.call("get_item", TableName=self._table, Key=_key(key), ConsistentRead=True)
        item = answer.get("Item")
        if item is None or int(item["e"]["N"]) <= self._now_ms():
            return None
        if "n" in item:
            return str(item["n"]["N"]).encode()
        value = bytes(item["v"]["B"])
        return zlib.decompress(value) if "z" in item else value

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        if (item := self._item(key, value, ttl_s)) is not None:
            await self._dynamodb.call("put_item", TableName=self._table, Item=item)
        else:
            # Too large to be kept, and what stands there is no longer true.
            await self.delete(key)

    async def add(self, key: str, value: bytes, ttl_s: float) -> bool:
        item = self._item(key, value, ttl_s)
        if item is None:
            raise ValueError(f"a value of {len(value)} bytes is more than an item of DynamoDB takes")
        try:
            await self._dynamodb.call(
                "put_item",
                told=_TOLD,
                TableName=self._table,
                Item=item,
                ConditionExpression=_FREE,
                ExpressionAttributeValues={":now": {"N": str(self._now_ms())}},
            )
        except Refused:
            return False
        return True

    async def delete(self, key: str) -> None:
        await self._dynamodb.call("delete_item", TableName=self._table, Key=_key(key))

    async def count(self, key: str, window_s: float) -> int:
        # Either the window goes on, or it is over and exactly one caller begins the next; who loses that race goes on.
        for _ in range(_TRIES):
            for begins in (False, True):
                try:
                    return await self._counted(key, window_s, begins=begins)
                except Refused:
                    continue
        return 1

    async def _counted(self, key: str, window_s: float, *, begins: bool) -> int:
        now_ms, end_ms = self._now_ms(), self._end_ms(window_s)
        values = {":one": {"N": "1"}, ":now": {"N": str(now_ms)}}
        if begins:
            update, condition = "SET n = :one, e = :end, t = :gone REMOVE v, z", _FREE
            values |= {":end": {"N": str(end_ms)}, ":gone": {"N": str(end_ms // 1000 + 1)}}
        else:
            update, condition = "ADD n :one", "e > :now"
        answer = await self._dynamodb.call(
            "update_item",
            told=_TOLD,
            TableName=self._table,
            Key=_key(key),
            UpdateExpression=update,
            ConditionExpression=condition,
            ExpressionAttributeValues=values,
            ReturnValues="UPDATED_NEW",
        )
        return int(answer["Attributes"]["n"]["N"])

    def _item(self, key: str, value: bytes, ttl_s: float) -> dict[str, Any] | None:
        end_ms = self._end_ms(ttl_s)
        item: dict[str, Any] = _key(key) | {"e": {"N": str(end_ms)}, "t": {"N": str(end_ms // 1000 + 1)}}
        if len(value) > _COMPRESSED_FROM and len(small := zlib.compress(value)) < len(value):
            value = small
            item["z"] = {"BOOL": True}
        return None if len(value) > _MAX_VALUE else item | {"v": {"B": value}}

    def _now_ms(self) -> int:
        return round(self._now_s() * 1000)

    def _end_ms(self, ttl_s: float) -> int:
        return round((self._now_s() + ttl_s) * 1000)


def _key(key: str) -> dict[str, Any]:
    """Keys of DynamoDB have a bound; a longer one is stored as its digest, under which nothing else is."""
    if len(key.encode()) > _MAX_KEY or key.startswith("sha256:"):
        key = "sha256:" + hashlib.sha256(key.encode()).hexdigest()
    return {"k": {"S": key}}
