"""The inbox in a SQLite file: one row, one transaction and one sync for all the envelopes that wait (group commit)."""

import asyncio
import sqlite3
import threading
import zlib
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue

import msgspec

from tikfleet.ports.inbox import Envelope, InboxBatch, InboxUnavailable

_MAX_GROUP = 2000
_MAX_WAITING_BYTES = 64 << 20
_SCHEMA = """
create table if not exists record (
    last integer primary key, first integer not null, checksum integer not null, payload blob not null
) strict
"""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Envelope])

Waiting = tuple[Envelope, "asyncio.Future[None]"]


class SqliteInbox:
    """Appends gather while the writer's last commit is being synced, then go into the next one together."""

    def __init__(self, path: Path, *, high_water: int = 2_000_000) -> None:
        """`high_water` is how many envelopes may wait before `append` refuses."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._high_water = high_water
        self._loop = asyncio.get_running_loop()
        self._waiting: list[Waiting] = []
        self._waiting_bytes = 0
        self._writing = False
        self._arrived = asyncio.Event()
        self._groups: SimpleQueue[list[Waiting] | None] = SimpleQueue()
        self._reader = _connect(path)
        self._reader_lock = asyncio.Lock()
        row = self._reader.execute("select coalesce(min(first), 0), coalesce(max(last), 0) from record").fetchone()
        highest = self._reader.execute("select seq from position").fetchone()[0]
        self._last = max(int(row[1]), int(highest))
        self._forgotten = int(row[0]) - 1 if row[0] else self._last
        self._thread = threading.Thread(target=self._write_groups, name="inbox-writer", daemon=True)
        self._thread.start()

    async def append(self, envelope: Envelope) -> None:
        if self._waiting_bytes > _MAX_WAITING_BYTES or self.depth() >= self._high_water:
            raise InboxUnavailable("too many reports wait to be processed", retry_after_s=30)
        done = self._loop.create_future()
        self._waiting.append((envelope, done))
        self._waiting_bytes += len(envelope.body)
        if not self._writing:
            # Let the other requests of this turn of the loop join the group.
            self._writing = True
            self._loop.call_soon(self._hand_over)
        await done

    def _hand_over(self) -> None:
        group, self._waiting = self._waiting[:_MAX_GROUP], self._waiting[_MAX_GROUP:]
        self._waiting_bytes = sum(len(envelope.body) for envelope, _ in self._waiting)
        self._groups.put(group)

    def _write_groups(self) -> None:
        """The writer thread: one transaction for each group."""
        connection: sqlite3.Connection | None = None
        while (group := self._groups.get()) is not None:
            last, problem = self._last, None
            try:
                connection = connection or _connect(self._path)
                last = self._write(connection, [envelope for envelope, _ in group])
            except sqlite3.Error as cause:
                # A failed sync is never retried and called good: the connection, its cache with it, is dropped.
                if connection is not None:
                    connection.close()
                connection = None
                problem = InboxUnavailable("the report could not be written to disk", retry_after_s=10)
                problem.__cause__ = cause
            self._loop.call_soon_threadsafe(self._finish, group, last, problem)
        if connection is not None:
            connection.close()

    def _write(self, connection: sqlite3.Connection, envelopes: list[Envelope]) -> int:
        payload = _encoder.encode(envelopes)
        first, last = self._last + 1, self._last + len(envelopes)
        try:
            connection.execute("begin immediate")
            connection.execute(
                "insert into record (last, first, checksum, payload) values (?, ?, ?, ?)",
                (last, first, zlib.crc32(payload), payload),
            )
            connection.execute("update position set seq = ?", (last,))
            connection.execute("commit")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("rollback")
            raise
        return last

    def _finish(self, group: list[Waiting], last: int, problem: InboxUnavailable | None) -> None:
        self._last = last
        for _, done in group:
            if done.done():
                continue
            if problem is None:
                done.set_result(None)
            else:
                done.set_exception(problem)
        if self._waiting:
            self._hand_over()
        else:
            self._writing = False
        if problem is None:
            self._arrived.set()

    async def read(self, after: int, limit: int) -> InboxBatch | None:
        rows = await self._records(
            "select first, last, checksum, payload from record where last > ? order by last limit 64", (after,)
        )
        kept: list[tuple[int, int, int, bytes]] = []
        count = 0
        for row in rows:
            if kept and count + row[1] - row[0] + 1 > limit:
                break
            kept.append(row)
            count += row[1] - row[0] + 1
        return _batch(kept)

    async def read_range(self, first: int, last: int) -> InboxBatch | None:
        return _batch(
            await self._records(
                "select first, last, checksum, payload from record where first >= ? and last <= ? order by last",
                (first, last),
            )
        )

    async def _records(self, sql: str, values: tuple[int, ...]) -> list[tuple[int, int, int, bytes]]:
        def ask() -> list[tuple[int, int, int, bytes]]:
            return self._reader.execute(sql, values).fetchall()

        async with self._reader_lock:
            try:
                return await asyncio.to_thread(ask)
            except sqlite3.Error as cause:
                raise InboxUnavailable("the inbox cannot be read", retry_after_s=10) from cause

    async def wait(self, timeout_s: float) -> None:
        try:
            await asyncio.wait_for(self._arrived.wait(), timeout_s)
        except TimeoutError:
            return
        self._arrived.clear()

    async def forget(self, up_to: int) -> None:
        def drop() -> None:
            self._reader.execute("delete from record where last <= ?", (up_to,))

        async with self._reader_lock:
            try:
                await asyncio.to_thread(drop)
            except sqlite3.Error as cause:
                raise InboxUnavailable("the inbox cannot be trimmed", retry_after_s=10) from cause
        self._forgotten = max(self._forgotten, up_to)

    def depth(self) -> int:
        return max(0, self._last - self._forgotten) + len(self._waiting)

    async def close(self) -> None:
        self._groups.put(None)
        await asyncio.to_thread(self._thread.join)
        self._reader.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
    for pragma in ("journal_mode = wal", "synchronous = full", "busy_timeout = 10000"):
        connection.execute(f"pragma {pragma}")
    connection.execute(_SCHEMA)
    connection.execute("create table if not exists position (seq integer not null) strict")
    connection.execute("insert into position select 0 where not exists (select 1 from position)")
    return connection


def _batch(rows: Sequence[tuple[int, int, int, bytes]]) -> InboxBatch | None:
    """The envelopes of some records; a record whose checksum is wrong is left out, its positions are not."""
    if not rows:
        return None
    envelopes: list[Envelope] = []
    for _first, _last, checksum, payload in rows:
        if zlib.crc32(payload) == checksum:
            envelopes += _decoder.decode(payload)
    return InboxBatch(rows[0][0], rows[-1][1], envelopes)
