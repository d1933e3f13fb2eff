"""What callers ask of telemetry, and what they get: values without any wire form."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from tikfleet.domains.telemetry.grids import Value
from tikfleet.domains.telemetry.metrics import Aggregation
from tikfleet.domains.telemetry.windows import Plan, Window
from tikfleet.kernel.ids import DeviceId, SiteId
from tikfleet.kernel.scopes import OrgScope

TopBy = Literal["device", "interface", "site"]
BreakdownBy = Literal["version", "model", "architecture", "board"]


class Labels(Protocol):
    """Names for ids, as people know them. What has no name any more is left out."""

    async def devices(self, scope: OrgScope, ids: Sequence[DeviceId]) -> Mapping[DeviceId, str]: ...

    async def sites(self, scope: OrgScope, ids: Sequence[SiteId]) -> Mapping[SiteId, str]: ...


class SeriesQuestion(msgspec.Struct, frozen=True):
    """Metrics over time: of each of some devices, of one interface of each, or of the whole fleet (no devices)."""

    metrics: tuple[str, ...]
    window: Window
    points: int = 300
    devices: tuple[str, ...] = ()
    interface: str = ""
    aggregation: Aggregation = "avg"


class Series(msgspec.Struct, frozen=True):
    """One metric of one device, interface or fleet: a value for each step of the answer's plan."""

    metric: str
    unit: str
    device_id: str | None
    interface: str | None
    values: Sequence[Value]


class SeriesAnswer(msgspec.Struct, frozen=True):
    """Series on one grid, and what they cost."""

    plan: Plan
    series: Sequence[Series]
    elapsed_ms: float
    rows_read: int


class Leader(msgspec.Struct, frozen=True):
    """One of the top: its id (device, site, or `device/interface`), its figure, and its course."""

    key: str
    label: str
    device_id: str | None
    interface: str | None
    value: float
    sparkline: Sequence[Value]


class Top(msgspec.Struct, frozen=True):
    """The leaders of a metric, first one first."""

    unit: str
    items: Sequence[Leader]
    elapsed_ms: float


class Totals(msgspec.Struct, frozen=True):
    """The fleet in figures. `cpu_count` counts the cores of the devices that reported."""

    checkins: int
    devices: int
    cpu_count: int
    rx_bytes: int
    tx_bytes: int
    elapsed_ms: float
    rows_read: int
    resolution: str


class Portion(msgspec.Struct, frozen=True):
    """How many devices last reported this."""

    key: str
    count: int
    share_percent: float
