"""From a listener to the durable buffer: who sent it, whether it sends too much, and what became of each line.

Every line that came is counted once: accepted by the buffer, or dropped for one cause.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import structlog

from tikfleet.domains.logs.rows import KIND, MOST_LINES, packed
from tikfleet.domains.sources.public import Arrival, Counted, Origin, SourceDirectory, SourceMeter, SourceTally
from tikfleet.kernel.clock import Clock
from tikfleet.kernel.errors import Unavailable
from tikfleet.kernel.ids import DeviceId
from tikfleet.ports.inbox import Envelope, Inbox
from tikfleet.routeros.syslog.lines import parse

MOST_LINE_BYTES: Final = 65_536
_MOST_ENVELOPE_BYTES: Final = 1 << 20
_MOST_PENDING_BYTES: Final = 32 << 20
_FLUSH_S: Final = 0.05
_log = structlog.get_logger("tikfleet.logs")


class Received(msgspec.Struct):
    """Lines of one sender. `names` say of each line, where they are given, what it is by its own account."""

    lines: list[bytes]
    names: list[str] = []


class Outcome(msgspec.Struct, frozen=True):
    """What became of lines."""

    accepted: int
    dropped: int


class LogIntake:
    """`take` for listeners, which can't wait; `deliver` for who waits for the outcome. `run` until cancelled."""

    def __init__(
        self, directory: SourceDirectory, meter: SourceMeter, tally: SourceTally, buffer: Inbox, clock: Clock
    ) -> None:
        self._directory = directory
        self._meter = meter
        self._tally = tally
        self._buffer = buffer
        self._clock = clock
        self._pending: dict[Arrival, list[bytes]] = {}
        self._pending_bytes = 0

    def take(self, arrival: Arrival, lines: Sequence[bytes]) -> None:
        """Lines that a listener has just read. Never waits: over its rate, or over what memory holds, they are lost."""
        room = self._meter.admit(arrival, len(lines))
        size_bytes = sum(map(len, lines))
        full = self._pending_bytes + size_bytes > _MOST_PENDING_BYTES
        kept = [] if full else lines[:room]
        if len(kept) < len(lines):
            lost = len(lines) - room
            counted = Counted(received=len(lines) - len(kept), rate=lost, buffer=len(lines) - lost - len(kept))
            self._tally.note(arrival, Origin(value=arrival.address, reason="unknown"), counted)
        if kept:
            self._pending.setdefault(arrival, []).extend(kept)
            self._pending_bytes += size_bytes

    async def deliver(self, arrival: Arrival, received: Received) -> Outcome:
        """Lines of somebody who waits until they survive a power cut. Raises DatabaseUnavailable."""
        origin = (await self._directory.origins([arrival]))[arrival]
        room = self._meter.admit(arrival, len(received.lines))
        shed = len(received.lines) - room
        counted = Counted(shed, rate=shed)
        counted.add(await self._store(arrival, origin, received.lines[:room], received.names[:room]))
        self._tally.note(arrival, origin, counted, received.lines[0] if received.lines else b"")
        return Outcome(counted.accepted, counted.dropped)

    async def knows(self, arrival: Arrival) -> bool:
        """Whether it is anybody's. Raises DatabaseUnavailable."""
        return (await self._directory.origins([arrival]))[arrival].known

    def lost(self, count: int) -> None:
        """The system dropped so many packets before they could be read."""
        arrival = Arrival("syslog", "*")
        self._tally.note(arrival, Origin(value="*", reason="unknown"), Counted(count, buffer=count))

    async def run(self) -> None:
        """Move what was taken into the buffer, for ever."""
        try:
            while True:
                await asyncio.sleep(_FLUSH_S)
                await self.flush()
        finally:
            await self.flush()

    async def flush(self) -> None:
        """Everything that was taken goes to the buffer, or is counted as dropped."""
        pending, self._pending, self._pending_bytes = self._pending, {}, 0
        if not pending:
            return
        try:
            origins = await self._directory.origins(list(pending))
        except Unavailable as error:
            _log.warning("lines cannot be attributed", code=error.code, detail=error.detail)
            origins = {}
        work = (self._flush_one(arrival, origins.get(arrival), lines) for arrival, lines in pending.items())
        await asyncio.gather(*work)

    async def _flush_one(self, arrival: Arrival, origin: Origin | None, lines: list[bytes]) -> None:
        origin = origin or Origin(value=arrival.address, reason="not-looked-up")
        counted = await self._store(arrival, origin, lines, [])
        self._tally.note(arrival, origin, counted, lines[0])

    async def _store(self, arrival: Arrival, origin: Origin, lines: Sequence[bytes], names: Sequence[str]) -> Counted:
        counted = Counted(received=len(lines))
        if not origin.known:
            counted.unattributed = len(lines)
            return counted
        now_ms = int(self._clock().timestamp() * 1000)
        groups = {origin.device_id: list(lines)} if origin.device_id else await self._by_device(origin, lines, names)
        envelopes = [
            (Envelope(origin.org_id, device_id, now_ms, KIND, "", arrival.address, packed(part)), len(part))
            for device_id, group in groups.items()
            for part in parts_of(group)
        ]
        outcomes = await asyncio.gather(*(self._append(envelope) for envelope, _ in envelopes))
        for (_, count), stored in zip(envelopes, outcomes, strict=True):
            if stored:
                counted.accepted += count
            else:
                counted.buffer += count
        return counted

    async def _by_device(
        self, origin: Origin, lines: Sequence[bytes], names: Sequence[str]
    ) -> Mapping[DeviceId, list[bytes]]:
        """By what each line itself says it is from, within the organisation that is known."""
        said = names or [parse(line, 0).host for line in lines]
        devices = await self._directory.within(origin.org_id, {name for name in said if name})
        groups: dict[DeviceId, list[bytes]] = {}
        for line, name in zip(lines, said, strict=True):
            sender = devices.get(name)
            groups.setdefault(sender.device_id if sender else DeviceId(""), []).append(line)
        return groups

    async def _append(self, envelope: Envelope) -> bool:
        try:
            await self._buffer.append(envelope)
        except Unavailable:
            return False
        return True


def parts_of(lines: Sequence[bytes]) -> list[list[bytes]]:
    """Lines as envelopes take them: not too many and not too large together; one that is too long is cut."""
    parts: list[list[bytes]] = []
    part: list[bytes] = []
    size_bytes = 0
    for line in lines:
        kept = line[:MOST_LINE_BYTES]
        if part and (len(part) >= MOST_LINES or size_bytes + len(kept) > _MOST_ENVELOPE_BYTES):
            parts.append(part)
            part, size_bytes = [], 0
        part.append(kept)
        size_bytes += len(kept)
    return [*parts, part] if part else parts
