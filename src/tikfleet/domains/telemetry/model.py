"""What one report becomes: rows of facts, and the arithmetic of counters."""

from typing import Final

import msgspec

from tikfleet.kernel.ids import DeviceId, OrganisationId, SiteId

_WRAP: Final = 2**32
_FASTEST_BYTES_PER_S: Final = 12.5e9
_JITTER_S: Final = 10.0


class CheckinRow(msgspec.Struct, frozen=True, array_like=True):
    """One check-in of one device. None means that the report did not say.

    `received_at` is server time in ms; `clock_offset_s` is the router's clock minus the server's. The traffic deltas
    and `interval_s` are of all counted interfaces together, since the report before (0 where none is known).
    `missed` counts the reports that this one shows to be lost.
    """

    org_id: OrganisationId
    device_id: DeviceId
    site_id: SiteId | str
    received_at: int
    boot_id: str
    seq: int
    uptime_s: int
    clock_offset_s: int | None = None
    cpu_count: int = 0
    cpu_load: int | None = None
    cpu_frequency_mhz: int | None = None
    memory_total_bytes: int = 0
    memory_free_bytes: int = 0
    disk_total_bytes: int = 0
    disk_free_bytes: int = 0
    version: str = ""
    board: str = ""
    model: str = ""
    architecture: str = ""
    temperature_c: float | None = None
    voltage_v: float | None = None
    wireless_clients: int | None = None
    dhcp_leases: int | None = None
    ppp_active: int | None = None
    interfaces_total: int | None = None
    interfaces_running: int | None = None
    rx_bytes_delta: int | None = None
    tx_bytes_delta: int | None = None
    interval_s: float = 0.0
    lte_rsrp_dbm: int | None = None
    missed: int = 0


class InterfaceRow(msgspec.Struct, frozen=True, array_like=True):
    """The counters of one interface, and what they grew by over `interval_s` (None where `counter_delta` gave None)."""

    org_id: OrganisationId
    device_id: DeviceId
    received_at: int
    interface: str
    type: str
    running: bool
    rx_bytes: int
    tx_bytes: int
    rx_bytes_delta: int | None = None
    tx_bytes_delta: int | None = None
    rx_packets_delta: int | None = None
    tx_packets_delta: int | None = None
    rx_errors_delta: int | None = None
    tx_errors_delta: int | None = None
    rx_drops_delta: int | None = None
    tx_drops_delta: int | None = None
    link_downs: int = 0
    interval_s: float = 0.0


class HealthRow(msgspec.Struct, frozen=True, array_like=True):
    """One sensor: its name and unit as the router writes them (`temperature`, `C`)."""

    org_id: OrganisationId
    device_id: DeviceId
    received_at: int
    name: str
    value: float
    unit: str = ""


class WirelessRow(msgspec.Struct, frozen=True, array_like=True):
    """One wireless client of one device, seen at a moment. `source`: `wireless`, `wifi` or `capsman`."""

    org_id: OrganisationId
    device_id: DeviceId
    received_at: int
    interface: str
    mac_address: str
    ssid: str = ""
    signal_dbm: int | None = None
    tx_rate_bps: int | None = None
    rx_rate_bps: int | None = None
    uptime_s: int | None = None
    source: str = ""


def counter_delta(
    previous: int | None,
    current: int,
    *,
    uptime_s: float,
    interval_s: float,
    rebooted: bool = False,
    most_per_s: float = _FASTEST_BYTES_PER_S,
) -> int | None:
    """What a counter grew by since `previous`, `interval_s` ago; None where nothing true can be said.

    After a reboot (another boot id, or an uptime shorter than the interval) it began again at 0, so what it shows is
    what it grew by, over `counted_s`. A counter that fell without a reboot either wrapped at 2^32 (old boards and
    drivers: it stood in the upper half and is in the lower now) or was reset by hand. More than `most_per_s` is no
    growth but nonsense.
    """
    if previous is None or interval_s <= 0 or current < 0:
        return None
    if rebooted or uptime_s < interval_s - _JITTER_S or (uptime_s < interval_s and current < previous):
        grown = current
    elif current >= previous:
        grown = current - previous
    elif _wrapped(previous, current):
        grown = current + _WRAP - previous
    else:
        grown = current
    most = most_per_s * (counted_s(uptime_s, interval_s) + _JITTER_S)
    return grown if grown <= most else None


def counted_s(uptime_s: float, interval_s: float) -> float:
    """The time over which a delta was counted, hence the `interval_s` of a row: since the last report or the boot."""
    return max(0.0, min(uptime_s, interval_s))


def _wrapped(previous: int, current: int) -> bool:
    half = _WRAP // 2
    return half <= previous < _WRAP and current < half and current + _WRAP - previous < half
