"""The inbox in a SQLite file: one row, one transaction and one sync for all the envelopes that wait (group commit).

Several processes may append: positions are given inside the transaction, so they grow in the order of commits.
"""

import asyncio
import sqlite3
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from queue import SimpleQueue

import msgspec

from tikfleet.adapters.sqlite.log import OpenLog
from tikfleet.ports.inbox import CHECKINS, Envelope, InboxBatch, InboxUnavailable

_MAX_GROUP = 2000
_MAX_WAITING_BYTES = 64 << 20
# So long after a write that failed the disk is taken to be still in trouble.
_TROUBLE_S = 5.0
_SCHEMA = """
create table if not exists record (
    last integer primary key, first integer not null, checksum integer not null, payload blob not null
) strict
"""

# Which records are taken is settled before their contents are read.
_NEXT = """
select first, last, checksum, payload from record where last > ? and last <= (
    select max(last) from (
        select last, sum(last - first + 1) over upward as total, row_number() over upward as number
        from record where last > ? window upward as (order by last) order by last limit 1000
    ) where total <= ? or number = 1
) order by last
"""

_WEIGHED = "select coalesce(sum(last - first + 1), 0), coalesce(sum(length(payload)), 0) from record where {}"

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Envelope])

Waiting = tuple[Envelope, "asyncio.Future[None]"]
Record = tuple[int, int, int, bytes | None]


def connect(path: Path) -> sqlite3.Connection:
    """A connection to an inbox's file, with its tables; each commit is synced."""
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
    for pragma in ("journal_mode = wal", "synchronous = full", "busy_timeout = 10000"):
        connection.execute(f"pragma {pragma}")
    connection.execute(_SCHEMA)
    connection.execute("create table if not exists position (seq integer not null) strict")
    connection.execute("insert into position select 0 where not exists (select 1 from position)")
    return connection


class SqliteInbox:
    """Appends gather while the writer's last commit is being synced, then go into the next one together."""

    name = CHECKINS

    def __init__(
        self,
        path: Path,
        *,
        high_water: int = 2_000_000,
        most_bytes: int = 1 << 62,
        connect: Callable[[Path], sqlite3.Connection] = connect,
        now_s: Callable[[], float] = time.time,
        turn: AbstractContextManager[None] | None = None,
    ) -> None:
        """`high_water` and `most_bytes` are how many envelopes and bytes may wait before `append` refuses.

        `turn` is held during each transaction.

        Raises InboxUnavailable when the file can't be opened.
        """
        self._path = path
        self._high_water = high_water
        self._most_bytes = most_bytes
        self._connect = connect
        self._turn = turn or nullcontext()
        self._loop = asyncio.get_running_loop()
        self._waiting: list[Waiting] = []
        self._waiting_bytes = 0
        self._writing = False
        self._closed = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._arrived = asyncio.Event()
        self._groups: SimpleQueue[list[Waiting] | None] = SimpleQueue()
        # One thread: a read that was cancelled goes on to its end, and the file is not closed under it.
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="inbox-reader")
        self._now_s = now_s
        self._failed_s = 0.0
        # Positions with the time of their arrival, at most one a second: enough to say how old the oldest is.
        self._arrivals: deque[tuple[int, float]] = deque()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._log = OpenLog(path)
            self._reader = connect(path)
            self._depth, self._kept_bytes = map(int, self._reader.execute(_WEIGHED.format("true")).fetchone())
            # A file that was lost or restored must not give positions out again that a consumer has passed: each
            # opening begins at the present moment in microseconds, which is beyond everything given before.
            self._last = max(_highest(self._reader), int(now_s() * 1_000_000))
            if self._depth:
                self._arrivals.append((_highest(self._reader), oldest_s(self._reader) or now_s()))
        except (sqlite3.Error, OSError) as cause:
            raise InboxUnavailable(f"the inbox {path} cannot be opened: {cause}") from cause
        self._thread = threading.Thread(target=self._write_groups, name="inbox-writer", daemon=True)
        self._thread.start()

    async def append(self, envelope: Envelope) -> None:
        if self._closed:
            raise InboxUnavailable("the platform is stopping", retry_after_s=10)
        if self._full():
            raise InboxUnavailable("too many reports wait to be processed", retry_after_s=30)
        done = self._loop.create_future()
        self._waiting.append((envelope, done))
        self._waiting_bytes += len(envelope.body)
        if not self._writing:
            # Let the other requests of this turn of the loop join the group.
            self._writing = True
            self._idle.clear()
            self._loop.call_soon(self._hand_over)
        await done

    def _full(self) -> bool:
        return (
            self._waiting_bytes > _MAX_WAITING_BYTES
            or self.depth() >= self._high_water
            or self._kept_bytes + self._waiting_bytes > self._most_bytes
        )

    def _hand_over(self) -> None:
        group, self._waiting = self._waiting[:_MAX_GROUP], self._waiting[_MAX_GROUP:]
        self._waiting_bytes = sum(len(envelope.body) for envelope, _ in self._waiting)
        self._groups.put(group)

    def _write_groups(self) -> None:
        """The writer thread: one transaction for each group."""
        connection: sqlite3.Connection | None = None
        last, size_bytes = self._last, 0
        while (group := self._groups.get()) is not None:
            problem = None
            try:
                if connection is None:
                    connection = self._connect(self._path)
                    # A commit that failed may be found whole in the log afterwards: never write its positions again.
                    last = max(last, _highest(connection))
                with self._turn:
                    last, size_bytes = self._write(connection, [envelope for envelope, _ in group], last)
            except (sqlite3.Error, OSError) as cause:
                # A failed sync is never retried and called good: the connection, its cache with it, is dropped.
                if connection is not None:
                    connection.close()
                connection = None
                problem = InboxUnavailable("the report could not be written to disk", retry_after_s=10)
                problem.__cause__ = cause
            self._loop.call_soon_threadsafe(self._finish, group, problem, last, size_bytes)
        if connection is not None:
            connection.close()

    def _write(self, connection: sqlite3.Connection, envelopes: list[Envelope], before: int) -> tuple[int, int]:
        payload = _encoder.encode(envelopes)
        try:
            connection.execute("begin immediate")
            given = int(connection.execute("select seq from position").fetchone()[0])
            first = max(before, given) + 1
            last = first + len(envelopes) - 1
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
        return last, len(payload)

    def _finish(self, group: list[Waiting], problem: InboxUnavailable | None, last: int, size_bytes: int) -> None:
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
            self._idle.set()
        if problem is None:
            self._depth += len(group)
            self._kept_bytes += size_bytes
            self._arrived.set()
            self._failed_s = 0.0
            now_s = self._now_s()
            if not self._arrivals or now_s - self._arrivals[-1][1] >= 1:
                self._arrivals.append((last, now_s))
        else:
            self._failed_s = self._now_s()

    async def read(self, after: int, limit: int) -> InboxBatch | None:
        return _batch(await self._records(_NEXT, (after, after, limit)))

    async def read_range(self, first: int, last: int) -> InboxBatch | None:
        return _batch(
            await self._records(
                "select first, last, checksum, payload from record where first >= ? and last <= ? order by last",
                (first, last),
            )
        )

    async def _records(self, sql: str, values: tuple[int, ...]) -> list[Record]:
        def ask() -> list[Record]:
            try:
                return self._reader.execute(sql, values).fetchall()
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                return self._one_by_one(sql, values)

        try:
            return await self._loop.run_in_executor(self._reading, ask)
        except sqlite3.Error as cause:
            raise InboxUnavailable("the inbox cannot be read", retry_after_s=10) from cause

    def _one_by_one(self, sql: str, values: tuple[int, ...]) -> list[Record]:
        """Where the file is damaged: every record that can be read, and None for the content of one that can't."""
        found: list[Record] = []
        for first, last in self._reader.execute(sql.replace(", checksum, payload", ""), values).fetchall():
            try:
                row = self._reader.execute("select checksum, payload from record where last = ?", (last,)).fetchone()
                found.append((first, last, *row))
            except sqlite3.DatabaseError:
                found.append((first, last, 0, None))
        return found

    async def wait(self, timeout_s: float) -> None:
        try:
            await asyncio.wait_for(self._arrived.wait(), timeout_s)
        except TimeoutError:
            return
        self._arrived.clear()

    async def forget(self, up_to: int) -> None:
        def drop() -> tuple[int, int]:
            count, size_bytes = self._reader.execute(_WEIGHED.format("last <= ?"), (up_to,)).fetchone()
            self._reader.execute("delete from record where last <= ?", (up_to,))
            return int(count), int(size_bytes)

        try:
            dropped, dropped_bytes = await self._loop.run_in_executor(self._reading, drop)
        except sqlite3.Error as cause:
            raise InboxUnavailable("the inbox cannot be trimmed", retry_after_s=10) from cause
        # Not in one statement with the await: what was appended meanwhile would not count.
        self._depth -= dropped
        self._kept_bytes -= dropped_bytes
        while self._arrivals and self._arrivals[0][0] <= up_to:
            self._arrivals.popleft()

    def depth(self) -> int:
        return max(0, self._depth) + len(self._waiting)

    def age_s(self) -> float:
        return max(0.0, self._now_s() - self._arrivals[0][1]) if self._arrivals and self._depth > 0 else 0.0

    def refusal(self) -> str:
        if self._closed:
            return "the platform is stopping"
        if self._full():
            return "too many reports wait to be processed"
        if self._now_s() - self._failed_s < _TROUBLE_S:
            return "reports cannot be written to disk"
        return ""

    def size_bytes(self) -> int:
        return sum(path.stat().st_size for path in self._path.parent.glob(self._path.name + "*"))

    async def close(self) -> None:
        """Store what waits, then let the file go. What comes after is refused."""
        self._closed = True
        await self._idle.wait()
        self._groups.put(None)
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._reading.shutdown)
        self._reader.close()
        self._log.close()


def _highest(connection: sqlite3.Connection) -> int:
    """The highest position that was ever given in this file."""
    sql = "select max((select coalesce(max(last), 0) from record), (select coalesce(max(seq), 0) from position))"
    return int(connection.execute(sql).fetchone()[0])


def oldest_s(connection: sqlite3.Connection) -> float | None:
    """When the first envelope that is stored was received, if it can be read."""
    try:
        payload, checksum = connection.execute("select payload, checksum from record order by last limit 1").fetchone()
    except sqlite3.DatabaseError:
        return None
    if zlib.crc32(payload) != checksum:
        return None
    try:
        return float(_decoder.decode(payload)[0].received_at_ms) / 1000
    except (msgspec.MsgspecError, ValueError, IndexError):
        return None


def _batch(rows: Sequence[Record]) -> InboxBatch | None:
    """The envelopes of some records; one whose checksum or form is wrong is left out, its positions are not."""
    if not rows:
        return None
    envelopes: list[Envelope] = []
    damaged = 0
    for first, last, checksum, payload in rows:
        try:
            whole = _decoder.decode(payload) if payload is not None and zlib.crc32(payload) == checksum else None
        except (msgspec.MsgspecError, ValueError):
            # Whole, and not of our form: it must not stop what comes behind it.
            whole = None
        if whole is None:
            damaged += last - first + 1
        else:
            envelopes += whole
    return InboxBatch(rows[0][0], rows[-1][1], envelopes, damaged)
