"""Interfaces of a report: their counters against the last ones, hence what flowed and how fast."""

from hashlib import blake2b
from itertools import repeat
from operator import sub
from typing import Any, Final

import msgspec

from tikfleet.domains.checkin.model import InterfaceReport, Report
from tikfleet.domains.checkin.readings import Readings, shown_text
from tikfleet.domains.inventory.public import CounterBook, Counters, DeviceState, Document, InterfaceView
from tikfleet.domains.telemetry.public import InterfaceRow, counted_s, counter_delta

_PHYSICAL: Final = frozenset({"ether", "wlan", "wifi", "lte", "w60g", "sfp", "virtual-ether"})
_MAX_INTERFACES: Final = 1000
_SURE_BYTES_PER_S: Final = 1e9
_PAIRS: Final = 8

_packer = msgspec.msgpack.Encoder()


class Traffic:
    """The device's traffic is the sum over physical interfaces: a bridge or VLAN would count the same bytes again."""

    def __init__(
        self, state: DeviceState, report: Report, received_at_ms: int, uptime_s: float, readings: Readings
    ) -> None:
        self._state = state
        self._report = report
        self._received_at_ms = received_at_ms
        self._uptime_s = uptime_s
        self._read = readings
        self.rows: list[InterfaceRow] = []
        self.documents: list[Document] = []
        self.total: int | None = None
        self.running: int | None = None
        self.rx_delta: int | None = None
        self.tx_delta: int | None = None
        self.counted_s = 0.0
        self._plausible = -1.0

    def apply(self) -> None:
        """Take the section, where the report has one, and keep its counters for the next time."""
        found = self._report.interfaces
        if found is None:
            return
        book = self._state.counters
        interval_s = max(0.0, (self._received_at_ms - book.read_at_ms) / 1000) if book.read_at_ms else 0.0
        self.counted_s = counted_s(self._uptime_s, interval_s) if interval_s else 0.0
        # Growth that no rule of `counter_delta` could see otherwise: no reboot in between, under a gigabyte a second.
        self._plausible = _SURE_BYTES_PER_S * interval_s if self._uptime_s >= interval_s else -1.0
        kept: dict[str, Counters] = {}
        known = book.interfaces
        for item in found[:_MAX_INTERFACES]:
            name = shown_text(item.name, 100)
            kept[name] = self._interface(name, item, known.get(name), interval_s)
        self.total = len(self.rows)
        self.running = sum(row.running for row in self.rows)
        if self.counted_s and self.rx_delta is not None and self.tx_delta is not None:
            self._state.rx_bps = round(self.rx_delta * 8 / self.counted_s)
            self._state.tx_bps = round(self.tx_delta * 8 / self.counted_s)
        self._state.counters = CounterBook(self._received_at_ms, self._uptime_s, kept)
        self._document(found[:_MAX_INTERFACES])

    def _interface(self, name: str, item: InterfaceReport, before: Counters | None, interval_s: float) -> Counters:
        read, state, counted_s = self._read, self._state, self.counted_s
        counts: list[Any] = read.counts(
            (item.rx_byte, item.tx_byte, item.rx_packet, item.tx_packet,
             item.rx_error, item.tx_error, item.rx_drop, item.tx_drop)
        )  # fmt: skip
        present = Counters(*counts)
        present.link_downs = read.count(item.link_downs)
        grown = self._grown(before, counts, interval_s)
        rx, tx, rx_packets, tx_packets, rx_errors, tx_errors, rx_drops, tx_drops = grown
        if counted_s and rx is not None and tx is not None:
            present.rx_bps, present.tx_bps = round(rx * 8 / counted_s), round(tx * 8 / counted_s)
            if item.type in _PHYSICAL:
                self.rx_delta, self.tx_delta = (self.rx_delta or 0) + rx, (self.tx_delta or 0) + tx
        self.rows.append(
            InterfaceRow(
                state.org_id,
                state.device_id,
                self._received_at_ms,
                name,
                shown_text(item.type, 40),
                read.flag(item.running) is True,
                counts[0] or 0,
                counts[1] or 0,
                rx,
                tx,
                rx_packets,
                tx_packets,
                rx_errors,
                tx_errors,
                rx_drops,
                tx_drops,
                present.link_downs or 0,
                counted_s,
            )
        )
        return present

    def _grown(self, before: Counters | None, counts: list[Any], interval_s: float) -> list[Any]:
        """What each of the counters grew by; None where nothing true can be said."""
        if before is None:
            return [None] * _PAIRS
        previous = msgspec.structs.astuple(before)[:_PAIRS]
        try:
            grown = list(map(sub, counts, previous))
            if min(grown) >= 0 and max(grown) <= self._plausible:
                return grown
        except TypeError:
            # One of them is not known: each is looked at alone.
            pass
        return list(map(self._delta, previous, counts, repeat(interval_s)))

    def _delta(self, previous: int | None, current: int | None, interval_s: float) -> int | None:
        if current is None:
            return None
        if previous is not None and 0 <= current - previous <= self._plausible:
            return current - previous
        return counter_delta(previous, current, uptime_s=self._uptime_s, interval_s=interval_s)

    def _view(self, item: InterfaceReport) -> InterfaceView:
        mtu = self._read.number(item.actual_mtu)
        return InterfaceView(
            name=shown_text(item.name, 100),
            type=shown_text(item.type, 40),
            mac_address=shown_text(item.mac_address, 32),
            mtu=round(mtu) if mtu is not None else None,
            running=self._read.flag(item.running),
            disabled=self._read.flag(item.disabled),
            comment=shown_text(item.comment, 500),
            last_link_up_at=shown_text(item.last_link_up_time, 40),
        )

    def _document(self, found: list[InterfaceReport]) -> None:
        """What changes seldom is written, and even made, only when it did; the counters are with the state."""
        mark = hash_of(_packer.encode([
            (item.name, item.type, item.mac_address, item.actual_mtu, item.running, item.disabled, item.comment,
             item.last_link_up_time) for item in found
        ]))  # fmt: skip
        if mark != self._state.detail.interfaces_mark:
            self._state.detail.interfaces_mark = mark
            body = msgspec.json.encode(list(map(self._view, found)))
            self.documents.append(Document(self._state.device_id, self._state.org_id, "interfaces", body))


def hash_of(body: bytes) -> str:
    """A short mark of exactly these bytes."""
    return blake2b(body, digest_size=8).hexdigest()
