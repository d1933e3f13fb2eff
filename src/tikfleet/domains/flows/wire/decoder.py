"""Packets of flow exporters to columns. No socket and no clock: packets go in, and flows come out when asked for."""

import struct
from typing import Any, Final

import msgspec
import numpy as np

from tikfleet.domains.flows.wire import elements
from tikfleet.domains.flows.wire.flows import no_flows
from tikfleet.domains.flows.wire.layouts import V5_RECORD, Layout
from tikfleet.domains.flows.wire.packets import IPFIX, V5, V9, Header, header_of, sets_in
from tikfleet.domains.flows.wire.records import Section, flows_of
from tikfleet.domains.flows.wire.templates import (
    FIRST_TEMPLATE,
    Domain,
    Exporters,
    Malformed,
    Template,
    templates_in,
)
from tikfleet.domains.flows.wire.waiting import Key, Waiting, WaitingLimits

_TEMPLATE_SETS: Final = {V9: (0, 1), IPFIX: (2, 3)}
_WRAP: Final = 1 << 32
# A step of the sequence so large is no loss but a new beginning.
_RESTART: Final = 1 << 16
_WORD: Final = 4


class Limits(msgspec.Struct, frozen=True):
    """How much is remembered, over all exporters; what is over is forgotten, longest unheard first."""

    exporters: int = 50_000
    templates: int = 200_000
    waiting: WaitingLimits = WaitingLimits()


class Tally(msgspec.Struct):
    """What became of one exporter's packets since it was last asked.

    `lost` is what the sequence numbers say never came: packets of v9, records of the others. `unread` counts sets that
    were dropped for want of a template, `impossible` records whose counters no line could carry.
    """

    packets: int = 0
    flows: int = 0
    malformed: int = 0
    lost: int = 0
    restarts: int = 0
    unread: int = 0
    impossible: int = 0


class Decoder:
    """Feed packets, then `drain`: records that share a layout are decoded together, which is what makes it fast.

    An exporter is a number that the caller gives: below 2**32, one for each source.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        self._exporters = Exporters(limits.exporters, limits.templates)
        self._waiting = Waiting(limits.waiting)
        self._ready: dict[Layout, list[Section]] = {}
        self._tallies: dict[int, Tally] = {}

    def feed(self, exporter: int, data: bytes, received_ms: int) -> None:
        """Take one packet. What can't be read is counted, never raised."""
        tally = self._tally(exporter)
        tally.packets += 1
        try:
            header = header_of(data)
            domain = self._exporters.domain((exporter, header.version), header.domain)
            if header.version == V5:
                self._sequence(tally, domain, header, header.count)
                rate = header.sampling or 1
                body = data[header.begin : header.length]
                self._add(V5_RECORD, _section(body, exporter, header, received_ms, rate))
            else:
                self._sets(tally, domain, data, header, (exporter, received_ms))
        except (Malformed, struct.error):
            tally.malformed += 1

    def drain(self) -> Any:
        """The flows that were fed since, in no order, as an array of FLOW. An exporter's tally counts them."""
        ready, self._ready = self._ready, {}
        parts = []
        for layout, sections in ready.items():
            counted = flows_of(layout, sections)
            parts.append(counted.flows)
            for exporter, count in _counts(counted.impossible):
                self._tally(exporter).impossible += count
        flows = np.concatenate(parts) if parts else no_flows()
        for exporter, count in _counts(flows["exporter"]):
            self._tally(exporter).flows += count
        return flows

    def tallies(self, now_ms: int) -> dict[int, Tally]:
        """What became of packets since the last time, by exporter; what waited too long goes now."""
        for exporter, dropped in self._waiting.expired(now_ms):
            self._tally(exporter).unread += dropped
        tallies, self._tallies = self._tallies, {}
        return tallies

    @property
    def waiting_bytes(self) -> int:
        """The memory of what awaits a template."""
        return self._waiting.size_bytes

    @property
    def remembered(self) -> tuple[int, int]:
        """How many exporters and templates are remembered."""
        return len(self._exporters), self._exporters.templates

    def _tally(self, exporter: int) -> Tally:
        tally = self._tallies.get(exporter)
        if tally is None:
            tally = self._tallies[exporter] = Tally()
        return tally

    def _add(self, layout: Layout, section: Section) -> None:
        self._ready.setdefault(layout, []).append(section)

    def _sets(self, tally: Tally, domain: Domain, data: bytes, header: Header, came: tuple[int, int]) -> None:
        exporter, received_ms = came
        plain, options = _TEMPLATE_SETS[header.version]
        records: int | None = 0
        try:
            for number, body in sets_in(data, header):
                if number in {plain, options}:
                    self._learn(domain, header, body, exporter, options=number == options)
                elif number >= FIRST_TEMPLATE:
                    section = _section(body, exporter, header, received_ms, domain.sampling)
                    got = self._data(tally, domain, header, number, section)
                    records = None if records is None or got is None else records + got
        except Malformed:
            records = None
            raise
        finally:
            self._sequence(tally, domain, header, 1 if header.version == V9 else records)

    def _learn(self, domain: Domain, header: Header, body: bytes, exporter: int, *, options: bool) -> None:
        for number, template in templates_in(body, ipfix=header.version == IPFIX, options=options):
            self._exporters.learn(domain, number, template)
            if template is not None:
                for section in self._waiting.take(Key(exporter, header.version, header.domain, number)):
                    self._read(domain, template, section)

    def _data(self, tally: Tally, domain: Domain, header: Header, number: int, section: Section) -> int | None:
        """How many records a set holds; None where nobody can say yet."""
        template = domain.templates.get(number)
        if template is None:
            key = Key(section.exporter, header.version, header.domain, number)
            tally.unread += not self._waiting.keep(key, section)
            return None
        return self._read(domain, template, section)

    def _read(self, domain: Domain, template: Template, section: Section) -> int | None:
        layout, body = template.layout, section.body
        if layout.fields:
            body = layout.even(body)
        elif layout.record_bytes:
            # What is left over at the end of a set is padding.
            body = body[: len(body) // layout.record_bytes * layout.record_bytes]
        if not layout.record_bytes:
            return None
        if not body:
            return 0
        if template.options:
            domain.sampling = _announced(layout, body) or domain.sampling
        elif elements.OCTETS in layout.names:
            self._add(layout, msgspec.structs.replace(section, body=body))
        return len(body) // layout.record_bytes

    @staticmethod
    def _sequence(tally: Tally, domain: Domain, header: Header, records: int | None) -> None:
        """Count what is missing before this packet, and what number the next should have."""
        if domain.expected is not None:
            missing = (header.sequence - domain.expected) % _WRAP
            if 0 < missing <= _RESTART:
                tally.lost += missing
            elif missing > _RESTART and missing < _WRAP - _RESTART:
                tally.restarts += 1
            elif missing:
                # Late, and counted as lost before: the newest number stays.
                tally.lost = max(0, tally.lost - (records or 0))
                return
        domain.expected = None if records is None else (header.sequence + records) % _WRAP


def _section(body: bytes, exporter: int, header: Header, received_ms: int, sampling: int) -> Section:
    return Section(body, exporter, received_ms, header.uptime_ms, header.clock_ms, sampling)


def _announced(layout: Layout, body: bytes) -> int:
    """The sampling interval that a record of options tells, 0 where it tells none."""
    record = np.frombuffer(body[: layout.record_bytes], layout.dtype)
    told = {name: int.from_bytes(record[name].tobytes(), "big") for name in layout.names}
    if elements.SAMPLING in told:
        interval = record[elements.SAMPLING].tobytes()
        return min(told[elements.SAMPLING], int.from_bytes(interval, "little" if len(interval) == _WORD else "big"))
    if told.get(elements.SAMPLED):
        return (told[elements.SAMPLED] + told.get(elements.SKIPPED, 0)) // told[elements.SAMPLED]
    return 0


def _counts(exporters: Any) -> list[tuple[int, int]]:
    numbers, counts = np.unique(exporters, return_counts=True)
    return list(zip(numbers.tolist(), counts.tolist(), strict=True))
