"""A program: the platform with one promise taken away, to prove that the checks of this directory can fail.

Usage: broken.py PROMISE serve …, where PROMISE is `durable` (answers before the commit), `once` (counts repeats) or
`still` (the consumer goes on while a backup begins).
"""

import asyncio
import sqlite3
import sys
import time

from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.adapters.sqlite.inbox import SqliteInbox
from tikfleet.app import clouds, command, serve
from tikfleet.app.backups import door
from tikfleet.app.backups.stillness import Frozen, freeze
from tikfleet.domains.checkin import consumer
from tikfleet.domains.checkin.sequence import Arrival
from tikfleet.ports.inbox import Envelope

_LATE_S = 0.5
_DAWDLE_S = 3.0


class EagerInbox(SqliteInbox):
    """Acknowledges at once and writes later, as a log without its sync would."""

    async def append(self, envelope: Envelope) -> None:
        waiting = self._loop.create_task(super().append(envelope))
        waiting.add_done_callback(lambda task: task.exception())

    def _write(self, connection: sqlite3.Connection, envelopes: list[Envelope], before: int) -> int:
        time.sleep(_LATE_S)
        return super()._write(connection, envelopes, before)


class Restless:
    """A consumer that nobody can stop."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()


async def freeze_and_dawdle(store: ChdbWarehouse) -> Frozen:
    frozen = await freeze(store)
    await asyncio.sleep(_DAWDLE_S)
    return frozen


def main() -> None:
    promise = sys.argv.pop(1)
    if promise == "durable":
        clouds.SqliteInbox = EagerInbox  # type: ignore[misc]
    elif promise == "still":
        serve.Door = lambda _, store: door.Door([Restless()], store)  # type: ignore[misc,assignment]
        door.freeze = freeze_and_dawdle
    else:
        consumer.arrival_of = lambda state, boot_id, seq: (Arrival.NEWEST, 0)
    command.main()


if __name__ == "__main__":
    main()
