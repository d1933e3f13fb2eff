"""One blocking connection: a socket that never blocks longer than it was told to, until it is lost."""

import logging
import selectors
import socket
import ssl
import time

from tikfleet.routeros.api.command import Command
from tikfleet.routeros.api.errors import ApiError, ConnectionLost, LoginRefused, TimedOut, Trap
from tikfleet.routeros.api.login import conversation
from tikfleet.routeros.api.session import Call, Reply, Session
from tikfleet.routeros.api.target import Target

_log = logging.getLogger(__name__)
_CHUNK_BYTES = 65_536
_IDLE_S = 1.0
_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Line:
    """The socket's side of a session, for one thread at a time.

    What could not be sent before a time-out stays queued and leaves first with the next command, so that no sentence is
    ever cut. While it sends it receives, so that two full buffers can't wait for each other.
    """

    def __init__(self, target: Target, connected: socket.socket) -> None:
        self._target = target
        self._socket = connected
        self._socket.setblocking(False)
        self._outgoing = bytearray()
        self._selector = selectors.DefaultSelector()
        self._watched = _READ
        self._selector.register(connected, _READ)
        # TLS can hold bytes that no selector sees.
        self._tls = connected if isinstance(connected, ssl.SSLSocket) else None
        self._used_s = time.monotonic()
        self.session = Session(target.options.text, target.options.limits)
        self.lost: ApiError | None = None

    def start(self, command: Command, *, streams: bool = False) -> Call:
        """Send a command, or as much of it as the other side takes now. Raises why the connection was lost."""
        self.check()
        call, sentence = self.session.start(command, streams=streams)
        self.send(sentence)
        return call

    def send(self, sentence: bytes) -> None:
        """Queue bytes, and send what leaves at once."""
        if self.lost is None:
            self._outgoing += sentence
            self._flush()

    def is_there(self) -> bool:
        """Whether it can be used. After a pause it looks, for nobody reads the other side's goodbye meanwhile."""
        now_s = time.monotonic()
        if self.lost is None and now_s - self._used_s > _IDLE_S:
            self.pump(now_s)
        self._used_s = now_s
        return self.lost is None

    def check(self) -> None:
        """Raises why the connection was lost, if it was."""
        if self.lost is not None:
            raise type(self.lost)(str(self.lost))

    def finish(self, call: Call, patience_s: float) -> Reply:
        """The reply of a command that was started. Raises `Trap`, `TimedOut`, `ConnectionLost`."""
        if not call.ended:
            until_s = time.monotonic() + patience_s
            while not call.ended:
                if not self.pump(until_s):
                    self._expire(call, patience_s)
        if call.error is not None:
            raise call.error
        return call.reply

    def pump(self, until_s: float | None) -> bool:
        """Receive once, or give `False` when that moment of the monotonic clock came first. Sends what is queued."""
        if self.lost is None and self._tls is not None and self._tls.pending():
            self._receive()
            return True
        wanted = _READ | _WRITE if self._outgoing else _READ
        if wanted != self._watched:
            self._selector.modify(self._socket, wanted)
            self._watched = wanted
        ready = self._selector.select(None if until_s is None else max(0.0, until_s - time.monotonic()))
        if not ready:
            return False
        events = ready[0][1]
        if events & _WRITE:
            self._flush()
        if events & _READ:
            self._receive()
        return True

    def log_in(self) -> None:
        """Raises `LoginRefused` with the router's words."""
        options = self._target.options
        steps = conversation(self._target.who, options.text)
        try:
            command = next(steps)
            while True:
                reply = self.finish(self.start(command), options.connect_within_s)
                command = steps.send(reply.ret)
        except StopIteration:
            return
        except Trap as trap:
            raise LoginRefused(trap.text) from None

    def lose(self, error: ApiError) -> None:
        """End the connection and every call on it, for this reason. Later calls change nothing."""
        if self.lost is None:
            self.lost = error
            self._selector.close()
            self._socket.close()
            self.session.fail(error)

    def _flush(self) -> None:
        try:
            while self._outgoing:
                sent = self._socket.send(self._outgoing)
                if sent == len(self._outgoing):
                    self._outgoing.clear()
                else:
                    del self._outgoing[:sent]
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError as error:
            self.lose(ConnectionLost(f"{self._target.host}: {error}"))

    def _receive(self) -> None:
        try:
            data = self._socket.recv(_CHUNK_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError as error:
            self.lose(ConnectionLost(f"{self._target.host}: {error}"))
            return
        if not data:
            self.lose(ConnectionLost(f"{self._target.host} closed the connection"))
            return
        try:
            self.session.receive(data)
        except ApiError as error:
            self.lose(error)

    def _expire(self, call: Call, patience_s: float) -> None:
        sentence = self.session.timed_out(call)
        _log.warning("%s timed out after %g s", call.command.path, patience_s)
        if sentence is None:
            self.lose(ConnectionLost(f"{self._target.host} was silent through two time-outs"))
        else:
            self.send(sentence)
        raise TimedOut(f"{call.command.path}: no answer within {patience_s:g} s")


def open_line(target: Target) -> Line:
    """Connect and log in. Raises `ConnectionLost`, `TimedOut` and `LoginRefused`."""
    host, port = target.address
    within_s = target.options.connect_within_s
    try:
        plain = socket.create_connection((host, port), within_s)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connected = target.context.wrap_socket(plain, server_hostname=host) if target.context else plain
        except BaseException:
            plain.close()
            raise
    except TimeoutError:
        raise TimedOut(f"no connection to {host}:{port} within {within_s:g} s") from None
    except OSError as error:
        raise ConnectionLost(f"no connection to {host}:{port}: {error}") from error
    line = Line(target, connected)
    try:
        line.log_in()
    except BaseException:
        line.lose(ConnectionLost(f"{host} did not let us in"))
        raise
    _log.info("connected to %s:%d", host, port)
    return line
