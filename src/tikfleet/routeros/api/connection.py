"""The API for programs without an event loop: `with connect(...) as api: api.call(...)`."""

import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from tikfleet.routeros.api.command import Attributes, Command, adding, command, removing, setting
from tikfleet.routeros.api.errors import ConnectionLost, Overrun, TimedOut, Trap
from tikfleet.routeros.api.line import Line, open_line
from tikfleet.routeros.api.login import Credentials
from tikfleet.routeros.api.session import Call, Reply, Row
from tikfleet.routeros.api.target import Options, Target
from tikfleet.routeros.api.tls import Tls, verified

INTERRUPTED = 2


class Connection:
    """One router, for one thread at a time. `start` lets several commands be under way.

    Every method can raise `Trap`, `TimedOut`, `ConnectionLost` (with `Fatal`), `LoginRefused` where it has to connect
    anew, and `ProtocolError`. After a `TimedOut` or `Trap` the connection goes on; a later command that times out with
    nothing heard in between ends it.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._line: Line | None = None
        self._closed = False

    def open(self) -> None:
        """Connect now and not at the first command."""
        self._ready()

    def call(
        self, path: str, attributes: Attributes | None = None, *,
        proplist: Iterable[str] | None = None, query: Iterable[str] = (), patience_s: float | None = None,
    ) -> Reply:  # fmt: skip
        """Run a command (`/ip/address/print`) and give its rows and `ret`."""
        return self.run(command(path, attributes, proplist, query), patience_s)

    def run(self, what: Command, patience_s: float | None = None) -> Reply:
        """The same with a command that was built before."""
        patience_s = self._target.options.patience_s if patience_s is None else patience_s
        line = self._ready()
        try:
            return line.finish(line.start(what), patience_s)
        except ConnectionLost:
            if self._closed or not (self._target.options.reconnects and what.only_reads):
                raise
        line = self._ready()
        return line.finish(line.start(what), patience_s)

    def start(self, what: Command) -> "Started":
        """Send a command and go on; its reply is fetched later. Such a command is never sent again by itself."""
        line = self._ready()
        return Started(line, line.start(what), self._target.options.patience_s)

    def stream(
        self, path: str, attributes: Attributes | None = None, *,
        proplist: Iterable[str] | None = None, query: Iterable[str] = (),
    ) -> "Stream":  # fmt: skip
        """Start a command that goes on (`/interface/monitor-traffic`) and read its rows as they come."""
        return Stream(self._ready(), command(path, attributes, proplist, query), self._target.options)

    def listen(self, menu: str, *, proplist: Iterable[str] | None = None) -> "Stream":
        """Changes of a menu's items, as rows; a removed item is a row with its `.id` and `.dead`."""
        return self.stream(f"{menu}/listen", proplist=proplist)

    def menu(self, path: str) -> "Menu":
        """The commands that most menus have."""
        return Menu(self, path)

    def close(self) -> None:
        """End the connection and whatever is under way on it. It stays closed."""
        self._closed = True
        if self._line is not None:
            self._line.lose(ConnectionLost("the connection was closed on this side"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ready(self) -> Line:
        line = self._line
        if line is not None and line.is_there():
            return line
        if self._closed:
            raise ConnectionLost("the connection was closed on this side")
        if line is not None and not self._target.options.reconnects:
            raise ConnectionLost(f"the connection was lost and is not to be opened again: {line.lost}")
        line = self._line = open_line(self._target)
        return line


class Started:
    """A command that is under way."""

    def __init__(self, line: Line, call: Call, patience_s: float) -> None:
        self._line = line
        self._call = call
        self._patience_s = patience_s

    def reply(self, patience_s: float | None = None) -> Reply:
        """Wait for its end, by default as long as for any command, from now."""
        return self._line.finish(self._call, self._patience_s if patience_s is None else patience_s)


class Stream:
    """Rows of one command that goes on, for `for`. Leaving the `with` block, or `cancel`, ends it.

    Ends by itself when the command does. Raises `Overrun` when its reader falls behind while other commands run, and
    what ended the command.
    """

    def __init__(self, line: Line, what: Command, options: Options) -> None:
        self._line = line
        self._options = options
        self._batch: list[Row] = []
        self._overrun = False
        self._cancelled = False
        self._call = line.start(what, streams=True)
        self._call.told = self._told

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Row:
        row = self._next(None)
        if row is None:
            raise StopIteration
        return row

    def next_row(self, patience_s: float) -> Row | None:
        """The next row, or `None` when the stream has ended. Raises `TimedOut`, after which the stream goes on."""
        return self._next(time.monotonic() + patience_s)

    def cancel(self) -> None:
        """Ask the router to stop, and wait until it has; rows that were not read yet are dropped."""
        self._cancelled = True
        self._line.send(self._line.session.cancel(self._call))
        until_s = time.monotonic() + self._options.patience_s
        while not self._call.ended:
            self._drop()
            if not self._line.pump(until_s):
                self._line.session.abandon(self._call)
        self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cancel()

    def _next(self, until_s: float | None) -> Row | None:
        while not self._batch:
            if self._overrun:
                raise Overrun(f"{self._call.command.path}: more than {self._options.backlog_rows} rows were not read")
            if self._call.reply:
                self._batch = self._call.reply[::-1]
                self._call.reply.clear()
            elif self._call.ended:
                self._check_end()
                return None
            elif not self._line.pump(until_s):
                raise TimedOut(f"{self._call.command.path}: no row yet")
        return self._batch.pop()

    def _told(self) -> None:
        if len(self._call.reply) > self._options.backlog_rows:
            self._overrun = True
            self._drop()
            self._line.send(self._line.session.abandon(self._call))

    def _drop(self) -> None:
        self._call.reply.clear()
        self._batch.clear()

    def _check_end(self) -> None:
        error = self._call.error
        asked_for = isinstance(error, Trap) and error.category == INTERRUPTED and self._cancelled
        if error is not None and not asked_for:
            raise error


class Menu:
    """One menu of a router: `api.menu("/ip/address").add({"address": …})`."""

    def __init__(self, connection: Connection, path: str) -> None:
        self._connection = connection
        self._path = path

    def get(self, proplist: Iterable[str] | None = None, query: Iterable[str] = ()) -> Reply:
        """The items, or the one row of a menu that holds one set of values."""
        return self._connection.run(command(f"{self._path}/print", None, proplist, query))

    def add(self, values: Attributes) -> str:
        """The new item's id."""
        return self._connection.run(adding(self._path, values)).ret or ""

    def set(self, values: Attributes, items: Sequence[str] = ()) -> None:
        """Change items by id or name; none are named in a menu of one set of values."""
        self._connection.run(setting(self._path, values, items))

    def remove(self, *items: str) -> None:
        """Remove items by id or name."""
        self._connection.run(removing(self._path, items))


def connect(
    host: str, user: str, password: str = "", *,
    tls: Tls | None = None, port: int = 0, options: Options | None = None,
) -> Connection:  # fmt: skip
    """Connect and log in, over TLS with a full check unless `tls` says otherwise (`tls.PLAIN`, `tls.unverified()`)."""
    target = Target(host, Credentials(user, password), tls or verified(), port, options or Options())
    connection = Connection(target)
    connection.open()
    return connection
