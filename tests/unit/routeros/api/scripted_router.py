"""A router that says what a test tells it to: real sockets, a thread for each connection, no rules of its own."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable
from typing import TypeAlias

from tikfleet.routeros.api.decoder import Decoder
from tikfleet.routeros.api.errors import ProtocolError
from tikfleet.routeros.api.words import encode_sentence


class Line:
    """What a test can do to one connection. Sentences are text, sent as UTF-8 unless they are bytes."""

    def __init__(self, connected: socket.socket, number: int) -> None:
        self._socket = connected
        self.number = number

    def send(self, *words: str | bytes) -> None:
        self.send_bytes(encode_sentence(word if isinstance(word, bytes) else word.encode() for word in words))

    def send_bytes(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            self._socket.sendall(data)

    def end(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)


# Gets the connection, the words without the tag, and the tag word; sends what it likes.
Answers: TypeAlias = Callable[[Line, list[str], str], None]


def obliging(line: Line, words: list[str], tag: str) -> None:
    """Says yes to everything."""
    line.send("!done", tag)


class ScriptedRouter:
    """`heard` holds every sentence of every connection. A `/login` is let in unless the answers take it."""

    def __init__(self, answers: Answers | None = None) -> None:
        self._answers = answers or obliging
        self.heard: list[list[str]] = []
        self.connections = 0
        self._news = threading.Condition()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def commands(self) -> list[str]:
        return [words[0] for words in self.heard]

    def wait_for(self, path: str) -> None:
        """Until a command was heard."""
        with self._news:
            assert self._news.wait_for(lambda: path in self.commands(), timeout=10)

    def hang_up(self) -> None:
        """End every connection; new ones are let in."""
        for connected in self._open:
            with contextlib.suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connected in self._open:
            connected.close()

    def _accept(self) -> None:
        while True:
            try:
                connected, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connected)
            threading.Thread(target=self._serve, args=(connected, self.connections), daemon=True).start()

    def _serve(self, connected: socket.socket, number: int) -> None:
        decoder, line = Decoder(), Line(connected, number)
        with contextlib.suppress(OSError, ProtocolError):
            while data := connected.recv(65_536):
                self._hear(line, decoder.feed(data))
        connected.close()

    def _hear(self, line: Line, sentences: Iterable[tuple[bytes, ...]]) -> None:
        for sentence in sentences:
            words = [word.decode("utf-8", "surrogateescape") for word in sentence]
            tag = words.pop() if words[-1].startswith(".tag=") else ""
            with self._news:
                self.heard.append(words)
                self._news.notify_all()
            if words[0] == "/login" and not getattr(self._answers, "takes_logins", False):
                line.send("!done", tag)
            else:
                self._answers(line, words, tag)
