"""Lines as they came, to columns of the warehouse's table; and what in them is news of a device."""

from array import array
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from tikfleet.ports.columnar import Columnar
from tikfleet.ports.inbox import Envelope
from tikfleet.routeros.syslog.bodies import Body, fields_of
from tikfleet.routeros.syslog.lines import parse

KIND: Final = "log"
MOST_LINES: Final = 1024
_LEVELS: Final = ("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug")
_NEWS: Final = frozenset({"login-failure", "link-up", "link-down", "script-error", "rebooted"})
_lines = msgspec.msgpack.Decoder(list[bytes])
_packer = msgspec.msgpack.Encoder()


class Happened(NamedTuple):
    """A line that says that something happened to a device."""

    org_id: str
    device_id: str
    at_ms: int
    body: Body
    message: str


def packed(lines: list[bytes]) -> bytes:
    """The body of an envelope: at most `MOST_LINES` lines as they came."""
    return _packer.encode(lines)


class LineRows:
    """Gathers the columns of many lines."""

    def __init__(self) -> None:
        self._org: list[str] = []
        self._device: list[str] = []
        self._site: list[str] = []
        self._received = array("q")
        self._seq = array("I")
        self._claimed: list[int | None] = []
        self._fields: list[tuple[Any, ...]] = []
        self._message: list[str] = []
        self.happened: list[Happened] = []

    def __len__(self) -> int:
        return len(self._message)

    def add(self, envelope: Envelope, place: int, site_id: str) -> int:
        """The lines of an envelope; `place` is its position in the inbox. Gives how many; of a damaged one none."""
        try:
            lines = _lines.decode(envelope.body)
        except (msgspec.MsgspecError, ValueError):
            return 0
        received_ms, count = envelope.received_at_ms, len(lines)
        fields, messages, claimed = self._fields, self._message, self._claimed
        for raw in lines:
            topics, severity, host, claimed_ms, message = parse(raw, received_ms)
            body = fields_of(topics, message)
            claimed.append(claimed_ms)
            messages.append(message)
            fields.append((_LEVELS[severity], topics, *body, host))
            action = body.action
            if action in _NEWS or action.startswith("config-"):
                self.happened.append(Happened(envelope.org_id, envelope.device_id, received_ms, body, message))
        first = (place & 0x3FF) << 10
        self._org += [envelope.org_id] * count
        self._device += [envelope.device_id] * count
        self._site += [site_id] * count
        self._received.extend([received_ms] * count)
        self._seq.extend(range(first, first + count))
        return count

    def columnar(self) -> Columnar:
        """The rows, in the order of the table's columns."""
        columns: list[Sequence[Any]] = [self._org, self._device, self._site, self._received, self._seq, self._claimed]
        return Columnar([*columns, *(list(column) for column in zip(*self._fields, strict=True)), self._message])
