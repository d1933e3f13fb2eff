"""The embedded engine: connections, the threads they work on, and its errors in our words."""

import asyncio
import re
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from tikfleet.kernel.errors import TikfleetError
from tikfleet.ports.warehouse import QueryTooHeavy, WarehouseUnavailable

if TYPE_CHECKING:
    from chdb.state.sqlitelike import Connection

T = TypeVar("T")

_CODE: Final = re.compile(r"Code: (\d+)")
_TOO_HEAVY: Final = {
    158: "it would read too many rows",
    159: "it ran into its limit of time",
    160: "it would run into its limit of time",
    241: "it ran into its limit of memory",
    396: "its answer is too large",
}


class EngineLimits(msgspec.Struct, frozen=True):
    """What the engine may use. The caches are ceilings, filled by use."""

    memory_bytes: int = 2 << 30
    query_memory_bytes: int = 512 << 20
    query_time_s: float = 10.0
    query_threads: int = 2
    readers: int = 3
    mark_cache_bytes: int = 64 << 20


class Engine:
    """One writer and some readers on one directory. A connection serialises its statements, so each has a thread."""

    def __init__(self, directory: Path, limits: EngineLimits) -> None:
        """Raises `WarehouseUnavailable` when the directory can't be opened."""
        self._limits = limits
        self._address = f"{directory}?{_startup(limits)}"
        self._idle: SimpleQueue[Connection] = SimpleQueue()
        self._writer = _connect(self._address)
        for _ in range(limits.readers):
            self._idle.put(_connect(self._address))
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="warehouse-write")
        self._reading = ThreadPoolExecutor(limits.readers, thread_name_prefix="warehouse-read")

    async def write(self, work: "Callable[[Connection], T]") -> T:
        """Run `work` with the writer's connection, after everything that was given before."""
        return await asyncio.get_running_loop().run_in_executor(self._writing, self._as_ours, work, self._writer)

    async def read(self, work: "Callable[[Connection], T]") -> T:
        """Run `work` with a reader's connection."""
        return await asyncio.get_running_loop().run_in_executor(self._reading, self._with_reader, work)

    async def close(self) -> None:
        """Finish what runs, then let the directory go."""
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        self._writing.shutdown()
        self._reading.shutdown()
        self._writer.close()
        while not self._idle.empty():
            self._idle.get().close()

    def _with_reader(self, work: "Callable[[Connection], T]") -> T:
        # As many threads as connections: there is always one idle.
        connection = self._idle.get()
        try:
            return self._as_ours(work, connection)
        finally:
            self._idle.put(connection)

    def _as_ours(self, work: "Callable[[Connection], T]", connection: "Connection") -> T:
        try:
            return work(connection)
        except RuntimeError as cause:
            raise _in_our_words(cause) from cause


class Statements:
    """One connection, as migrations use it."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def run(self, sql: str) -> None:
        """Run a statement that gives nothing."""
        self._connection.query(sql)

    def rows(self, sql: str) -> list[list[Any]]:
        """What a question gives."""
        return rows_of(self._connection.query(sql, "JSONCompactEachRow"))


def rows_of(result: Any) -> list[list[Any]]:
    """The rows of a result in JSONCompactEachRow."""
    return msgspec.json.Decoder(list[Any]).decode_lines(result.bytes())


def _startup(limits: EngineLimits) -> str:
    settings = {
        "max_server_memory_usage": limits.memory_bytes,
        "mark_cache_size": limits.mark_cache_bytes,
        "primary_index_cache_size": limits.mark_cache_bytes,
        "index_mark_cache_size": 8 << 20,
        "query_condition_cache_size": 8 << 20,
        "compiled_expression_cache_size": 16 << 20,
        "background_pool_size": 2,
        "max_thread_pool_size": 200,
        "max_active_parts_loading_thread_pool_size": 4,
        "max_parts_cleaning_thread_pool_size": 4,
    }
    return "&".join(f"{name}={value}" for name, value in settings.items())


def _connect(address: str) -> "Connection":
    try:
        # Half a gigabyte that only this engine needs: functions of a cloud go without it.
        with _unfound("pyarrow"):
            chdb = import_module("chdb.state.sqlitelike")
        connection: Connection = chdb.Connection(address)
        return connection
    except ImportError as cause:
        raise WarehouseUnavailable(
            "the embedded engine is not installed",
            remedy="Install chdb-core, or name a server in TIKFLEET_WAREHOUSE_URL.",
        ) from cause
    except RuntimeError as cause:
        raise WarehouseUnavailable("the telemetry store cannot be opened") from cause


@contextmanager
def _unfound(name: str) -> Iterator[None]:
    """Let a library that an import would only take along be missing: 36 MiB for forms of answers that nobody asks."""
    if name in sys.modules:
        yield
        return
    # What Python itself takes for "there is none".
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


def _in_our_words(cause: RuntimeError) -> TikfleetError:
    found = _CODE.search(str(cause))
    reason = _TOO_HEAVY.get(int(found[1])) if found else None
    if reason is not None:
        return QueryTooHeavy(f"the question was stopped: {reason}")
    return WarehouseUnavailable("the telemetry store refused the statement", retry_after_s=5)
