"""What other domains may use of the inventory."""

from tikfleet.domains.inventory.errors import DeviceNotFound
from tikfleet.domains.inventory.events import Events
from tikfleet.domains.inventory.feed import EventFeed, FedEvent
from tikfleet.domains.inventory.history import DeviceHistory
from tikfleet.domains.inventory.model import (
    BootMark,
    CounterBook,
    Counters,
    Detail,
    DeviceEvent,
    DeviceState,
    Document,
    Lte,
    Reading,
    StateBatch,
    Status,
    copy_of,
    shown_name,
)
from tikfleet.domains.inventory.schemas import (
    NAME,
    DeviceDetail,
    Finding,
    InterfaceView,
    NeighborView,
    SiteIdText,
    Tags,
    WirelessClientView,
)
from tikfleet.domains.inventory.selection import Selection
from tikfleet.domains.inventory.service import Devices, NewDevice, news_of
from tikfleet.domains.inventory.sites import Sites
from tikfleet.domains.inventory.states import DeviceStates, Progress, Sender
from tikfleet.domains.inventory.stretches import StretchConsumer, Taking
from tikfleet.domains.inventory.values import DeviceReader, DeviceValues

__all__ = [
    "NAME",
    "BootMark",
    "CounterBook",
    "Counters",
    "Detail",
    "DeviceDetail",
    "DeviceEvent",
    "DeviceHistory",
    "DeviceNotFound",
    "DeviceReader",
    "DeviceState",
    "DeviceStates",
    "DeviceValues",
    "Devices",
    "Document",
    "EventFeed",
    "Events",
    "FedEvent",
    "Finding",
    "InterfaceView",
    "Lte",
    "NeighborView",
    "NewDevice",
    "Progress",
    "Reading",
    "Selection",
    "Sender",
    "SiteIdText",
    "Sites",
    "StateBatch",
    "Status",
    "StretchConsumer",
    "Tags",
    "Taking",
    "WirelessClientView",
    "copy_of",
    "news_of",
    "shown_name",
]
