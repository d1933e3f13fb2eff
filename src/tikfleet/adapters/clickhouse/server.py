"""A ClickHouse server over HTTP: one writer's and some readers' threads, and statements with their settings."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import msgspec

from tikfleet.adapters.clickhouse.driver import ServerAddress, connect, in_our_words, is_driver_error
from tikfleet.adapters.clickhouse_sql.queries import Parameters

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

T = TypeVar("T")
_PATIENCE_S: Final = 120
# One block is one insert, whatever its size and however many days it spans: that is what a token stands for.
WHOLE: Final = {"max_partitions_per_insert_block": 0, "max_insert_block_size": 100_000_000}


class ServerLimits(msgspec.Struct, frozen=True):
    """What one question may take on the server, and how many are asked at once."""

    query_memory_bytes: int = 512 << 20
    query_time_s: float = 10.0
    query_threads: int = 2
    readers: int = 4


class Session:
    """The statements of one thread, in the driver's words; the shared client keeps a connection for each."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    def run(self, sql: str) -> None:
        """Run a statement that gives nothing."""
        self._client.command(sql, use_database=False)

    def rows(self, sql: str) -> list[list[Any]]:
        """What a question gives."""
        body = self._client.raw_query(sql, fmt="JSONCompactEachRow", use_database=False)
        return msgspec.json.Decoder(list[Any]).decode_lines(body)

    def ask(self, sql: str, parameters: Parameters, settings: Mapping[str, Any]) -> bytes:
        """The answer to a question as a JSONCompact document, which ends with what it cost."""
        bound = dict(parameters)
        return self._client.raw_query(sql, bound, dict(settings), fmt="JSONCompact", use_database=False)

    def insert(self, table: str, columns: Sequence[str], block: bytes, settings: Mapping[str, Any]) -> None:
        """Insert one Native block."""
        self._client.raw_insert(table, columns, block, dict(settings), fmt="Native")


class Server:
    """Runs work on its own threads, so that the event loop never waits for the network."""

    def __init__(self, client: "Client", address: ServerAddress, limits: ServerLimits) -> None:
        self._session = Session(client)
        self._client = client
        self._address = address
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="warehouse-write")
        self._reading = ThreadPoolExecutor(limits.readers, thread_name_prefix="warehouse-read")

    @classmethod
    async def open(cls, address: ServerAddress, limits: ServerLimits) -> Self:
        """Raises `WarehouseUnavailable`."""
        return cls(await asyncio.to_thread(connect, address, _PATIENCE_S), address, limits)

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` after everything that was given before."""
        return await asyncio.get_running_loop().run_in_executor(self._writing, self._as_ours, work)

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work` beside others."""
        return await asyncio.get_running_loop().run_in_executor(self._reading, self._as_ours, work)

    async def close(self) -> None:
        """Finish what runs, then let the connections go."""
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        self._writing.shutdown()
        self._reading.shutdown()
        self._client.close()

    def _as_ours(self, work: Callable[[Session], T]) -> T:
        try:
            return work(self._session)
        except Exception as cause:
            if is_driver_error(cause):
                raise in_our_words(cause, self._address) from cause
            raise
