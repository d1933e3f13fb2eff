"""One connection of an event loop: commands out, replies in, until it is lost. It does not come back by itself."""

import asyncio
import logging
from collections.abc import Callable
from typing import cast

from tikfleet.routeros.api.command import Command
from tikfleet.routeros.api.errors import ApiError, ConnectionLost, LoginRefused, TimedOut, Trap
from tikfleet.routeros.api.login import conversation
from tikfleet.routeros.api.session import Call, Reply, Session
from tikfleet.routeros.api.target import Target

_log = logging.getLogger(__name__)


class Wire(asyncio.Protocol):
    """The socket's side of a session. Everything runs in the loop that opened it."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._outgoing: list[bytes] = []
        self.session = Session(target.options.text, target.options.limits)
        self.lost: ApiError | None = None
        self.closed = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # By name and not by class: uvloop's transports are no subclasses of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        try:
            self.session.receive(data)
        except ApiError as error:
            self.lose(error)

    def connection_lost(self, exc: Exception | None) -> None:
        host, _ = self._target.address
        self.lose(ConnectionLost(f"{host} closed the connection" if exc is None else f"{host}: {exc}"))
        if not self.closed.done():
            self.closed.set_result(None)

    def lose(self, error: ApiError) -> None:
        """End the connection and every call on it, for this reason. Later calls change nothing."""
        if self.lost is None:
            self.lost = error
            if self._transport is not None:
                self._transport.abort()
            self.session.fail(error)

    def start(self, command: Command, told: Callable[[], None], *, streams: bool = False) -> Call:
        """Send a command. Raises why the connection was lost, if it was."""
        if self.lost is not None:
            raise type(self.lost)(str(self.lost))
        call, sentence = self.session.start(command, told, streams=streams)
        self.send(sentence)
        return call

    def send(self, sentence: bytes) -> None:
        # What is sent in one turn of the loop leaves in one piece.
        if not self._outgoing:
            self._loop.call_soon(self._flush)
        self._outgoing.append(sentence)

    async def run(self, command: Command, patience_s: float) -> Reply:
        """The reply of one command. Raises `Trap`, `TimedOut`, `ConnectionLost`; cancelling stops the command."""
        ended: asyncio.Future[None] = self._loop.create_future()

        def tell() -> None:
            if not ended.done():
                ended.set_result(None)

        call = self.start(command, tell)
        timer = self._loop.call_later(patience_s, self._expire, call, ended, patience_s)
        try:
            await ended
        except asyncio.CancelledError:
            self.send(self.session.abandon(call))
            raise
        finally:
            timer.cancel()
        if call.error is not None:
            raise call.error
        return call.reply

    async def log_in(self) -> None:
        """Raises `LoginRefused` with the router's words."""
        options = self._target.options
        steps = conversation(self._target.who, options.text)
        try:
            command = next(steps)
            while True:
                reply = await self.run(command, options.connect_within_s)
                command = steps.send(reply.ret)
        except StopIteration:
            return
        except Trap as trap:
            raise LoginRefused(trap.text) from None

    def _expire(self, call: Call, ended: asyncio.Future[None], patience_s: float) -> None:
        if ended.done():
            return
        sentence = self.session.timed_out(call)
        ended.set_exception(TimedOut(f"{call.command.path}: no answer within {patience_s:g} s"))
        _log.warning("%s timed out after %g s", call.command.path, patience_s)
        if sentence is None:
            self.lose(ConnectionLost(f"{self._target.host} was silent through two time-outs"))
        else:
            self.send(sentence)

    def _flush(self) -> None:
        data = b"".join(self._outgoing)
        self._outgoing.clear()
        if self._transport is not None and self.lost is None:
            self._transport.write(data)


async def open_wire(target: Target) -> Wire:
    """Connect and log in. Raises `ConnectionLost`, `TimedOut` and `LoginRefused`."""
    host, port = target.address
    within_s = target.options.connect_within_s
    wire: Wire | None = None
    try:
        async with asyncio.timeout(within_s):
            _, wire = await asyncio.get_running_loop().create_connection(
                lambda: Wire(target), host, port, ssl=target.context
            )
            await wire.log_in()
    except BaseException as error:
        if wire is not None:
            wire.lose(ConnectionLost(f"{host} did not let us in"))
        if isinstance(error, TimeoutError):
            raise TimedOut(f"no connection to {host}:{port} within {within_s:g} s") from None
        if isinstance(error, OSError):
            raise ConnectionLost(f"no connection to {host}:{port}: {error}") from error
        raise
    _log.info("connected to %s:%d", host, port)
    return wire
