"""The queue in a SQLite file of its own: each send and each hand-out is one synced transaction on one thread."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from tikfleet.kernel.errors import Unavailable
from tikfleet.kernel.ids import new_id
from tikfleet.ports.queue import Message

T = TypeVar("T")

_HAND_OUTS: Final = 5
_SAME_FOR_S: Final = 300.0
_SCHEMA: Final = (
    """create table if not exists message (
      number integer primary key autoincrement, id text not null unique, topic text not null, body blob not null,
      visible_at_s real not null, receipt text not null, attempts integer not null
    ) strict""",
    "create index if not exists message_ready on message (topic, visible_at_s)",
    """create table if not exists sent (
      topic text not null, dedupe_key text not null, until_s real not null, primary key (topic, dedupe_key)
    ) strict""",
)
_COLUMNS: Final = "id, topic, body, receipt, attempts"


class SqliteQueue:
    """The queue port on one file. Raises `Unavailable` when the file can't be read or written."""

    def __init__(self, path: Path, now_s: Callable[[], float] = time.time) -> None:
        """`now_s` is the time by the wall, since what waits outlives the process."""
        self._path = path
        self._now_s = now_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="queue")
        self._connection: sqlite3.Connection | None = None

    async def send(self, topic: str, body: bytes, *, delay_s: float = 0, dedupe_key: str = "") -> None:
        now_s = self._now_s()

        def add(connection: sqlite3.Connection) -> None:
            connection.execute("delete from sent where until_s <= ?", (now_s,))
            if dedupe_key:
                fresh = connection.execute(
                    "insert into sent (topic, dedupe_key, until_s) values (?, ?, ?) on conflict do nothing",
                    (topic, dedupe_key, now_s + _SAME_FOR_S),
                )
                if not fresh.rowcount:
                    return
            connection.execute(
                "insert into message (id, topic, body, visible_at_s, receipt, attempts) values (?, ?, ?, ?, '', 0)",
                (new_id("msg"), topic, body, float(now_s + delay_s)),
            )

        await self._run(add)

    async def take(self, topic: str, limit: int, visible_again_s: float) -> Sequence[Message]:
        now_s = self._now_s()

        def hand_out(connection: sqlite3.Connection) -> list[Message]:
            numbers = connection.execute(
                "select number from message where topic = ? and visible_at_s <= ? and attempts < ? "
                "order by number limit ?",
                (topic, now_s, _HAND_OUTS, limit),
            ).fetchall()
            return [_handed_out(connection, number, now_s + visible_again_s) for (number,) in numbers]

        return await self._run(hand_out)

    async def keep(self, message: Message, visible_again_s: float) -> bool:
        until_s = self._now_s() + visible_again_s

        def hide(connection: sqlite3.Connection) -> bool:
            found = connection.execute(
                "update message set visible_at_s = ? where id = ? and receipt = ?",
                (until_s, message.id, message.receipt),
            )
            return found.rowcount > 0

        return await self._run(hide)

    async def done(self, message: Message) -> None:
        def drop(connection: sqlite3.Connection) -> None:
            connection.execute("delete from message where id = ? and receipt = ?", (message.id, message.receipt))

        await self._run(drop)

    async def dead(self, topic: str, limit: int) -> Sequence[Message]:
        now_s = self._now_s()

        def look(connection: sqlite3.Connection) -> list[Message]:
            rows = connection.execute(
                f"select {_COLUMNS} from message where topic = ? and visible_at_s <= ? and attempts >= ? "
                "order by number limit ?",
                (topic, now_s, _HAND_OUTS, limit),
            )
            return [Message(*row) for row in rows]

        return await self._run(look)

    async def revive(self, message: Message) -> None:
        now_s = self._now_s()

        def wake(connection: sqlite3.Connection) -> None:
            connection.execute(
                "update message set attempts = 0, visible_at_s = ? where id = ? and attempts >= ?",
                (now_s, message.id, _HAND_OUTS),
            )

        await self._run(wake)

    async def discard(self, message: Message) -> None:
        def drop(connection: sqlite3.Connection) -> None:
            connection.execute("delete from message where id = ? and attempts >= ?", (message.id, _HAND_OUTS))

        await self._run(drop)

    async def close(self) -> None:
        """Finish what runs and let the file go."""

        def stop() -> None:
            if self._connection is not None:
                self._connection.close()

        await asyncio.get_running_loop().run_in_executor(self._thread, stop)
        self._thread.shutdown()

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transaction, work)

    def _transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self._connection = _connect(self._path)
            self._connection.execute("begin immediate")
            found = work(self._connection)
            self._connection.execute("commit")
            return found
        except (sqlite3.Error, OSError) as cause:
            # A failed sync is never retried and called good: the connection, its cache with it, is dropped.
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            raise Unavailable("the queue's file cannot be read or written", retry_after_s=10) from cause


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
    for pragma in ("journal_mode = wal", "synchronous = full"):
        connection.execute(f"pragma {pragma}")
    for statement in _SCHEMA:
        connection.execute(statement)
    return connection


def _handed_out(connection: sqlite3.Connection, number: int, visible_at_s: float) -> Message:
    row = connection.execute(
        f"update message set receipt = ?, attempts = attempts + 1, visible_at_s = ? where number = ? "
        f"returning {_COLUMNS}",
        (new_id("rcp"), visible_at_s, number),
    ).fetchone()
    return Message(*row)
