"""Lines as they came, to columns of the warehouse's table; and what in them is news of a device."""

from array import array
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from tikfleet.domains.logs.facts import FIELDS
from tikfleet.ports.columnar import Coded, Columnar
from tikfleet.ports.inbox import Envelope
from tikfleet.routeros.syslog.bodies import Body
from tikfleet.routeros.syslog.reader import Labels, LineReader, Reading

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


class _Run(NamedTuple):
    """Lines that came together: whose, when, and the number of the first."""

    org_id: str
    device_id: str
    site_id: str
    received_ms: int
    first: int
    lines: int


def packed(lines: list[bytes]) -> bytes:
    """The body of an envelope: at most `MOST_LINES` lines as they came."""
    return _packer.encode(lines)


class LineRows:
    """Gathers the columns of many lines. A reader that is kept between batches need not read again what repeats."""

    def __init__(self, reader: LineReader | None = None) -> None:
        self._reader = reader or LineReader()
        self._reader.rest()
        self._reading = Reading()
        self._runs: list[_Run] = []

    def __len__(self) -> int:
        return len(self._reading.messages)

    def add(self, envelope: Envelope, place: int, site_id: str) -> int:
        """The lines of an envelope; `place` is its position in the inbox. Gives how many; of a damaged one none."""
        try:
            lines = _lines.decode(envelope.body)
        except (msgspec.MsgspecError, ValueError):
            return 0
        received_ms, first = envelope.received_at_ms, (place & 0x3FF) << 10
        self._reader.read(lines, received_ms, self._reading)
        self._runs.append(_Run(envelope.org_id, envelope.device_id, site_id, received_ms, first, len(lines)))
        return len(lines)

    def columnar(self) -> Columnar:
        """The rows, in the order of the table's columns."""
        reading, counts = self._reading, np.array([run.lines for run in self._runs], "u4")
        fields = self._labels() | {
            "address": reading.addresses,
            "port": reading.ports,
            "to_address": reading.to_addresses,
            "to_port": reading.to_ports,
        }
        return Columnar(
            [
                *(self._spread(name, counts) for name in ("org_id", "device_id", "site_id")),
                _array("q", np.repeat(np.array([run.received_ms for run in self._runs], "i8"), counts)),
                _array("I", self._numbers(counts)),
                reading.claimed,
                *(fields[name] for name in FIELDS),
                reading.messages,
            ]
        )

    def happened(self) -> list[Happened]:
        """What is news of a device."""
        labels = self._reader.labels
        news = np.array([_is_news(one.action) for one in labels], bool)
        lines: Any = np.flatnonzero(news[np.array(self._reading.labels, "u4")]) if news.any() else []
        ends = np.cumsum([run.lines for run in self._runs])
        found = []
        for line in map(int, lines):
            run = self._runs[int(np.searchsorted(ends, line, "right"))]
            body = _body(labels[self._reading.labels[line]], self._reading.addresses[line])
            message = self._reading.messages[line]
            found.append(Happened(run.org_id, run.device_id, run.received_ms, body, message))
        return found

    def _spread(self, name: str, counts: Any) -> Coded:
        """A text of each run, for each of its lines."""
        texts, codes = _coded([getattr(run, name) for run in self._runs])
        return Coded(texts, _array("I", np.repeat(codes, counts)))

    def _numbers(self, counts: Any) -> Any:
        begins = np.cumsum(counts) - counts
        firsts = np.array([run.first for run in self._runs], "u4")
        return np.arange(len(self), dtype="u4") + np.repeat(firsts - begins.astype("u4"), counts)

    def _labels(self) -> dict[str, Sequence[Any]]:
        """The columns of labels: each differing combination is looked at once."""
        lines = np.array(self._reading.labels, "u4")
        used = np.flatnonzero(np.bincount(lines))
        ranks = np.zeros(len(self._reader.labels), "u4")
        ranks[used] = np.arange(len(used), dtype="u4")
        lines = ranks[lines]
        columns: dict[str, Sequence[Any]] = {}
        kept = [self._reader.labels[number] for number in used.tolist()]
        for name, values in zip(Labels._fields, zip(*kept, strict=True), strict=True):
            texts, codes = _coded([_LEVELS[value] for value in values] if name == "severity" else values)
            columns[name] = Coded(texts, _array("I", codes[lines]))
        return columns


def _coded(values: Sequence[str]) -> tuple[list[str], Any]:
    places = {value: place for place, value in enumerate(dict.fromkeys(values))}
    return list(places), np.fromiter(map(places.__getitem__, values), "u4", len(values))


def _array(code: str, values: Any) -> "array[int]":
    made: array[int] = array(code)
    made.frombytes(np.ascontiguousarray(values, code).tobytes())
    return made


def _is_news(action: str) -> bool:
    return action in _NEWS or action.startswith("config-")


def _body(labels: Labels, address: str) -> Body:
    return Body(labels.action, labels.user, address, labels.interface, tool=labels.tool)
