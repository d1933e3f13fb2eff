"""What a device looked like when it was last heard of, and what news came of it. Values without I/O."""

from typing import Any, Final, Literal

import msgspec

from tikfleet.kernel.ids import DeviceId, OrganisationId, SiteId

Status = Literal["online", "offline", "pending", "never", "removing"]
# What stands in the state of a device that has left, so that counting needs no look at the device itself.
REMOVED: Final = "removed"

EVENT_KINDS: Final = (
    "device.enrolled",
    "device.pending",
    "device.approved",
    "device.rejected",
    "device.online",
    "device.offline",
    "device.rebooted",
    "device.version-changed",
    "device.address-changed",
    "device.identity-changed",
    "device.change-undone",
    "device.enrolment-warning",
    "device.removed",
)


class Counters(msgspec.Struct, array_like=True):
    """One interface's counters as last reported, kept to make the next difference. Bytes, packets, counts."""

    rx_bytes: int | None = None
    tx_bytes: int | None = None
    rx_packets: int | None = None
    tx_packets: int | None = None
    rx_errors: int | None = None
    tx_errors: int | None = None
    rx_drops: int | None = None
    tx_drops: int | None = None
    link_downs: int | None = None
    rx_bps: float | None = None
    tx_bps: float | None = None


class CounterBook(msgspec.Struct, array_like=True):
    """All counters of a device and when they were read: server time and the router's own uptime."""

    read_at_ms: int = 0
    uptime_s: float = 0.0
    interfaces: dict[str, Counters] = {}


class Lte(msgspec.Struct):
    """The cellular link. Levels in dBm (rssi, rsrp) and dB (rsrq, sinr)."""

    interface: str = ""
    registration_status: str = ""
    operator: str = ""
    technology: str = ""
    band: str = ""
    rssi_dbm: float | None = None
    rsrp_dbm: float | None = None
    rsrq_db: float | None = None
    sinr_db: float | None = None


class Reading(msgspec.Struct):
    """One health sensor: a number with its unit, or a word (`ok`, `fail`)."""

    name: str
    value: float | str
    unit: str = ""


class BootMark(msgspec.Struct, array_like=True):
    """A boot before the present one: its highest sequence number, and which of the 62 up to it were seen."""

    boot_id: str
    seq: int
    window: int


class Detail(msgspec.Struct):
    """The slower part of a device's last state."""

    cpu: str = ""
    cpu_count: int | None = None
    cpu_frequency_mhz: int | None = None
    memory_total_bytes: int | None = None
    memory_free_bytes: int | None = None
    disk_total_bytes: int | None = None
    disk_free_bytes: int | None = None
    serial: str = ""
    software_id: str = ""
    license_level: str = ""
    factory_firmware: str = ""
    upgrade_firmware: str = ""
    device_mode: str = ""
    wireless_clients: int | None = None
    dhcp_leases: int | None = None
    ppp_active: int | None = None
    voltage_v: float | None = None
    router_time: str = ""
    lte: Lte | None = None
    health: list[Reading] = []
    past_boots: list[BootMark] = []
    interfaces_mark: str = ""


class DeviceState(msgspec.Struct):
    """The last state of one device: what `device_state` holds."""

    device_id: DeviceId
    org_id: OrganisationId
    name: str = ""
    named_by_person: bool = False
    site_id: SiteId | None = None
    status: Status = "never"
    status_since: str = ""
    last_seen_ms: int | None = None
    offline_at_ms: int | None = None
    interval_s: int = 60
    boot_id: str = ""
    boot_at: str | None = None
    seq: int = 0
    seen_window: int = 0
    last_address: str = ""
    wan_address: str = ""
    identity: str = ""
    board: str = ""
    model: str = ""
    architecture: str = ""
    version: str = ""
    firmware: str = ""
    agent_tier: str = ""
    agent_version: str = ""
    uptime_s: float | None = None
    cpu_load: float | None = None
    memory_used_percent: float | None = None
    disk_used_percent: float | None = None
    temperature_c: float | None = None
    clients: int | None = None
    rx_bps: float | None = None
    tx_bps: float | None = None
    inventory_tag: str = ""
    neighbors_tag: str = ""
    detail: Detail = msgspec.field(default_factory=Detail)
    counters: CounterBook = msgspec.field(default_factory=CounterBook)


class Document(msgspec.Struct, frozen=True):
    """A table that a device reported, as JSON bytes: `interfaces`, `wireless` or `neighbors`."""

    device_id: DeviceId
    org_id: OrganisationId
    kind: str
    body: bytes


class DeviceEvent(msgspec.Struct, frozen=True):
    """Something that happened to a device. `text` is one sentence for people."""

    id: str
    at: str
    kind: str
    org_id: OrganisationId
    device_id: DeviceId
    device_name: str
    site_id: SiteId | None
    text: str
    data: dict[str, Any] = {}


class StateBatch(msgspec.Struct, frozen=True):
    """What one stretch of the inbox made of the fleet: all of it happens together, and once."""

    consumer: str
    position: int
    states: list[DeviceState] = []
    documents: list[Document] = []
    events: list[DeviceEvent] = []


def shown_name(name: str, identity: str, device_id: str) -> str:
    """What people see: the name a person gave, else the router's identity, else the id."""
    return name or identity or device_id


def copy_of(state: DeviceState) -> DeviceState:
    """A state to work on: what a report changes in place is the copy's own, the rest is shared."""
    past_boots = [msgspec.structs.replace(mark) for mark in state.detail.past_boots]
    return msgspec.structs.replace(state, detail=msgspec.structs.replace(state.detail, past_boots=past_boots))
