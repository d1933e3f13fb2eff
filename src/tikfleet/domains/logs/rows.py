"""Lines as they came, to columns of the warehouse's table; and what in them is news of a device."""

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, chain, repeat
from typing import Any, Final, NamedTuple

import msgspec

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
_BYTE: Final = 256
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
        reading, runs = self._reading, self._runs
        fields = self._labels() | {
            "address": reading.addresses,
            "port": reading.ports,
            "to_address": reading.to_addresses,
            "to_port": reading.to_ports,
        }
        return Columnar(
            [
                self._spread([run.org_id for run in runs]),
                self._spread([run.device_id for run in runs]),
                self._spread([run.site_id for run in runs]),
                array("q", self._repeated([run.received_ms for run in runs])),
                array("I", chain.from_iterable(range(run.first, run.first + run.lines) for run in runs)),
                reading.claimed,
                *(fields[name] for name in FIELDS),
                reading.messages,
            ]
        )

    def happened(self) -> list[Happened]:
        """What is news of a device."""
        labels, numbers = self._reader.labels, self._reading.labels
        news = {number for number in set(numbers) if _is_news(labels[number].action)}
        if not news:
            return []
        ends = list(accumulate(run.lines for run in self._runs))
        found = []
        for line, number in enumerate(numbers):
            if number in news:
                run = self._runs[bisect_right(ends, line)]
                body = _body(labels[number], self._reading.addresses[line])
                message = self._reading.messages[line]
                found.append(Happened(run.org_id, run.device_id, run.received_ms, body, message))
        return found

    def _repeated(self, values: Sequence[Any]) -> "chain[Any]":
        """A value of each run, for each of its lines."""
        return chain.from_iterable(map(repeat, values, (run.lines for run in self._runs)))

    def _spread(self, values: Sequence[str]) -> Coded:
        texts, codes = _coded(values)
        return Coded(texts, array("I", self._repeated(codes)))

    def _labels(self) -> dict[str, Sequence[Any]]:
        """The columns of labels: each differing combination is looked at once."""
        numbers = self._reading.labels
        ranks = {number: rank for rank, number in enumerate(dict.fromkeys(numbers))}
        kept = [self._reader.labels[number] for number in ranks]
        few = len(kept) <= _BYTE
        lines = array("B" if few else "I", map(ranks.__getitem__, numbers))
        columns: dict[str, Sequence[Any]] = {}
        for name, values in zip(Labels._fields, zip(*kept, strict=True), strict=True):
            texts, codes = _coded([_LEVELS[value] for value in values] if name == "severity" else values)
            if few:
                columns[name] = Coded(texts, array("B", lines.tobytes().translate(bytes(codes).ljust(_BYTE))))
            else:
                columns[name] = Coded(texts, array("I", map(codes.__getitem__, lines)))
        return columns


def _coded(values: Sequence[str]) -> tuple[list[str], list[int]]:
    places = {value: place for place, value in enumerate(dict.fromkeys(values))}
    return list(places), [places[value] for value in values]


def _is_news(action: str) -> bool:
    return action in _NEWS or action.startswith("config-")


def _body(labels: Labels, address: str) -> Body:
    return Body(labels.action, labels.user, address, labels.interface, tool=labels.tool)
