"""From the buffer of lines to the warehouse, each once; and what they say happened becomes events of the device."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import structlog

from tikfleet.domains.inventory.public import (
    DeviceEvent,
    DeviceStates,
    Sender,
    StateBatch,
    StretchConsumer,
    Taking,
    news_of,
    shown_name,
)
from tikfleet.domains.logs.facts import LINES
from tikfleet.domains.logs.rows import Happened, LineRows
from tikfleet.kernel.clock import to_text
from tikfleet.kernel.ids import DeviceId, new_id
from tikfleet.ports.bus import Bus
from tikfleet.ports.inbox import Inbox, InboxBatch
from tikfleet.ports.warehouse import Batch, Warehouse
from tikfleet.routeros.syslog.reader import LineReader

NAME: Final = "logs"
_STRETCH: Final = 400
_FEW: Final = 40
# A device that fails to log in a thousand times is one event with a count, and so many kinds at once are news.
_MOST_EVENTS: Final = 20
_log = structlog.get_logger("tikfleet.logs")


class LogConsumer(StretchConsumer):
    """The only reader of the buffer of lines. `stored` counts rows since this process began."""

    def __init__(self, inbox: Inbox, warehouse: Warehouse, states: DeviceStates, bus: Bus) -> None:
        super().__init__(inbox, states, Taking(NAME, _STRETCH, _FEW))
        self._warehouse = warehouse
        self._bus = bus
        self._reader = LineReader()
        self.stored = 0

    def caught_up(self) -> None:
        """Nothing to do."""

    async def process(self, batch: InboxBatch) -> None:
        if batch.damaged:
            _log.error("stored lines are damaged", count=batch.damaged, first=batch.first, last=batch.last)
        ids = sorted({envelope.device_id for envelope in batch.envelopes if envelope.device_id})
        senders = {sender.device_id: sender for sender in await self._states.senders_of(ids)} if ids else {}
        rows = LineRows(self._reader)
        for number, envelope in enumerate(batch.envelopes):
            sender = senders.get(envelope.device_id)
            rows.add(envelope, batch.first + number, sender.site_id if sender else "")
        if len(rows):
            await self._warehouse.append(Batch(f"{NAME}/{batch.first}-{batch.last}", {LINES: rows.columnar()}))
        events = events_of(rows.happened(), senders)
        await self._states.apply(StateBatch(NAME, batch.last, events=events))
        self.stored += len(rows)
        for event in events:
            self._bus.publish(news_of(event))


def events_of(happened: Sequence[Happened], senders: dict[DeviceId, Sender]) -> list[DeviceEvent]:
    """One event for each thing that happened to a device, however often it did in this stretch; some at most."""
    counts: Counter[tuple[str, str, str, str, str, str]] = Counter()
    newest: dict[tuple[str, str, str, str, str, str], Happened] = {}
    for one in happened:
        body = one.body
        subject = one.message if body.action.startswith(("config-", "script-")) else ""
        key = (one.device_id, body.action, body.user, body.address, body.interface, subject[:300])
        counts[key] += 1
        newest[key] = one
    told: Counter[str] = Counter()
    events = []
    for key, one in newest.items():
        sender = senders.get(DeviceId(one.device_id))
        if sender is None or told[one.device_id] >= _MOST_EVENTS:
            continue
        told[one.device_id] += 1
        events.append(_event(one, sender, counts[key]))
    return events


def _event(one: Happened, sender: Sender, count: int) -> DeviceEvent:
    body = one.body
    name = shown_name(sender.name, sender.identity, sender.device_id)
    kind, text = _told(one)
    times = f", {count} times" if count > 1 else ""
    data = {
        name: value
        for name, value in (
            ("user", body.user), ("address", body.address), ("interface", body.interface), ("tool", body.tool),
            ("message", one.message[:500]), ("count", count),
        )
        if value
    }  # fmt: skip
    at = to_text(datetime.fromtimestamp(one.at_ms / 1000, UTC))
    return DeviceEvent(
        new_id("evt"), at, kind, sender.org_id, sender.device_id, name, sender.site_id or None,
        f"{name} {text}{times}", data,
    )  # fmt: skip


def _told(one: Happened) -> tuple[str, str]:
    """The kind of an event and what it says after the device's name."""
    body = one.body
    where = f" from {body.address}" if body.address else ""
    tool = f" by {body.tool}" if body.tool else ""
    match body.action:
        case "login-failure":
            return "device.login-failed", f"refused {body.user or 'somebody'}{where}{tool}"
        case "link-up" | "link-down":
            return "device.link", f"has {body.interface} {body.action.removeprefix('link-')}"
        case "script-error":
            return "device.script-failed", f"could not run a script: {one.message[:200]}"
        case "rebooted":
            return "device.log-rebooted", "says that it was rebooted"
        case _:
            who = body.user or body.tool or "somebody"
            return "device.config-changed", f"was changed by {who}{where}: {one.message[:200]}"
