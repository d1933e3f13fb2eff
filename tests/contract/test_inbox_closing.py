"""An inbox that is closed while its file is being read: a consumer that is cancelled leaves its read behind."""

import asyncio
import sqlite3
import threading
from pathlib import Path

from tikfleet.adapters.sqlite.inbox import SqliteInbox, connect


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
