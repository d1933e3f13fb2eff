"""What was read from a stream, as positions: which records of which shards make up which stretch, in the database.

A stretch is noted before it is handed out, so it can be read again exactly, by any process. Positions are one row's
counter, never below the present moment in microseconds: a database that was lost or restored gives no position twice.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from tikfleet.ports.database import Database, Transaction


class Part(msgspec.Struct, frozen=True, array_like=True):
    """Consecutive records of one shard, by the sequence numbers of the first and the last."""

    shard: str
    first: str
    last: str
    records: int


class Stretch(msgspec.Struct, frozen=True):
    """Positions `first` to `last`, one for each record of its parts in their order."""

    first: int
    last: int
    parts: list[Part]


class Cursor(msgspec.Struct, frozen=True):
    """How far a shard was handed out; `ended`: it was closed, and nothing is left of it."""

    sequence: str
    ended: bool = False


_parts = msgspec.json.Decoder(list[Part])


class Ledger:
    """The stretches of one reader. Raises DatabaseUnavailable."""

    def __init__(self, database: Database, reader: str, now_s: Callable[[], float] = time.time) -> None:
        """`reader` names who reads: whoever reads for himself has positions of his own."""
        self._database = database
        self._reader = reader
        self._now_s = now_s

    async def after(self, position: int) -> Stretch | None:
        """The first stretch behind a position."""
        found = await self._stretches("first_position > :one order by first_position limit 1", one=position)
        return found[0] if found else None

    async def within(self, first: int, last: int) -> list[Stretch]:
        """The stretches from one position to another."""
        condition = "first_position >= :one and last_position <= :two order by first_position"
        return await self._stretches(condition, one=first, two=last)

    async def _stretches(self, condition: str, **values: Any) -> list[Stretch]:
        async with self._database.read() as transaction:
            rows = await transaction.fetch(
                "select first_position, last_position, parts from inbox_stretch "
                f"where reader = :reader and {condition}",
                reader=self._reader,
                **values,
            )
        return [Stretch(int(first), int(last), _parts.decode(parts)) for first, last, parts in rows]

    async def waiting(self) -> tuple[int, int]:
        """How many records were handed out and not forgotten, and the last position of them (0, 0: none)."""
        async with self._database.read() as transaction:
            rows = await transaction.fetch(
                "select coalesce(sum(last_position - first_position + 1), 0), coalesce(max(last_position), 0) "
                "from inbox_stretch where reader = :reader",
                reader=self._reader,
            )
        return int(rows[0][0]), int(rows[0][1])

    async def cursors(self) -> dict[str, Cursor]:
        """Where to go on, by shard."""
        async with self._database.read() as transaction:
            rows = await transaction.fetch(
                "select shard, sequence, ended from inbox_shard where reader = :reader", reader=self._reader
            )
        return {shard: Cursor(sequence, bool(ended)) for shard, sequence, ended in rows}

    async def note(self, parts: Sequence[Part]) -> Stretch:
        """Give positions to what was read, and move the cursors behind it."""
        async with self._database.write() as transaction:
            await self._own_row(transaction)
            (before,) = (
                await transaction.fetch("select position from inbox_reader where reader = :reader", reader=self._reader)
            )[0]
            first = max(int(before), int(self._now_s() * 1_000_000)) + 1
            stretch = Stretch(first, first + sum(part.records for part in parts) - 1, list(parts))
            await transaction.execute(
                "update inbox_reader set position = :position where reader = :reader",
                reader=self._reader,
                position=stretch.last,
            )
            await transaction.execute(
                "insert into inbox_stretch (reader, first_position, last_position, parts) "
                "values (:reader, :first, :last, :parts)",
                reader=self._reader,
                first=stretch.first,
                last=stretch.last,
                parts=msgspec.json.encode(stretch.parts).decode(),
            )
            await self._move(transaction, {part.shard: Cursor(part.last) for part in parts})
        return stretch

    async def end(self, shards: Mapping[str, Cursor]) -> None:
        """Note shards that were closed and of which everything was handed out."""
        async with self._database.write() as transaction:
            await self._move(transaction, shards)

    async def forget(self, up_to: int) -> int:
        """Drop the stretches up to a position; gives how many records they had."""
        async with self._database.write() as transaction:
            rows = await transaction.fetch(
                "select coalesce(sum(last_position - first_position + 1), 0) from inbox_stretch "
                "where reader = :reader and last_position <= :up_to",
                reader=self._reader,
                up_to=up_to,
            )
            await transaction.execute(
                "delete from inbox_stretch where reader = :reader and last_position <= :up_to",
                reader=self._reader,
                up_to=up_to,
            )
        return int(rows[0][0])

    async def _own_row(self, transaction: Transaction) -> None:
        await transaction.execute(
            "insert into inbox_reader (reader, position) values (:reader, 0) on conflict (reader) do nothing",
            reader=self._reader,
        )

    async def _move(self, transaction: Transaction, cursors: Mapping[str, Cursor]) -> None:
        for shard, cursor in cursors.items():
            await transaction.execute(
                "insert into inbox_shard (reader, shard, sequence, ended) values (:reader, :shard, :sequence, :ended) "
                "on conflict (reader, shard) do update set sequence = excluded.sequence, ended = excluded.ended",
                reader=self._reader,
                shard=shard,
                sequence=cursor.sequence,
                ended=int(cursor.ended),
            )
