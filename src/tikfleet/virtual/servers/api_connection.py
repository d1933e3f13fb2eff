"""One connection to the API server: bytes to commands and back, within bounds that hold for anybody who can connect.

Nothing is read while the client does not read what it asked for, so that neither side's queue grows. What a router does
to a client that overdoes it is documented as `!fatal` and the end of the connection; the limits and the texts beside
`session terminated on request` and `not logged in` are [unverified].
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, cast

from tikfleet.routeros.api.decoder import Decoder, Limits
from tikfleet.routeros.api.errors import ProtocolError
from tikfleet.routeros.api.words import Sentence
from tikfleet.virtual import waiting
from tikfleet.virtual.menus.request import Caller, Refused
from tikfleet.virtual.servers import api_sentences
from tikfleet.virtual.servers.api_commands import Commands, Paths
from tikfleet.virtual.servers.api_logins import Logins, Passwords
from tikfleet.virtual.servers.api_sentences import Asked, asked
from tikfleet.virtual.servers.router import Router

_FLUSH_BYTES: Final = 65_536
_LINGER_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a client may do. `unsent_bytes` is how far a `listen` may be ahead of a client that does not read."""

    strangers: Limits = field(default_factory=lambda: Limits(word_bytes=1_024, sentence_bytes=4_096, words=64))
    users: Limits = field(default_factory=lambda: Limits(word_bytes=256 << 10, sentence_bytes=1 << 20, words=4_096))
    sentences_before_login: int = 10
    login_within_s: float = 60.0
    running: int = 256
    unsent_bytes: int = 4 << 20


class ApiConnection(asyncio.Protocol):
    """The protocol of one client, from its first byte to its last. `ended` is called once, with it."""

    def __init__(
        self, router: Router, paths: Paths, bounds: Bounds, passwords: Passwords | None,
        ended: Callable[["ApiConnection"], None],
    ) -> None:  # fmt: skip
        self._router = router
        self._bounds = bounds
        self._passwords = passwords
        self._ended = ended
        self._commands = Commands(router, paths, self.send, bounds.running)
        self._decoder = Decoder(bounds.strangers)
        self._waiting: deque[Sentence] = deque()
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._working = self._paused = self._over = False
        self._fault = ""
        self._caller: Caller | None = None
        self._close_session: Callable[[], None] | None = None
        self._entering: asyncio.Task[Caller | str] | None = None
        self._sentences_left = bounds.sentences_before_login

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # By name and not by class: uvloop's transports are no subclasses of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self._logins = Logins(self._router, str(peer[0]) if peer else "", self._passwords)
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self._bounds.login_within_s, self.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        self._over = True
        self._deadline.cancel()
        self._waiting.clear()
        self._commands.close()
        if self._entering is not None:
            asyncio.get_running_loop().call_soon(self._entering.cancel)
        if self._close_session is not None:
            self._close_session()
        self._ended(self)

    def abort(self) -> None:
        """End it now, whatever is still to be sent."""
        self._transport.abort()

    def pause_writing(self) -> None:
        self._paused = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._paused = False
        self._transport.resume_reading()
        self._work()

    def data_received(self, data: bytes) -> None:
        if self._over:
            return
        try:
            self._waiting.extend(self._decoder.feed(data))
        except ProtocolError as error:
            self._fault = str(error)
        self._work()

    def eof_received(self) -> bool:
        return False

    def send(self, data: bytes) -> None:
        """Send replies; those of one batch of commands leave together."""
        if self._over:
            return
        if self._working:
            self._held.append(data)
            self._held_bytes += len(data)
            if self._held_bytes > _FLUSH_BYTES:
                self._flush()
        elif self._transport.get_write_buffer_size() > self._bounds.unsent_bytes:
            self.abort()
        else:
            self._transport.write(data)

    def _work(self) -> None:
        """Run what has come, until the client has to read or log in first."""
        self._working = True
        waiting_sentences = self._waiting
        while waiting_sentences and not self._paused and self._entering is None and not self._over:
            self._take(asked(waiting_sentences.popleft()))
        self._working = False
        self._flush()
        if self._fault and not waiting_sentences and self._entering is None:
            self._end(self._fault)

    def _take(self, sentence: Asked) -> None:
        if sentence.path == "/login":
            self._enter(sentence)
        elif self._caller is None:
            self._end("not logged in")
        elif sentence.path == "/quit":
            self._end("session terminated on request")
        else:
            self._commands.start(sentence, self._caller)

    def _enter(self, sentence: Asked) -> None:
        self._sentences_left -= 1
        if self._sentences_left < 0:
            self._end("too many commands before login")
            return
        try:
            who, rest = waiting.begin(self._logins.attempt, sentence)
        except Refused as refused:
            self._refuse(refused, sentence)
            return
        if rest is None:
            if who is not None:
                self._entered(who, sentence)
            return
        self._entering = asyncio.get_running_loop().create_task(rest)
        self._entering.add_done_callback(lambda task: self._finish_entering(task, sentence))

    def _finish_entering(self, task: asyncio.Task[Caller | str], sentence: Asked) -> None:
        self._entering = None
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self._entered(task.result(), sentence)
        else:
            self._refuse(error if isinstance(error, Refused) else Refused("failure: internal error"), sentence)
        self._work()

    def _entered(self, who: Caller | str, sentence: Asked) -> None:
        if isinstance(who, str):
            self.send(api_sentences.done(sentence.ending, who))
            return
        if self._close_session is not None:
            self._close_session()
        self._caller = who
        self._sentences_left = self._bounds.sentences_before_login
        self._decoder.limits = self._bounds.users
        self._deadline.cancel()
        self._close_session = self._router.opened(who)
        self.send(api_sentences.done(sentence.ending))

    def _refuse(self, refused: Refused, sentence: Asked) -> None:
        self.send(api_sentences.trap(refused, sentence.ending) + api_sentences.done(sentence.ending))

    def _end(self, reason: str) -> None:
        self._waiting.clear()
        self._held.append(api_sentences.fatal(reason))
        self._flush()
        self._over = True
        self._transport.close()
        # A client that reads nothing does not keep the connection open.
        asyncio.get_running_loop().call_later(_LINGER_S, self._transport.abort)

    def _flush(self) -> None:
        if self._held and not self._over:
            data = b"".join(self._held)
            self._held.clear()
            self._held_bytes = 0
            self._transport.write(data)
