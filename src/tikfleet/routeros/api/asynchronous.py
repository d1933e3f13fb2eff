"""The API for programs with an event loop: `async with await connect(...) as api: await api.call(...)`."""

import asyncio
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from tikfleet.routeros.api.command import Attributes, Command, adding, command, removing, setting
from tikfleet.routeros.api.errors import ConnectionLost, Overrun, Trap
from tikfleet.routeros.api.login import Credentials
from tikfleet.routeros.api.session import Reply, Row
from tikfleet.routeros.api.target import Options, Target
from tikfleet.routeros.api.tls import Tls, verified
from tikfleet.routeros.api.wire import Wire, open_wire

INTERRUPTED = 2


class AsyncConnection:
    """One router. Any number of tasks may call at once: each command has a tag of its own.

    Every method can raise `Trap`, `TimedOut`, `ConnectionLost` (with `Fatal`), `LoginRefused` where it has to connect
    anew, and `ProtocolError`. After a `TimedOut` or `Trap` the connection goes on; a later command that times out with
    nothing heard in between ends it.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._wire: Wire | None = None
        self._opening = asyncio.Lock()
        self._closed = False

    async def open(self) -> None:
        """Connect now and not at the first command."""
        await self._ready()

    async def call(
        self, path: str, attributes: Attributes | None = None, *,
        proplist: Iterable[str] | None = None, query: Iterable[str] = (), patience_s: float | None = None,
    ) -> Reply:  # fmt: skip
        """Run a command (`/ip/address/print`) and give its rows and `ret`."""
        return await self.run(command(path, attributes, proplist, query), patience_s)

    async def run(self, what: Command, patience_s: float | None = None) -> Reply:
        """The same with a command that was built before."""
        patience_s = self._target.options.patience_s if patience_s is None else patience_s
        wire = self._wire
        if wire is None or wire.lost is not None:
            wire = await self._ready()
        try:
            return await wire.run(what, patience_s)
        except ConnectionLost:
            if self._closed or not (self._target.options.reconnects and what.only_reads):
                raise
        return await (await self._ready()).run(what, patience_s)

    async def stream(
        self, path: str, attributes: Attributes | None = None, *,
        proplist: Iterable[str] | None = None, query: Iterable[str] = (),
    ) -> "AsyncStream":  # fmt: skip
        """Start a command that goes on (`/interface/monitor-traffic`) and read its rows as they come."""
        what = command(path, attributes, proplist, query)
        return AsyncStream(await self._ready(), what, self._target.options)

    async def listen(self, menu: str, *, proplist: Iterable[str] | None = None) -> "AsyncStream":
        """Changes of a menu's items, as rows; a removed item is a row with its `.id` and `.dead`."""
        return await self.stream(f"{menu}/listen", proplist=proplist)

    def menu(self, path: str) -> "AsyncMenu":
        """The commands that most menus have."""
        return AsyncMenu(self, path)

    async def close(self) -> None:
        """End the connection and whatever is under way on it. It stays closed."""
        self._closed = True
        if self._wire is not None:
            self._wire.lose(ConnectionLost("the connection was closed on this side"))
            await self._wire.closed

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _ready(self) -> Wire:
        async with self._opening:
            wire = self._wire
            if self._closed:
                raise ConnectionLost("the connection was closed on this side")
            if wire is not None and wire.lost is not None and not self._target.options.reconnects:
                raise ConnectionLost(f"the connection was lost and is not to be opened again: {wire.lost}")
            if wire is None or wire.lost is not None:
                wire = self._wire = await open_wire(self._target)
            return wire


class AsyncStream:
    """Rows of one command that goes on, for `async for`. Leaving the `async with` block, or `cancel`, ends it.

    Ends by itself when the command does. Raises `Overrun` when its reader falls behind, and what ended the command.
    """

    def __init__(self, wire: Wire, what: Command, options: Options) -> None:
        self._wire = wire
        self._options = options
        self._news = asyncio.Event()
        self._batch: list[Row] = []
        self._overrun = False
        self._cancelled = False
        self._call = wire.start(what, self._told, streams=True)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Row:
        while not self._batch:
            if self._overrun:
                raise Overrun(f"{self._call.command.path}: more than {self._options.backlog_rows} rows were not read")
            if self._call.reply:
                self._batch = self._call.reply[::-1]
                self._call.reply.clear()
            elif self._call.ended:
                self._check_end()
                raise StopAsyncIteration
            else:
                self._news.clear()
                await self._news.wait()
        return self._batch.pop()

    async def cancel(self) -> None:
        """Ask the router to stop, and wait until it has; rows that were not read yet are dropped."""
        self._cancelled = True
        self._wire.send(self._wire.session.cancel(self._call))
        try:
            async with asyncio.timeout(self._options.patience_s):
                while not self._call.ended:
                    self._drop()
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            self._wire.session.abandon(self._call)
        self._drop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.cancel()

    def _told(self) -> None:
        if len(self._call.reply) > self._options.backlog_rows:
            self._overrun = True
            self._drop()
            self._wire.send(self._wire.session.abandon(self._call))
        self._news.set()

    def _drop(self) -> None:
        self._call.reply.clear()
        self._batch.clear()

    def _check_end(self) -> None:
        error = self._call.error
        asked_for = isinstance(error, Trap) and error.category == INTERRUPTED and self._cancelled
        if error is not None and not asked_for:
            raise error


class AsyncMenu:
    """One menu of a router: `await api.menu("/ip/address").add({"address": …})`."""

    def __init__(self, connection: AsyncConnection, path: str) -> None:
        self._connection = connection
        self._path = path

    async def get(self, proplist: Iterable[str] | None = None, query: Iterable[str] = ()) -> Reply:
        """The items, or the one row of a menu that holds one set of values."""
        return await self._connection.run(command(f"{self._path}/print", None, proplist, query))

    async def add(self, values: Attributes) -> str:
        """The new item's id."""
        return (await self._connection.run(adding(self._path, values))).ret or ""

    async def set(self, values: Attributes, items: Sequence[str] = ()) -> None:
        """Change items by id or name; none are named in a menu of one set of values."""
        await self._connection.run(setting(self._path, values, items))

    async def remove(self, *items: str) -> None:
        """Remove items by id or name."""
        await self._connection.run(removing(self._path, items))


async def connect(
    host: str, user: str, password: str = "", *,
    tls: Tls | None = None, port: int = 0, options: Options | None = None,
) -> AsyncConnection:  # fmt: skip
    """Connect and log in, over TLS with a full check unless `tls` says otherwise (`tls.PLAIN`, `tls.unverified()`)."""
    target = Target(host, Credentials(user, password), tls or verified(), port, options or Options())
    connection = AsyncConnection(target)
    await connection.open()
    return connection
