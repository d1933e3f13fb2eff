"""The wire types of sites, devices and events."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from tikfleet.domains.inventory.model import Lte, Reading, Status

# A name is printable text that does not begin with a space; `(?!\n)` because Python's `$` forgives a last newline.
NAME: Final = r"^[^\x00-\x20\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$(?!\n)"
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=NAME, examples=["Riga, Brīvības iela"])]
Note = Annotated[str, Meta(max_length=10_000, pattern=r"^[^\x00]*$", examples=["Spare key at the front desk."])]
Tag = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:/@-]*$(?!\n)", examples=["baltics"])
]
Tags = Annotated[list[Tag], Meta(max_length=32)]
Latitude = Annotated[float, Meta(ge=-90, le=90, examples=[56.954])]
Longitude = Annotated[float, Meta(ge=-180, le=180, examples=[24.113])]
SiteIdText = Annotated[str, Meta(pattern=r"^sit_[0-9a-z]{16}$(?!\n)", examples=["sit_01m3k5x0v7q2a9bc"])]
GroupIdText = Annotated[str, Meta(pattern=r"^grp_[0-9a-z]{16}$(?!\n)", examples=["grp_01m3k5x0v7q2a9bc"])]


class SiteGroup(msgspec.Struct, frozen=True):
    """Sites that belong together, such as a region or a customer."""

    id: str
    name: str
    site_count: int


class SiteGroupWrite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Name


class Site(msgspec.Struct, frozen=True):
    """A place that routers serve."""

    id: str
    name: str
    site_group_id: str | None
    address: str
    latitude: float | None
    longitude: float | None
    tags: list[str]
    notes: str
    device_count: int
    online_count: int
    created_at: str


class SiteCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new site. A place on the map needs both latitude and longitude, in degrees."""

    name: Name
    site_group_id: GroupIdText | None = None
    address: Note = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    tags: Tags = []
    notes: Note = ""


class SitePatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a site; what is left out stays."""

    name: Name | UnsetType = UNSET
    site_group_id: GroupIdText | None | UnsetType = UNSET
    address: Note | UnsetType = UNSET
    latitude: Latitude | None | UnsetType = UNSET
    longitude: Longitude | None | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    notes: Note | UnsetType = UNSET


class SiteRef(msgspec.Struct, frozen=True):
    id: str
    name: str


class DeviceSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One router in a list. Sizes in bytes, rates in bits per second, loads in percent."""

    id: str
    name: str
    identity: str
    status: Status
    status_since: str
    serial: str
    board: str
    model: str
    architecture: str
    version: str
    firmware: str
    site: SiteRef | None
    tags: list[str]
    wan_address: str
    last_address: str
    last_seen_at: str | None
    uptime_s: float | None
    cpu_load: float | None
    memory_used_percent: float | None
    disk_used_percent: float | None
    temperature_c: float | None
    clients: int | None
    rx_bps: float | None
    tx_bps: float | None
    agent_tier: str
    agent_version: str
    warning_count: int
    enrolled_at: str


class Finding(msgspec.Struct, frozen=True):
    """Something that stands in the way on a router, and how to clear it. `severity`: info, warning or blocking."""

    code: str
    severity: str
    text: str
    remedy: str = ""


class DeviceDetail(DeviceSummary, frozen=True, kw_only=True):
    """One router in full."""

    notes: str
    cpu: str
    cpu_count: int | None
    cpu_frequency_mhz: int | None
    memory_total_bytes: int | None
    memory_free_bytes: int | None
    disk_total_bytes: int | None
    disk_free_bytes: int | None
    license_level: str
    software_id: str
    factory_firmware: str
    upgrade_firmware: str
    device_mode: str
    wireless_clients: int | None
    dhcp_leases: int | None
    ppp_active: int | None
    lte: Lte | None
    health: list[Reading]
    router_time: str
    next_checkin_at: str | None
    interval_s: int
    boot_at: str | None
    enrolment_key_id: str
    findings: list[Finding]
    missed_checkins: int


class DevicePatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a device; what is left out stays. An empty name shows the router's own identity again."""

    name: Annotated[str, Meta(max_length=200, pattern=rf"^$(?!\n)|{NAME}", examples=["branch-042"])] | UnsetType = UNSET
    site_id: SiteIdText | None | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    notes: Note | UnsetType = UNSET


class Facet(msgspec.Struct, frozen=True):
    """How many devices share a value. `label` is the value as people read it."""

    key: str
    count: int
    label: str = ""


class Facets(msgspec.Struct, frozen=True):
    """The fleet broken down by each filter."""

    status: list[Facet]
    model: list[Facet]
    version: list[Facet]
    architecture: list[Facet]
    site: list[Facet]
    tag: list[Facet]
    total: int


class InterfaceView(msgspec.Struct, kw_only=True):
    """One interface as last reported. Rates are over the time between the last two reports."""

    name: str
    type: str = ""
    mac_address: str = ""
    mtu: int | None = None
    running: bool | None = None
    disabled: bool | None = None
    comment: str = ""
    last_link_up_at: str = ""
    link_downs: int | None = None
    rx_bytes: int | None = None
    tx_bytes: int | None = None
    rx_bps: float | None = None
    tx_bps: float | None = None
    rx_errors: int | None = None
    tx_errors: int | None = None
    rx_drops: int | None = None
    tx_drops: int | None = None
    updated_at: str = ""


class WirelessClientView(msgspec.Struct, kw_only=True):
    """One wireless client as last reported."""

    interface: str
    mac_address: str
    ssid: str = ""
    signal_dbm: float | None = None
    tx_rate_bps: float | None = None
    rx_rate_bps: float | None = None
    uptime_s: float | None = None
    updated_at: str = ""


class NeighborView(msgspec.Struct, kw_only=True):
    """A neighbour that the router heard by MNDP, CDP or LLDP."""

    interface: str = ""
    address: str = ""
    mac_address: str = ""
    identity: str = ""
    platform: str = ""
    board: str = ""
    version: str = ""
    discovered_by: str = ""


class EventView(msgspec.Struct, frozen=True):
    """Something that happened to a device."""

    id: str
    at: str
    kind: str
    device_id: str
    device_name: str
    site_id: str | None
    text: str
    data: dict[str, Any]
