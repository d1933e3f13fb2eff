"""The blocking connection behind the asynchronous one's methods, so that one test speaks of both."""

import asyncio
import ssl
from typing import Any

from tikfleet.routeros.api.asynchronous import AsyncConnection
from tikfleet.routeros.api.connection import Connection
from tikfleet.routeros.api.login import Credentials, Login
from tikfleet.routeros.api.session import Reply
from tikfleet.routeros.api.target import Options, Target
from tikfleet.routeros.api.tls import PLAIN


class Threaded:
    """A `Connection` whose calls run in a thread, one at a time."""

    def __init__(self, target: Target) -> None:
        self.inner = Connection(target)

    async def open(self) -> None:
        await asyncio.to_thread(self.inner.open)

    async def call(self, path: str, attributes: Any = None, **options: Any) -> Reply:
        return await asyncio.to_thread(lambda: self.inner.call(path, attributes, **options))

    async def stream(self, path: str, attributes: Any = None, **options: Any) -> "ThreadedStream":
        return ThreadedStream(await asyncio.to_thread(lambda: self.inner.stream(path, attributes, **options)))

    async def listen(self, menu: str, **options: Any) -> "ThreadedStream":
        return ThreadedStream(await asyncio.to_thread(lambda: self.inner.listen(menu, **options)))

    def menu(self, path: str) -> "ThreadedMenu":
        return ThreadedMenu(self.inner.menu(path))

    async def close(self) -> None:
        await asyncio.to_thread(self.inner.close)


class ThreadedStream:
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __aiter__(self) -> "ThreadedStream":
        return self

    async def __anext__(self) -> Any:
        row = await asyncio.to_thread(lambda: next(self._stream, None))
        if row is None:
            raise StopAsyncIteration
        return row

    async def cancel(self) -> None:
        await asyncio.to_thread(self._stream.cancel)


class ThreadedMenu:
    def __init__(self, menu: Any) -> None:
        self._menu = menu

    def __getattr__(self, name: str) -> Any:
        return lambda *given, **named: asyncio.to_thread(lambda: getattr(self._menu, name)(*given, **named))


async def opened(
    kind: str, port: int, *, password: str = "secret", login: Login = Login.ANY,
    tls: ssl.SSLContext | None = None, **options: Any,
) -> AsyncConnection | Threaded:  # fmt: skip
    """Connect to a port of this machine, in either way."""
    chosen = Options(**{"patience_s": 10.0, **options})
    target = Target("127.0.0.1", Credentials("admin", password, login), tls or PLAIN, port, chosen)
    connection = AsyncConnection(target) if kind == "asynchronous" else Threaded(target)
    await connection.open()
    return connection
