"""One connection to a SQLite file, asked from an event loop: what is short runs at once, what is long in a thread.

A read by a key takes some 20 µs; to hand it to a thread and be woken by its answer takes several times that, and more
where the interpreter is busy. So a read runs on the event loop's own thread for `AT_ONCE_S`; one that has not ended
by then is stopped and asked again in a thread, and goes there directly for a while. A write cannot be stopped (SQLite
would give up its whole transaction), so it runs at once only where the same statement has always been short. What has
to wait for a lock or a sync is in a thread.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from tikfleet.adapters.sqlite.habits import AT_ONCE_S, Habits
from tikfleet.ports.database import Row

T = TypeVar("T")
Values = Mapping[str, Any]

# So many steps of SQLite's machine (some 0.1 ms) between two looks at the clock.
_STEPS: Final = 4000
# More rows than these are no short write, however short each is.
_FEW: Final = 8
_BUSY_MS: Final = 10_000
_STATEMENTS: Final = 512
# A connection's own pages, in KiB: what is asked of a fleet is read from memory, and not from the kernel page by page.
_CACHE_KIB: Final = 16 * 1024


class Connection:
    """A connection that one caller has at a time. Its methods raise what `sqlite3` raises."""

    def __init__(self, path: Path, threads: ThreadPoolExecutor, habits: Habits, *, query_only: bool) -> None:
        self._path = path
        self._threads = threads
        self._habits = habits
        self._query_only = query_only
        self._raw: sqlite3.Connection
        self._is_open = False
        self._left: Future[Any] | None = None
        self._wrote = False
        # Since when, or for how long in transactions before, nobody else on the event loop had a turn.
        self._since_s = 0.0
        self._before_s = 0.0
        self._ends_s = 0.0

    async def open(self) -> None:
        """Open the file, which is made when there is none."""
        await self._aside(self._connect, stoppable=False)

    async def begin(self) -> None:
        """Begin a transaction; of one that writes, wait for those of other processes."""
        self._wrote = False
        self._since_s = time.perf_counter()
        if self._query_only:
            self._raw.execute("begin")
            return
        try:
            self._raw.execute("begin immediate")
        except sqlite3.OperationalError as cause:
            if _code(cause) != sqlite3.SQLITE_BUSY:
                raise
            await self._aside(self._patiently, self._raw.execute, "begin immediate")

    async def fetch(self, sql: str, values: Values) -> list[Row]:
        """All rows of a statement."""
        if not self._only_reads(sql):
            self._wrote = True
            return await self._aside(self._all, sql, values)
        if self._before_s + time.perf_counter() - self._since_s > AT_ONCE_S:
            # Many short reads in a row are as bad as a long one for everybody else on the loop.
            await asyncio.sleep(0)
            self._others_had_a_turn()
        if not self._habits.is_long_read(sql) and (rows := self._all_at_once(sql, values)) is not None:
            return rows
        return await self._aside(self._patiently, self._all, sql, values)

    async def execute(self, sql: str, values: Values) -> int:
        """Run a statement; gives how many rows it changed."""
        return await self._write(self._raw.execute, sql, values)

    async def execute_many(self, sql: str, rows: Sequence[Values]) -> None:
        """Run one statement for each row of values."""
        if len(rows) <= _FEW:
            await self._write(self._raw.executemany, sql, rows)
        else:
            self._wrote = True
            await self._aside(self._raw.executemany, sql, rows)

    async def commit(self) -> None:
        """End the transaction; what it wrote is synced."""
        if self._wrote:
            await self._aside(self._raw.execute, "commit", stoppable=False)
        else:
            self._raw.execute("commit")

    def is_free(self) -> bool:
        """Nothing is at work on this connection; there is, where a caller was cancelled."""
        return self._left is None or self._left.done()

    async def finish(self) -> None:
        """Wait for what a cancelled caller left at work."""
        if self._left is not None:
            with suppress(sqlite3.Error):
                await asyncio.wrap_future(self._left)
            self._left = None

    def roll_back(self) -> bool:
        """Give up a transaction that has not ended; says whether the connection can be used again."""
        self._before_s += time.perf_counter() - self._since_s
        if self._is_open and self._raw.in_transaction:
            try:
                self._raw.execute("rollback")
            except sqlite3.Error:
                self.close()
        return self._is_open

    def close(self) -> None:
        """Close the file; the last of all its connections writes the log back, which takes a while."""
        self._is_open = False
        self._raw.close()

    def _connect(self) -> None:
        self._raw = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS
        )
        for pragma in (
            f"busy_timeout = {_BUSY_MS}",
            "journal_mode = wal",
            "synchronous = full",
            "foreign_keys = on",
            f"query_only = {int(self._query_only)}",
            f"cache_size = -{_CACHE_KIB}",
            "busy_timeout = 0",
        ):
            self._raw.execute(f"pragma {pragma}")
        self._is_open = True

    def _only_reads(self, sql: str) -> bool:
        return self._query_only or sql.lstrip()[:6].lower() == "select"

    def _all(self, sql: str, values: Values) -> list[Row]:
        return self._raw.execute(sql, values).fetchall()

    async def _write(self, run: Callable[[str, Any], sqlite3.Cursor], sql: str, given: Any) -> int:
        self._wrote = True
        if not self._habits.is_short_write(sql):
            return await self._aside(self._written, run, sql, given)
        began_s = time.perf_counter()
        try:
            return run(sql, given).rowcount
        finally:
            self._habits.written_at_once(sql, time.perf_counter() - began_s)

    def _written(self, run: Callable[[str, Any], sqlite3.Cursor], sql: str, given: Any) -> int:
        # By the thread's own time: to wait for the interpreter says nothing of the statement.
        began_s = time.thread_time()
        changed_n = run(sql, given).rowcount
        self._habits.written_aside(sql, time.thread_time() - began_s)
        return changed_n

    def _all_at_once(self, sql: str, values: Values) -> list[Row] | None:
        """All rows, or None where that takes too long or has to wait for another process."""
        self._ends_s = time.perf_counter() + AT_ONCE_S
        self._raw.set_progress_handler(self._is_over, _STEPS)
        try:
            return self._all(sql, values)
        except sqlite3.OperationalError as cause:
            if _code(cause) == sqlite3.SQLITE_INTERRUPT:
                self._habits.stopped(sql)
            elif _code(cause) != sqlite3.SQLITE_BUSY:
                raise
            return None
        finally:
            self._raw.set_progress_handler(None, 0)

    def _is_over(self) -> bool:
        return time.perf_counter() > self._ends_s

    def _patiently(self, function: Callable[..., T], *given: Any) -> T:
        """In a thread: with a wait for what other processes hold."""
        self._raw.execute(f"pragma busy_timeout = {_BUSY_MS}")
        try:
            return function(*given)
        finally:
            self._raw.execute("pragma busy_timeout = 0")

    async def _aside(self, function: Callable[..., T], *given: Any, stoppable: bool = True) -> T:
        """In a thread. Where the caller is cancelled, the statement is stopped, unless it may have happened already."""
        work = self._threads.submit(function, *given)
        try:
            result = await asyncio.wrap_future(work)
        except asyncio.CancelledError:
            if not work.done():
                self._left = work
                if stoppable:
                    self._raw.interrupt()
            raise
        self._others_had_a_turn()
        return result

    def _others_had_a_turn(self) -> None:
        self._before_s, self._since_s = 0.0, time.perf_counter()


def _code(cause: sqlite3.Error) -> int:
    # The lowest byte of an extended code is the code itself: SQLITE_BUSY_RECOVERY is busy too.
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF
