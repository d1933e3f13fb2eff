"""From the inbox to what people see: history to the warehouse, last state to the database, news to the bus.

Each stretch of the inbox counts once (see `StretchConsumer`).
"""

import asyncio
from typing import Any, Final, Protocol

import msgspec
import structlog

from tikfleet.domains.checkin.counts import Counts
from tikfleet.domains.checkin.model import REPORTS, Report
from tikfleet.domains.checkin.readings import Readings
from tikfleet.domains.checkin.sequence import Arrival, arrival_of
from tikfleet.domains.checkin.translation import Translation
from tikfleet.domains.inventory.public import (
    DeviceState,
    DeviceStates,
    StateBatch,
    StretchConsumer,
    Taking,
    copy_of,
    news_of,
)
from tikfleet.domains.telemetry.public import TelemetryRows, to_batch
from tikfleet.kernel.clock import Clock
from tikfleet.kernel.errors import Unavailable
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.kernel.wireforms import Form, Malformed
from tikfleet.ports.bus import Bus, News
from tikfleet.ports.inbox import Envelope, Inbox, InboxBatch
from tikfleet.ports.warehouse import Warehouse

# What waits is taken together: a stretch costs the engine some 0.1 s of processor time however few rows it brings.
_STRETCH: Final = 8000
_LITTLE: Final = 2000
_TURN: Final = 20
_log = structlog.get_logger("tikfleet.checkin")


class Pace(msgspec.Struct, frozen=True):
    """How many missed reports make a router offline."""

    interval_s: int
    offline_after_missed: int


class Paces(Protocol):
    """The pace of each organisation."""

    async def of(self, org_id: OrganisationId) -> Pace: ...


class Consumer(StretchConsumer):
    """The only reader of the inbox of check-ins."""

    def __init__(
        self,
        inbox: Inbox,
        warehouse: Warehouse,
        states: DeviceStates,
        bus: Bus,
        paces: Paces,
        counts: Counts,
        clock: Clock,
    ) -> None:
        super().__init__(inbox, states, Taking(inbox.name, _STRETCH, _LITTLE))
        self._warehouse = warehouse
        self._bus = bus
        self._paces = paces
        self._counts = counts
        self._clock = clock
        self._readings = Readings(counts)

    def caught_up(self) -> None:
        self._counts.lag_ms = 0

    async def process(self, batch: InboxBatch) -> None:
        states = await self._states.load(sorted({envelope.device_id for envelope in batch.envelopes}))
        rows = TelemetryRows()
        done: dict[DeviceId, DeviceState] = {}
        result = StateBatch(self._taking.name, batch.last)
        if batch.damaged:
            _log.error("stored reports are damaged", count=batch.damaged, first=batch.first, last=batch.last)
            self._counts.set_aside += batch.damaged
        for number, envelope in enumerate(batch.envelopes):
            if number % _TURN == _TURN - 1:
                # Routers and people wait for the same loop.
                await asyncio.sleep(0)
            state = states.get(envelope.device_id)
            if state is not None:
                states[envelope.device_id] = done[envelope.device_id] = await self._guarded(
                    envelope, state, rows, result
                )
        result.states.extend(done.values())
        await self._warehouse.append(to_batch(f"{self._taking.name}/{batch.first}-{batch.last}", rows))
        await self._states.apply(result)
        self._tell(batch, result)

    async def _guarded(
        self, envelope: Envelope, state: DeviceState, rows: TelemetryRows, result: StateBatch
    ) -> DeviceState:
        """The state after one report; the state before it when the report breaks us: then it is set aside whole."""
        lengths = [len(part) for part in _parts(rows)]
        after = copy_of(state)
        try:
            await self._one(envelope, after, rows, result)
        except Unavailable:
            raise
        except Exception:
            _log.exception("a report was set aside", device_id=envelope.device_id)
            self._counts.set_aside += 1
            for part, length in zip(_parts(rows), lengths, strict=True):
                del part[length:]
            return state
        return after

    async def _one(self, envelope: Envelope, state: DeviceState, rows: TelemetryRows, result: StateBatch) -> None:
        try:
            report: Report = REPORTS.read(Form(envelope.content_type), envelope.body)
        except (Malformed, ValueError):
            self._counts.set_aside += 1
            return
        arrival, missed = arrival_of(state, report.boot, report.seq)
        if arrival is Arrival.DUPLICATE:
            self._counts.duplicates += 1
            return
        translation = Translation(state, report, envelope.received_at_ms, self._readings)
        newest = arrival is not Arrival.LATE
        if newest:
            pace = await self._paces.of(state.org_id)
            self._presence(translation, envelope, pace, rebooted=arrival is Arrival.FIRST_OF_BOOT)
        translation.apply(rows, newest=newest, missed=missed)
        self._counts.processed += 1
        result.documents.extend(translation.documents)
        result.events.extend(translation.events)

    def _presence(self, translation: Translation, envelope: Envelope, pace: Pace, *, rebooted: bool) -> None:
        state = translation.state
        if rebooted and state.uptime_s is not None:
            translation.event("device.rebooted", "was rebooted", uptime_s=round(translation.uptime_s))
        if state.status in ("offline", "never"):
            text = "is back" if state.status == "offline" else "reported for the first time"
            translation.event("device.online", text, before=state.status)
            state.status, state.status_since = "online", translation.at
        state.last_seen_ms = envelope.received_at_ms
        state.last_address = envelope.source_address[:64]
        state.interval_s = pace.interval_s
        late_ms = int(pace.interval_s * 1000 * (pace.offline_after_missed + 0.25))
        state.offline_at_ms = envelope.received_at_ms + late_ms

    def _tell(self, batch: InboxBatch, result: StateBatch) -> None:
        for event in result.events:
            self._bus.publish(news_of(event))
        pulses: dict[OrganisationId, int] = {}
        for envelope in batch.envelopes:
            pulses[envelope.org_id] = pulses.get(envelope.org_id, 0) + 1
        now = self._clock()
        for org_id, count in pulses.items():
            self._bus.publish(News("fleet.pulse", org_id, {"at": now.isoformat(), "checkins": count}))
        self._counts.batches += 1
        if batch.envelopes:
            self._counts.lag_ms = int(now.timestamp() * 1000) - batch.envelopes[0].received_at_ms


def _parts(rows: TelemetryRows) -> tuple[list[Any], ...]:
    return rows.checkins, rows.interfaces, rows.health, rows.wireless
