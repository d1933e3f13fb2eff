"""Connections to one server: a writer's and some readers', each with its thread, made anew when they are lost."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal
from queue import LifoQueue
from typing import Any, Self, TypeVar

import msgspec

from tikfleet.adapters.singlestore.dialect import Dialect
from tikfleet.adapters.singlestore.driver import (
    Connection,
    ServerAddress,
    connect,
    in_our_words,
    is_driver_error,
    is_lost,
)

T = TypeVar("T")


class ServerLimits(msgspec.Struct, frozen=True):
    """What one question may take, and how many are asked at once."""

    query_time_s: float = 10.0
    readers: int = 4


class Session:
    """The statements of one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def id(self) -> int:
        """What the server calls this connection."""
        return int(self._connection.thread_id())

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement; gives how many rows it changed."""
        with self._connection.cursor() as cursor:
            # Without parameters a percent sign is a percent sign.
            return int(cursor.execute(sql, tuple(parameters)) if parameters else cursor.execute(sql))

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[list[Any]]:
        """What a question gives; whole numbers as int whatever their width."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, tuple(parameters)) if parameters else cursor.execute(sql)
            return [[_plain(value) for value in row] for row in cursor.fetchall()]

    def escape(self, text: str) -> str:
        """A text as it may stand between single quotes."""
        return str(self._connection.escape_string(text))

    def close(self) -> None:
        """Let the connection go, whatever state it is in."""
        with suppress(Exception):
            self._connection.close()


class Server:
    """Runs work on its own threads, so that the event loop never waits for the network."""

    def __init__(self, address: ServerAddress, dialect: Dialect, limits: ServerLimits) -> None:
        self._address = address
        self._dialect = dialect
        self._limits = limits
        self._writer: Session | None = None
        self._idle: LifoQueue[Session | None] = LifoQueue()
        for _ in range(limits.readers):
            self._idle.put(None)
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="warehouse-write")
        self._reading = ThreadPoolExecutor(limits.readers, thread_name_prefix="warehouse-read")
        self._stopping = ThreadPoolExecutor(1, thread_name_prefix="warehouse-stop")

    @classmethod
    async def open(cls, address: ServerAddress, dialect: Dialect, limits: ServerLimits) -> Self:
        """Raises `WarehouseUnavailable`."""
        server = cls(address, dialect, limits)
        await server.write(lambda session: session.rows("SELECT 1"))
        return server

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` after everything that was given before.

        It must be safe to run twice: when the connection is found lost, it is run again on a new one.
        """
        return await asyncio.get_running_loop().run_in_executor(self._writing, self._as_ours, self._written, work)

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work` beside others, and stop it at the limit of time: `QueryTooHeavy`."""
        loop = asyncio.get_running_loop()
        running = _Running()
        done = loop.run_in_executor(self._reading, self._as_ours, lambda: self._with_reader(work, running))
        finished, _ = await asyncio.wait({done}, timeout=self._limits.query_time_s)
        if not finished:
            await loop.run_in_executor(self._stopping, self._as_ours, self._stop_query, running)
        return await done

    async def close(self) -> None:
        """Finish what runs, then let the connections go."""
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        for pool in (self._writing, self._reading, self._stopping):
            pool.shutdown()
        while not self._idle.empty():
            if session := self._idle.get():
                session.close()
        if self._writer:
            self._writer.close()

    def _written(self, work: Callable[[Session], T]) -> T:
        fresh = self._writer is None
        try:
            session = self._writer = self._writer or self._connected()
            return work(session)
        except Exception as error:
            if self._writer is not None and is_lost(error):
                self._writer.close()
                self._writer = None
            if fresh or not is_driver_error(error) or not is_lost(error):
                raise
        self._writer = self._connected()
        return work(self._writer)

    def _with_reader(self, work: Callable[[Session], T], running: "_Running") -> T:
        # As many threads as places: there is always one idle.
        session = self._idle.get()
        fresh = session is None
        try:
            session = session or self._connected()
            running.connection_id = session.id
            return work(session)
        except Exception as error:
            if session is not None and is_lost(error):
                session.close()
                session = None
            if fresh or not is_driver_error(error) or not is_lost(error):
                raise
            session = self._connected()
            running.connection_id = session.id
            return work(session)
        finally:
            with running.lock:
                running.connection_id = None
            self._idle.put(session)

    def _stop_query(self, running: "_Running") -> None:
        session = self._connected()
        try:
            # While the lock is held the connection can't come to another question.
            with running.lock:
                if running.connection_id is not None:
                    session.run(f"KILL QUERY {running.connection_id:d}")
        finally:
            session.close()

    def _connected(self) -> Session:
        return Session(connect(self._address, self._dialect))

    def _as_ours(self, work: Callable[..., T], *arguments: Any) -> T:
        try:
            return work(*arguments)
        except Exception as cause:
            if is_driver_error(cause):
                raise in_our_words(cause, self._address) from cause
            raise


class _Running:
    """The connection on which a question runs, until it has run."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.connection_id: int | None = None


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
