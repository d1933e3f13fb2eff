"""A report in the terms of the platform: the device's last state, rows of history, and what happened."""

import math
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from tikfleet.domains.checkin.model import HealthReport, Report, WirelessReport
from tikfleet.domains.checkin.readings import Readings, shown_text, used_percent
from tikfleet.domains.checkin.service import tag_of
from tikfleet.domains.checkin.traffic import Traffic
from tikfleet.domains.inventory.public import (
    DeviceEvent,
    DeviceState,
    Document,
    Lte,
    NeighborView,
    Reading,
    WirelessClientView,
    shown_name,
)
from tikfleet.domains.telemetry.public import CheckinRow, HealthRow, TelemetryRows, WirelessRow
from tikfleet.kernel.clock import to_text
from tikfleet.kernel.ids import new_id

_TENFOLD_BEFORE: Final = 6
_MAX_WIRELESS: Final = 2000
_MAX_NEIGHBORS: Final = 500
_MAX_CLIENTS: Final = 2**31 - 1


class Translation:
    """One report of one device. Changes the state it is given; collects rows, documents and events."""

    def __init__(self, state: DeviceState, report: Report, received_at_ms: int, readings: Readings) -> None:
        self.state = state
        self.report = report
        self.received_at_ms = received_at_ms
        self.read = readings
        self.at = to_text(datetime.fromtimestamp(received_at_ms / 1000, UTC))
        self.cpu_load = readings.percent(report.cpu_load)
        self.memory_free_bytes = readings.count(report.free_memory)
        self.disk_free_bytes = readings.count(report.free_hdd_space)
        self.uptime_s = max(0.0, readings.duration_s(report.uptime) or 0.0)
        self.documents: list[Document] = []
        self.events: list[DeviceEvent] = []

    def apply(self, rows: TelemetryRows, *, newest: bool, missed: int) -> None:
        """Bring state and history up to date. A late report adds its row and changes nothing else."""
        traffic = Traffic(self.state, self.report, self.received_at_ms, self.uptime_s, self.read)
        if newest:
            self._vitals()
            self._inventory()
            traffic.apply()
            self._wireless(rows)
            self._neighbors()
            self._health(rows)
            self._places()
        rows.interfaces += traffic.rows
        self.documents += traffic.documents
        rows.checkins.append(self._row(traffic, missed))

    def event(self, kind: str, text: str, **data: Any) -> None:
        """Something happened to the device just now."""
        state = self.state
        name = shown_name(state.name, state.identity, state.device_id)
        self.events.append(
            DeviceEvent(
                new_id("evt"), self.at, kind, state.org_id, state.device_id, name, state.site_id, f"{name} {text}", data
            )
        )

    def document(self, kind: str, views: list[Any]) -> None:
        """A table of the device for people to look at."""
        self.documents.append(Document(self.state.device_id, self.state.org_id, kind, msgspec.json.encode(views)))

    def _vitals(self) -> None:
        state, detail, report, read = self.state, self.state.detail, self.report, self.read
        state.uptime_s = self.uptime_s
        state.boot_at = to_text(datetime.fromtimestamp(self.received_at_ms / 1000 - self.uptime_s, UTC))
        agent, _, tier = report.agent.partition("/")
        state.agent_version = shown_text(agent, 40)
        state.agent_tier = shown_text(tier, 2) or state.agent_tier
        state.cpu_load = self.cpu_load
        detail.router_time = report.time
        detail.memory_free_bytes = self.memory_free_bytes
        detail.disk_free_bytes = self.disk_free_bytes
        for name in ("dhcp_leases", "ppp_active"):
            value = getattr(report, name)
            if value is not None:
                setattr(detail, name, read.count(value))
        if (lte := report.lte) is not None:
            detail.lte = Lte(
                lte.interface,
                shown_text(lte.registration_status, 60),
                shown_text(lte.current_operator, 60),
                shown_text(lte.access_technology, 60),
                shown_text(lte.primary_band, 80),
                read.number(lte.rssi),
                read.number(lte.rsrp),
                read.number(lte.rsrq),
                read.number(lte.sinr),
            )

    def _inventory(self) -> None:
        state, detail, found, read = self.state, self.state.detail, self.report.inventory, self.read
        if found is not None:
            version = shown_text(found.version.partition(" ")[0], 40)
            if state.version and version and version != state.version:
                self.event("device.version-changed", f"runs RouterOS {version}, {state.version} before",
                           before=state.version, after=version)  # fmt: skip
            identity = shown_text(found.identity, 200)
            if state.identity and identity != state.identity:
                self.event(
                    "device.identity-changed", f"is called {identity} now", before=state.identity, after=identity
                )
            state.identity = identity
            state.version = version or state.version
            state.board = shown_text(found.board_name, 100)
            state.model = shown_text(found.model or found.board_name, 100)
            state.architecture = shown_text(found.architecture_name, 40)
            state.firmware = shown_text(found.current_firmware, 40)
            state.inventory_tag = tag_of(found)
            detail.cpu = shown_text(found.cpu, 60)
            detail.cpu_count = _small(read.number(found.cpu_count))
            detail.cpu_frequency_mhz = _small(read.number(found.cpu_frequency))
            detail.memory_total_bytes = read.count(found.total_memory)
            detail.disk_total_bytes = read.count(found.total_hdd_space)
            detail.serial = shown_text(found.serial_number, 100)
            detail.software_id = shown_text(found.software_id, 40)
            detail.license_level = shown_text(str(found.license_level or ""), 20)
            detail.factory_firmware = shown_text(found.factory_firmware, 40)
            detail.upgrade_firmware = shown_text(found.upgrade_firmware, 40)
            detail.device_mode = shown_text(found.device_mode, 20)
        state.memory_used_percent = used_percent(detail.memory_total_bytes, detail.memory_free_bytes)
        state.disk_used_percent = used_percent(detail.disk_total_bytes, detail.disk_free_bytes)

    def _wireless(self, rows: TelemetryRows) -> None:
        found = self.report.wireless
        if found is not None:
            self.state.detail.wireless_clients = len(found)
            views = [self._client(item) for item in found[:_MAX_WIRELESS]]
            self.document("wireless", views)
            rows.wireless += [self._client_row(view, item) for view, item in zip(views, found, strict=False)]
        counts = (self.state.detail.wireless_clients, self.state.detail.dhcp_leases)
        known = [count for count in counts if count is not None]
        self.state.clients = min(max(known), _MAX_CLIENTS) if known else None

    def _client(self, item: WirelessReport) -> WirelessClientView:
        read = self.read
        return WirelessClientView(
            interface=shown_text(item.interface, 64),
            mac_address=shown_text(item.mac_address, 32),
            ssid=shown_text(item.ssid, 64),
            signal_dbm=read.signal_dbm(item.signal),
            tx_rate_bps=read.rate_bps(item.tx_rate),
            rx_rate_bps=read.rate_bps(item.rx_rate),
            uptime_s=read.duration_s(item.uptime),
        )

    def _client_row(self, view: WirelessClientView, item: WirelessReport) -> WirelessRow:
        return WirelessRow(
            self.state.org_id,
            self.state.device_id,
            self.received_at_ms,
            view.interface,
            view.mac_address,
            view.ssid,
            _small(view.signal_dbm),
            _small(view.tx_rate_bps),
            _small(view.rx_rate_bps),
            _small(view.uptime_s),
            shown_text(item.source, 16),
        )

    def _neighbors(self) -> None:
        found = self.report.neighbors
        if found is None:
            return
        self.state.neighbors_tag = tag_of(found)
        views = [
            NeighborView(
                interface=shown_text(item.interface, 64),
                address=shown_text(item.address, 64),
                mac_address=shown_text(item.mac_address, 32),
                identity=shown_text(item.identity, 200),
                platform=shown_text(item.platform, 60),
                board=shown_text(item.board, 60),
                version=shown_text(item.version, 120),
                discovered_by=shown_text(item.discovered_by, 40),
            )
            for item in found[:_MAX_NEIGHBORS]
        ]
        self.document("neighbors", views)

    def _health(self, rows: TelemetryRows) -> None:
        if self.report.health is None:
            return
        detail = self.state.detail
        detail.health = [self._reading(item) for item in self.report.health[:64]]
        for reading in detail.health:
            if isinstance(reading.value, float):
                row = HealthRow(self.state.org_id, self.state.device_id, self.received_at_ms, reading.name,
                                reading.value, reading.unit)  # fmt: skip
                rows.health.append(row)
        self.state.temperature_c = _first(detail.health, ("temperature", "cpu-temperature", "board-temperature1"))
        detail.voltage_v = _first(detail.health, ("voltage", "psu1-voltage"))

    def _reading(self, item: HealthReport) -> Reading:
        name = shown_text(item.name, 60)
        text = shown_text(str(item.value if item.value is not None else ""), 40)
        try:
            value = float(text)
        except ValueError:
            return Reading(name, text)
        if not math.isfinite(value):
            return Reading(name, text)
        # RouterOS 6 gives scripts voltages and temperatures times ten (REFERENCE §9), and no unit.
        if (
            not item.type
            and self.state.version.startswith(f"{_TENFOLD_BEFORE}.")
            and name in {"voltage", "temperature"}
        ):
            value /= 10
        return Reading(
            name, value, shown_text(item.type, 8) or {"voltage": "V"}.get(name, "C" if "temp" in name else "")
        )

    def _places(self) -> None:
        state = self.state
        wan = shown_text(self.report.wan_address, 64)
        if wan:
            if state.wan_address and wan != state.wan_address:
                self.event("device.address-changed", f"has the address {wan}, {state.wan_address} before",
                           before=state.wan_address, after=wan)  # fmt: skip
            state.wan_address = wan

    def _row(self, traffic: Traffic, missed: int) -> CheckinRow:
        state, detail, report = self.state, self.state.detail, self.report
        memory = _share(detail.memory_total_bytes, self.memory_free_bytes)
        disk = _share(detail.disk_total_bytes, self.disk_free_bytes)
        return CheckinRow(
            org_id=state.org_id,
            device_id=state.device_id,
            site_id=state.site_id or "",
            received_at=self.received_at_ms,
            boot_id=report.boot,
            seq=report.seq,
            uptime_s=int(self.uptime_s),
            clock_offset_s=self._clock_offset_s(),
            cpu_count=detail.cpu_count or 0,
            cpu_load=_small(self.cpu_load),
            cpu_frequency_mhz=detail.cpu_frequency_mhz,
            memory_total_bytes=memory[0],
            memory_free_bytes=memory[1],
            disk_total_bytes=disk[0],
            disk_free_bytes=disk[1],
            version=state.version,
            board=state.board,
            model=state.model,
            architecture=state.architecture,
            temperature_c=state.temperature_c,
            voltage_v=detail.voltage_v,
            wireless_clients=detail.wireless_clients,
            dhcp_leases=detail.dhcp_leases,
            ppp_active=detail.ppp_active,
            interfaces_total=traffic.total,
            interfaces_running=traffic.running,
            rx_bytes_delta=traffic.rx_delta,
            tx_bytes_delta=traffic.tx_delta,
            interval_s=traffic.counted_s,
            lte_rsrp_dbm=_small(detail.lte.rsrp_dbm) if detail.lte else None,
            missed=missed,
        )

    def _clock_offset_s(self) -> int | None:
        server = datetime.fromtimestamp(self.received_at_ms / 1000, UTC).replace(tzinfo=None)
        shown = self.read.moment(self.report.time, server)
        return round((shown.replace(tzinfo=None) - server).total_seconds()) if shown else None


def _share(total: int | None, free: int | None) -> tuple[int, int]:
    """Both or neither, as 0: one without the other would be drawn as full, or as below 0."""
    return (total, free) if total and free is not None else (0, 0)


def _small(value: float | None) -> int | None:
    return None if value is None else round(value)


def _first(readings: list[Reading], names: tuple[str, ...]) -> float | None:
    for name in names:
        for reading in readings:
            if reading.name == name and isinstance(reading.value, float):
                return reading.value
    return None
