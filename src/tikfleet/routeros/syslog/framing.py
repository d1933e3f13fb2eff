r"""Syslog over a stream: where one message ends and the next begins (RFC 6587), also where a router marks nothing.

RouterOS itself delimits only CEF events, by `\\r\\n` (its manual, "Log"). What comes in its other forms without a
delimiter can't be told apart and stays one message.
"""

from collections.abc import Iterator
from typing import Final

# "MSG-LEN SP": at most so many digits.
_MAX_DIGITS: Final = 6


class Framer:
    """Bytes of one connection in, messages out. Each is at most `most_bytes`; the rest of a longer one is dropped.

    A message that begins with a digit and has the form `LENGTH SP` is counted (octet counting), else a line feed ends
    it. `cut` counts messages of which something was dropped.
    """

    def __init__(self, most_bytes: int = 65_536) -> None:
        self._most = most_bytes
        self._buffer = bytearray()
        self._skip_bytes = 0
        self._skip_line = False
        self.cut = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that are whole now; never empty ones."""
        self._buffer += data
        start = 0
        while (taken := self._next(start)) is not None:
            message, start = taken
            message = message.rstrip(b"\r\n\0")
            if message:
                yield message
        del self._buffer[:start]

    def rest(self) -> bytes:
        """What stands there without an end when the connection closes."""
        left = b"" if self._skip_line or self._skip_bytes else bytes(self._buffer)
        self._buffer.clear()
        return left.rstrip(b"\r\n\0")

    def _next(self, start: int) -> tuple[bytes, int] | None:
        """A message and where the next begins, from `start`; None until more has come."""
        buffer = self._buffer
        if self._skip_bytes:
            passed = min(self._skip_bytes, len(buffer) - start)
            self._skip_bytes -= passed
            return (b"", start + passed) if passed else None
        if start >= len(buffer):
            return None
        if not self._skip_line and 0x30 < buffer[start] < 0x3A:  # noqa: PLR2004 - the digits 1 to 9
            counted = self._counted(start)
            if counted is not None:
                return counted if counted[1] >= 0 else None
        end = buffer.find(b"\n", start)
        if end < 0:
            return self._endless(start)
        if self._skip_line:
            self._skip_line = False
            return b"", end + 1
        return self._bounded(start, end), end + 1

    def _counted(self, start: int) -> tuple[bytes, int] | None:
        """A counted message; an end of -1 until it is whole; None where it is no count."""
        buffer = self._buffer
        space = buffer.find(b" ", start, start + _MAX_DIGITS + 1)
        if space < 0:
            whole = len(buffer) - start > _MAX_DIGITS or not buffer[start:].isdigit()
            return None if whole else (b"", -1)
        if not buffer[start:space].isdigit():
            return None
        length = int(buffer[start:space])
        begin, end = space + 1, space + 1 + length
        if length > self._most:
            if len(buffer) - begin < self._most:
                return b"", -1
            self.cut += 1
            self._skip_bytes = length - self._most
            return bytes(buffer[begin : begin + self._most]), begin + self._most
        return (bytes(buffer[begin:end]), end) if end <= len(buffer) else (b"", -1)

    def _endless(self, start: int) -> tuple[bytes, int] | None:
        if self._skip_line:
            return (b"", len(self._buffer)) if start < len(self._buffer) else None
        if len(self._buffer) - start < self._most:
            return None
        self.cut += 1
        self._skip_line = True
        return bytes(self._buffer[start : start + self._most]), len(self._buffer)

    def _bounded(self, start: int, end: int) -> bytes:
        if end - start > self._most:
            self.cut += 1
            end = start + self._most
        return bytes(self._buffer[start:end])
