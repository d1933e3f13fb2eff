"""Interfaces of a report: their counters against the last ones, hence what flowed and how fast."""

from hashlib import blake2b
from typing import Any, Final

import msgspec

from tikfleet.domains.checkin.model import InterfaceReport, Report
from tikfleet.domains.checkin.readings import Readings, shown_text
from tikfleet.domains.inventory.public import CounterBook, Counters, DeviceState, Document, InterfaceView
from tikfleet.domains.telemetry.public import InterfaceRow, counted_s, counter_delta

_PHYSICAL: Final = frozenset({"ether", "wlan", "wifi", "lte", "w60g", "sfp", "virtual-ether"})
_MAX_INTERFACES: Final = 1000
_SURE_BYTES_PER_S: Final = 1e9
_PAIRS: Final = ("rx_bytes", "tx_bytes", "rx_packets", "tx_packets", "rx_errors", "tx_errors", "rx_drops", "tx_drops")
_FIELDS: Final = ("rx_byte", "tx_byte", "rx_packet", "tx_packet", "rx_error", "tx_error", "rx_drop", "tx_drop")


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
        views: list[InterfaceView] = []
        for item in found[:_MAX_INTERFACES]:
            name = shown_text(item.name, 100)
            kept[name] = self._interface(name, item, book.interfaces.get(name), interval_s)
            views.append(self._view(name, item))
        self.total = len(views)
        self.running = sum(view.running is True for view in views)
        if self.counted_s and self.rx_delta is not None and self.tx_delta is not None:
            self._state.rx_bps = round(self.rx_delta * 8 / self.counted_s)
            self._state.tx_bps = round(self.tx_delta * 8 / self.counted_s)
        self._state.counters = CounterBook(self._received_at_ms, self._uptime_s, kept)
        self._document(views)

    def _interface(self, name: str, item: InterfaceReport, before: Counters | None, interval_s: float) -> Counters:
        present = Counters(*(self._read.count(getattr(item, field)) for field in _FIELDS))
        present.link_downs = self._read.count(item.link_downs)
        deltas: dict[str, Any] = {pair: self._delta(before, present, pair, interval_s) for pair in _PAIRS}
        rx, tx = deltas["rx_bytes"], deltas["tx_bytes"]
        if self.counted_s and rx is not None and tx is not None:
            present.rx_bps, present.tx_bps = round(rx * 8 / self.counted_s), round(tx * 8 / self.counted_s)
            if item.type in _PHYSICAL:
                self.rx_delta, self.tx_delta = (self.rx_delta or 0) + rx, (self.tx_delta or 0) + tx
        self.rows.append(
            InterfaceRow(
                org_id=self._state.org_id,
                device_id=self._state.device_id,
                received_at=self._received_at_ms,
                interface=name,
                type=shown_text(item.type, 40),
                running=self._read.flag(item.running) is True,
                rx_bytes=present.rx_bytes or 0,
                tx_bytes=present.tx_bytes or 0,
                **{f"{pair}_delta": delta for pair, delta in deltas.items()},
                link_downs=present.link_downs or 0,
                interval_s=self.counted_s,
            )
        )
        return present

    def _delta(self, before: Counters | None, present: Counters, pair: str, interval_s: float) -> int | None:
        current = getattr(present, pair)
        if before is None or current is None:
            return None
        previous = getattr(before, pair)
        if previous is not None and 0 <= current - previous <= self._plausible:
            return int(current - previous)
        return counter_delta(previous, current, uptime_s=self._uptime_s, interval_s=interval_s)

    def _view(self, name: str, item: InterfaceReport) -> InterfaceView:
        mtu = self._read.number(item.actual_mtu)
        return InterfaceView(
            name=name,
            type=shown_text(item.type, 40),
            mac_address=shown_text(item.mac_address, 32),
            mtu=round(mtu) if mtu is not None else None,
            running=self._read.flag(item.running),
            disabled=self._read.flag(item.disabled),
            comment=shown_text(item.comment, 500),
            last_link_up_at=shown_text(item.last_link_up_time, 40),
        )

    def _document(self, views: list[InterfaceView]) -> None:
        """What changes seldom is written only when it did; the counters are with the state."""
        body = msgspec.json.encode(views)
        mark = hash_of(body)
        if mark != self._state.detail.interfaces_mark:
            self._state.detail.interfaces_mark = mark
            self.documents.append(Document(self._state.device_id, self._state.org_id, "interfaces", body))


def hash_of(body: bytes) -> str:
    """A short mark of exactly these bytes."""
    return blake2b(body, digest_size=8).hexdigest()
