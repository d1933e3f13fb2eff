"""The report of a router (docs/protocol.md) as a typed value, and the plan that the server gives it."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tikfleet.domains.enrolment.public import Inventory
from tikfleet.kernel.wireforms import Reader

# What is larger than 64 bits hold is no value of a router.
Value = str | Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | float | bool | None
Short = Annotated[str, Meta(max_length=256)]
# Ids of routers go into the database as they come: no control characters, NUL least of all.
Token = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")]
Boot = Annotated[str, Meta(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)")]
Sequence = Annotated[int, Meta(ge=1, le=2**53)]

TABLES: Final = frozenset({"interfaces", "health", "wireless", "neighbors", "errors"})
MAX_BODY: Final = 65_536


class InterfaceReport(msgspec.Struct, rename="kebab"):
    """One row of `interfaces`, with RouterOS's own names."""

    name: Short
    type: Short = ""
    mac_address: Short = ""
    actual_mtu: Value = None
    running: Value = None
    disabled: Value = None
    comment: str = ""
    link_downs: Value = None
    last_link_up_time: Short = ""
    rx_byte: Value = None
    tx_byte: Value = None
    rx_packet: Value = None
    tx_packet: Value = None
    rx_error: Value = None
    tx_error: Value = None
    rx_drop: Value = None
    tx_drop: Value = None


class HealthReport(msgspec.Struct, rename="kebab"):
    """One row of `health`."""

    name: Short
    value: Value = None
    type: Short = ""


class WirelessReport(msgspec.Struct, rename="kebab"):
    """One row of `wireless`."""

    interface: Short = ""
    mac_address: Short = ""
    ssid: str = ""
    signal: Value = None
    tx_rate: Value = None
    rx_rate: Value = None
    uptime: Value = None
    source: Short = ""


class NeighborReport(msgspec.Struct, rename="kebab"):
    """One row of `neighbors`."""

    interface: Short = ""
    address: Short = ""
    mac_address: Short = ""
    identity: str = ""
    platform: Short = ""
    version: Short = ""
    board: Short = ""
    discovered_by: Short = ""


class LteReport(msgspec.Struct, rename="kebab"):
    """The group `lte`."""

    interface: Short = ""
    registration_status: Short = ""
    current_operator: Short = ""
    access_technology: Short = ""
    rssi: Value = None
    rsrp: Value = None
    rsrq: Value = None
    sinr: Value = None
    primary_band: Short = ""


class JobReport(msgspec.Struct):
    """The group `job`: the last job that the router has on record and no answer for."""

    id: Token
    state: Short = ""
    error: str = ""


class SectionError(msgspec.Struct):
    """A section that the agent could not read."""

    section: Short = ""
    error: str = ""


class Tags(msgspec.Struct):
    """The tags of what the router believes that the server has."""

    inventory: Short = ""
    neighbors: Short = ""


class Report(msgspec.Struct, rename="kebab"):
    """One check-in as it came."""

    boot: Token
    seq: Sequence
    uptime: Value
    v: int = 1
    agent: Short = ""
    time: Short = ""
    plan: Short = ""
    cpu_load: Value = None
    free_memory: Value = None
    free_hdd_space: Value = None
    tags: Tags | None = None
    inventory: Inventory | None = None
    interfaces: list[InterfaceReport] | None = None
    health: list[HealthReport] | None = None
    wireless: list[WirelessReport] | None = None
    dhcp_leases: Value = None
    ppp_active: Value = None
    lte: LteReport | None = None
    wan_address: Short = ""
    neighbors: list[NeighborReport] | None = None
    job: JobReport | None = None
    errors: list[SectionError] = []


class Started(msgspec.Struct):
    """The body of `POST /agent/v1/jobs/{id}/started`."""

    boot: Boot = ""


class Outcome(msgspec.Struct):
    """The body of `POST /agent/v1/jobs/{id}/result`."""

    state: Short
    error: str = ""
    output: str = ""
    boot: Short = ""
    truncated: Value = None
    parts: Annotated[int, Meta(ge=0, le=10_000)] = 0


class LiveReport(msgspec.Struct):
    """The body of `POST /agent/v1/live`: how long the router waits (s), and its answer to the question `id`."""

    boot: Boot = ""
    hold: Annotated[int, Meta(ge=0, le=3_600)] = 0
    id: Annotated[str, Meta(max_length=64)] = ""
    result: str = ""
    error: str = ""


REPORTS: Final = Reader(Report, TABLES)
STARTED: Final = Reader(Started, frozenset())
OUTCOMES: Final = Reader(Outcome, frozenset())
LIVE_REPORTS: Final = Reader(LiveReport, frozenset())


class Plan(msgspec.Struct, frozen=True):
    """How often a router reports, and each section with it: every N check-ins."""

    tag: str
    interval: int
    interfaces: int = 1
    health: int = 1
    wireless: int = 1
    counts: int = 1
    lte: int = 1
    wan: int = 5
    neighbors: int = 10
    inventory: int = 10


def plan_for(interval_s: int) -> Plan:
    """The plan of a router at this pace: what is slow or large about every ten minutes, the rest each time."""
    seldom = max(1, round(600 / interval_s))
    return Plan(f"p1-{interval_s}", interval_s, wan=max(1, seldom // 2), neighbors=seldom, inventory=seldom)
