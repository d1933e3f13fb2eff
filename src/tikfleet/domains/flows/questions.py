"""What callers ask of traffic, and what they get: values without any wire form."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from tikfleet.domains.flows.plans import Plan
from tikfleet.domains.telemetry.public import Window

By = Literal[
    "organisation", "site", "device", "local_interface", "remote_interface", "service", "talker", "remote",
    "conversation", "country", "network",
]  # fmt: skip
Sort = Literal["total", "up", "down"]

# An address is one host only together with the router behind which it is: private ones are everywhere the same.
KEYS: Final[Mapping[By, tuple[str, ...]]] = {
    "organisation": ("org_id",),
    "site": ("site_id",),
    "device": ("device_id",),
    "local_interface": ("device_id", "local_interface"),
    "remote_interface": ("device_id", "remote_interface"),
    "service": ("service",),
    "talker": ("device_id", "local_address"),
    "remote": ("remote_address",),
    "conversation": ("device_id", "local_address", "remote_address", "service"),
    "country": ("country",),
    "network": ("network",),
}
FILTERS: Final = (
    "device_id", "site_id", "service", "local_address", "remote_address", "local_interface", "remote_interface",
    "country", "network",
)  # fmt: skip


class Only(msgspec.Struct, frozen=True):
    """Traffic of these only; empty is all. Names are columns."""

    device_id: tuple[str, ...] = ()
    site_id: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    local_address: tuple[str, ...] = ()
    remote_address: tuple[str, ...] = ()
    local_interface: tuple[str, ...] = ()
    remote_interface: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    network: tuple[str, ...] = ()


class Volume(msgspec.Struct, frozen=True):
    """What went up from local ends and came down to them."""

    up_bytes: int = 0
    down_bytes: int = 0
    up_packets: int = 0
    down_packets: int = 0

    @property
    def total_bytes(self) -> int:
        return self.up_bytes + self.down_bytes


class Item(msgspec.Struct, frozen=True):
    """One of the top: the values of its keys, what it is called, and how much it was."""

    keys: Mapping[str, str]
    label: str
    volume: Volume
    share_percent: float


class Top(msgspec.Struct, frozen=True):
    """The top ones, the first one first, and what there was in all."""

    plan: Plan
    items: Sequence[Item]
    total: Volume
    elapsed_ms: float
    rows_read: int


class Line(msgspec.Struct, frozen=True):
    """The course of one of the top, or of all the others: bits a second up and down in each step."""

    keys: Mapping[str, str]
    label: str
    up_bps: Sequence[float]
    down_bps: Sequence[float]


class Course(msgspec.Struct, frozen=True):
    """Lines on one grid, the largest first; where there are others, they are the last line."""

    plan: Plan
    lines: Sequence[Line]
    elapsed_ms: float
    rows_read: int


class Percentile(msgspec.Struct, frozen=True):
    """The rate that so many percent of five-minute means stay at or below, in bits a second; steps without are 0."""

    window: Window
    percent: float
    samples: int
    up_bps: float
    down_bps: float
    mean_up_bps: float
    mean_down_bps: float
    elapsed_ms: float
