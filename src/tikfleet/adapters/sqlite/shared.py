"""One inbox file that several processes append to: each looks up what the others stored and took away."""

import asyncio
import fcntl
import os
import sqlite3
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from tikfleet.adapters.sqlite.inbox import SqliteInbox, connect, oldest_s
from tikfleet.ports.inbox import InboxUnavailable

_LOOK_EVERY_S: Final = 0.1
_COUNT_EVERY_S: Final = 0.5


class FileTurn:
    """Whose turn it is to write, among processes: first come, first served, and freed by the kernel when one dies.

    SQLite's own wait for its write lock sleeps and tries again, up to 100 ms at a time; this one is woken.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def __enter__(self) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let the file go."""
        os.close(self._descriptor)


class SharedInbox(SqliteInbox):
    """The inbox where others append and consume too: depth and age are at most about half a second old."""

    def __init__(self, path: Path, *, high_water: int = 2_000_000, most_bytes: int = 1 << 62) -> None:
        """Raises InboxUnavailable when the file can't be opened."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            turn = FileTurn(path.with_name(path.name + ".turn"))
        except OSError as cause:
            raise InboxUnavailable(f"the inbox {path} cannot be opened: {cause}") from cause
        super().__init__(path, high_water=high_water, most_bytes=most_bytes, turn=turn)
        self._file_turn = turn
        self._eyes = connect(path)
        # One thread: a look that was cancelled goes on to its end, and the file is not closed under it.
        self._seeing = ThreadPoolExecutor(1, thread_name_prefix="inbox-eyes")
        self._watching = asyncio.create_task(self._watch(), name="inbox-watch")

    async def forget(self, up_to: int) -> None:
        await super().forget(up_to)
        # What others appended meanwhile was not in the count that this was taken from.
        await self._recount()

    async def close(self) -> None:
        """As for one process; what others append stays."""
        self._watching.cancel()
        await asyncio.gather(self._watching, return_exceptions=True)
        await super().close()
        await asyncio.to_thread(self._seeing.shutdown)
        self._eyes.close()
        self._file_turn.close()

    async def _watch(self) -> None:
        version, counted_s, stale = 0, 0.0, True
        while True:
            try:
                now = await self._loop.run_in_executor(self._seeing, _version, self._eyes)
                if now != version:
                    version, stale = now, True
                    self._arrived.set()
                if stale and time.monotonic() - counted_s >= _COUNT_EVERY_S:
                    await self._recount()
                    counted_s, stale = time.monotonic(), False
            except (sqlite3.Error, InboxUnavailable):
                # Whoever reads or writes says what is wrong with the file.
                stale = True
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _recount(self) -> None:
        try:
            found = await self._loop.run_in_executor(self._seeing, _waiting, self._eyes)
        except sqlite3.Error as cause:
            raise InboxUnavailable("the inbox cannot be read", retry_after_s=10) from cause
        depth, self._kept_bytes, last, oldest = found
        self._depth = depth
        self._arrivals = deque([(last, self._now_s() if oldest is None else oldest)] if depth else [])


def _version(connection: sqlite3.Connection) -> int:
    """A number that changes when another connection has written."""
    return int(connection.execute("pragma data_version").fetchone()[0])


def _waiting(connection: sqlite3.Connection) -> tuple[int, int, int, float | None]:
    """How many envelopes and bytes are stored, the position of the first record's last, and when its first came."""
    depth, size_bytes, last = connection.execute(
        "select coalesce(sum(last - first + 1), 0), coalesce(sum(length(payload)), 0), min(last) from record"
    ).fetchone()
    return int(depth), int(size_bytes), int(last or 0), oldest_s(connection) if depth else None
