"""An inbox whose file is being read or trimmed while it is closed or appended to."""

import asyncio
import sqlite3
import threading
from pathlib import Path
from typing import Any

from tikfleet.adapters.sqlite.inbox import SqliteInbox, connect
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.ports.inbox import Envelope


async def test_closing_waits_for_a_read_whose_reader_was_cancelled(tmp_path: Path) -> None:
    entered, released = threading.Event(), threading.Event()

    def connected(path: Path) -> sqlite3.Connection:
        connection = connect(path)

        def hold() -> int:
            entered.set()
            return int(released.wait(10))

        connection.create_function("hold", 0, hold)
        connection.execute("create temp view slow as select hold() as first")
        return connection

    inbox = SqliteInbox(tmp_path / "inbox.sqlite", connect=connected)
    reading = asyncio.create_task(inbox._records("select first from slow where ? = ?", (1, 1)))
    await asyncio.to_thread(entered.wait, 10)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    closing = asyncio.create_task(inbox.close())
    await asyncio.sleep(0.2)
    assert not closing.done()
    released.set()
    await closing


class Held:
    """A connection that waits before it trims."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.entered, self.released = threading.Event(), threading.Event()

    def execute(self, sql: str, values: tuple[int, ...] = ()) -> sqlite3.Cursor:
        if sql.startswith("delete"):
            self.entered.set()
            self.released.wait(10)
        return self._connection.execute(sql, values)

    def close(self) -> None:
        self._connection.close()


async def test_what_is_appended_while_older_reports_are_forgotten_is_counted(tmp_path: Path) -> None:
    made: list[Held] = []

    def connected(path: Path) -> Any:
        made.append(Held(connect(path)))
        return made[-1]

    inbox = SqliteInbox(tmp_path / "inbox.sqlite", connect=connected)
    item = Envelope(OrganisationId("org_a"), DeviceId("dev_a"), 1, "checkin", "text/plain", "::1", b"body")
    await inbox.append(item)
    batch = await inbox.read(0, 100)
    assert batch is not None
    forgetting = asyncio.create_task(inbox.forget(batch.last))
    await asyncio.to_thread(made[0].entered.wait, 10)
    for _ in range(3):
        await inbox.append(item)
    made[0].released.set()
    await forgetting
    assert inbox.depth() == 3
    await inbox.close()
