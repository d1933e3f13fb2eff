"""The bus between processes: news go through a table of the database that each process looks into twice a second."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Final

import msgspec
import structlog

from tikfleet.kernel.clock import Clock, to_text
from tikfleet.kernel.errors import TikfleetError
from tikfleet.kernel.ids import OrganisationId
from tikfleet.ports.bus import Bus, News
from tikfleet.ports.database import Database, Row

_TELL_EVERY_S: Final = 0.25
_LOOK_EVERY_S: Final = 0.5
_KEPT: Final = timedelta(minutes=10)
_MAX_WAITING: Final = 10_000
_MAX_ROWS: Final = 200
_log = structlog.get_logger("tikfleet.bus")


class FeedBus:
    """Told here at once, and elsewhere within about a second.

    `begin` before anything that news could make stale is read, then `run` for ever, and `sweep` now and then in one
    process. While the database is away news wait, up to 10,000. Who has missed some is told by a `bus.overflow`.
    """

    def __init__(self, local: Bus, database: Database, sender: str, clock: Clock) -> None:
        """`local` carries the news within this process, whose name among the others is `sender`."""
        self._local = local
        self._database = database
        self._sender = sender
        self._clock = clock
        self._waiting: list[News] = []
        self._lost = 0
        self._last = 0
        self._looked_s = 0.0

    def publish(self, news: News) -> None:
        self._local.publish(news)
        if len(self._waiting) < _MAX_WAITING:
            self._waiting.append(news)
        else:
            self._lost += 1

    def subscribe(self, capacity: int = 1000) -> AbstractAsyncContextManager[AsyncIterator[News]]:
        return self._local.subscribe(capacity)

    async def begin(self) -> None:
        """Listen from now on. Raises DatabaseUnavailable."""
        async with self._database.read() as transaction:
            rows = await transaction.fetch("select coalesce(max(id), 0) from news")
        self._last = int(rows[0][0])

    async def run(self) -> None:
        """Tell and listen for ever, each at its own pace."""
        await asyncio.gather(self._every(_TELL_EVERY_S, self._tell), self._every(_LOOK_EVERY_S, self._look))

    async def catch_up(self) -> None:
        """Hear at once what was told elsewhere, where `run` does not. The database's faults are logged."""
        now_s = time.monotonic()
        if now_s - self._looked_s < _LOOK_EVERY_S:
            return
        try:
            await self._look()
            self._looked_s = now_s
        except TikfleetError as error:
            _log.warning("news between processes wait", code=error.code, detail=error.detail)
        # Whoever listens takes what was heard before the next thing happens.
        await asyncio.sleep(0)

    async def flush(self) -> None:
        """Tell the others what waits, at the end of a process."""
        try:
            await self._tell()
        except TikfleetError as error:
            _log.warning("news were not told", code=error.code, detail=error.detail)

    async def sweep(self) -> int:
        """Forget news that everybody has heard; gives how many rows."""
        async with self._database.write() as transaction:
            before = to_text(self._clock() - _KEPT)
            return await transaction.execute("delete from news where told_at < :before", before=before)

    async def _every(self, period_s: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except TikfleetError as error:
                _log.warning("news between processes wait", code=error.code, detail=error.detail)
            except Exception:
                _log.exception("news between processes failed")
            await asyncio.sleep(period_s)

    async def _tell(self) -> None:
        if not self._waiting:
            return
        told, lost = list(self._waiting), self._lost
        overflow = [News("bus.overflow", OrganisationId(""), {"lost": lost})] if lost else []
        async with self._database.write() as transaction:
            await transaction.execute(
                "insert into news (sender, told_at, content) values (:sender, :told_at, :content)",
                sender=self._sender,
                told_at=to_text(self._clock()),
                content=msgspec.msgpack.encode([*told, *overflow]),
            )
        del self._waiting[: len(told)]
        self._lost -= lost

    async def _look(self) -> None:
        async with self._database.read() as transaction:
            oldest = (await transaction.fetch("select coalesce(min(id), 0) from news"))[0][0]
            rows = await transaction.fetch(
                "select id, sender, content from news where id > :last order by id limit :most",
                last=self._last,
                most=_MAX_ROWS,
            )
        if rows and self._last and oldest > self._last + 1:
            # This process slept, or the database was away, for longer than news are kept.
            self._local.publish(News("bus.overflow", OrganisationId(""), {}))
        for row in rows:
            self._hear(row)

    def _hear(self, row: Row) -> None:
        number, sender, content = row
        self._last = int(number)
        if sender != self._sender:
            for news in msgspec.msgpack.decode(content, type=list[News]):
                self._local.publish(news)
