"""From datagrams to the durable buffer: whose they are, whether they are too many, decoded, and each accounted for."""

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final

import msgspec
import numpy as np
import structlog

from tikfleet.domains.flows.counts import FlowCounts
from tikfleet.domains.flows.model import Part, envelope_of
from tikfleet.domains.flows.wire.decoder import Decoder, Tally
from tikfleet.domains.sources.public import Arrival, Counted, Origin, SourceDirectory, SourceMeter, SourceTally
from tikfleet.kernel.errors import Unavailable
from tikfleet.ports.inbox import Inbox, InboxUnavailable

_FLUSH_S: Final = 1.0
_FLUSH_PACKETS: Final = 2_000
_MOST_WAITING_BYTES: Final = 64 << 20
_MOST_DROPPED_SENDERS: Final = 1_000
_MOST_EXPORTERS: Final = 50_000
_log = structlog.get_logger("tikfleet.flows")


class Packet(msgspec.Struct, frozen=True):
    """A datagram: its content, who sent it from which port, to which of our ports, and when it came."""

    data: bytes
    address: str
    sender_port: int
    port: int
    received_ms: int


class Attribution(msgspec.Struct, frozen=True):
    """Whose packets are, how many one sender may send, and where they are counted."""

    directory: SourceDirectory
    meter: SourceMeter
    tally: SourceTally


class FlowCollector:
    """Takes datagrams at once, and the rest in turns: `run` until cancelled, `flush` does one turn."""

    def __init__(
        self,
        inbox: Inbox,
        attribution: Attribution,
        counts: FlowCounts,
        decoder: Decoder | None = None,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._inbox = inbox
        self._attribution = attribution
        self._counts = counts
        self._decoder = decoder or Decoder()
        self._now_s = now_s
        self._packets: list[Packet] = []
        self._waiting_bytes = 0
        self._dropped: Counter[tuple[str, int]] = Counter()
        self._numbers: OrderedDict[tuple[str, int, int], int] = OrderedDict()
        self._next_number = 0
        self._full = asyncio.Event()

    def take(self, data: bytes, address: str, sender_port: int, port: int) -> None:
        """A datagram that came in at `port`. Past 64 MiB that wait it is dropped, and counted for its sender."""
        if self._waiting_bytes + len(data) > _MOST_WAITING_BYTES:
            known = len(self._dropped) < _MOST_DROPPED_SENDERS or (address, port) in self._dropped
            self._dropped[(address, port) if known else ("", port)] += 1
            return
        self._packets.append(Packet(data, _plain(address), sender_port, port, int(self._now_s() * 1000)))
        self._waiting_bytes += len(data)
        if len(self._packets) >= _FLUSH_PACKETS:
            self._full.set()

    async def run(self) -> None:
        """Work for ever, every second or when many packets wait."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._full.wait(), _FLUSH_S)
            self._full.clear()
            try:
                await self.flush()
            except Unavailable as error:
                # What waits is still there, within its bounds; drops are counted.
                _log.warning("flows wait", code=error.code, detail=error.detail)
                await asyncio.sleep(_FLUSH_S)
            except Exception:
                _log.exception("flows were set aside")
            self._counts.buffer_bytes, self._counts.buffer_age_s = self._inbox.size_bytes(), self._inbox.age_s()

    async def flush(self) -> None:
        """Decode what waits and store it durably. Raises DatabaseUnavailable, and then everything waits on."""
        if not self._packets and not self._dropped:
            return
        arrivals = {_arrival(packet) for packet in self._packets}
        arrivals |= {Arrival("flow", address, port) for address, port in self._dropped}
        origins = await self._attribution.directory.origins(arrivals)
        packets, self._packets, self._waiting_bytes = self._packets, [], 0
        dropped, self._dropped = self._dropped, Counter()
        turn = _Turn(origins)
        for (address, port), count in dropped.items():
            turn.of(Arrival("flow", address, port)).add(Counted(received=count, buffer=count))
        exporters = self._feed(packets, turn)
        flows = self._decoder.drain()
        tallies = self._decoder.tallies(int(self._now_s() * 1000))
        self._count(tallies, exporters, turn)
        self._counts.exporters, self._counts.templates = self._decoder.remembered
        stored = await self._store(flows, exporters, origins)
        self._counts.decoded += len(flows)
        if stored:
            self._counts.stored += len(flows)
        else:
            self._counts.dropped += len(flows)
            turn.nothing_kept()
        for arrival, counted in turn.counted.items():
            self._attribution.tally.note(arrival, origins[arrival], counted, turn.samples.get(arrival, b""))

    def _feed(self, packets: Iterable[Packet], turn: "_Turn") -> dict[int, Arrival]:
        exporters: dict[int, Arrival] = {}
        by_arrival: dict[Arrival, list[Packet]] = {}
        for packet in packets:
            by_arrival.setdefault(_arrival(packet), []).append(packet)
        for arrival, sent in by_arrival.items():
            counted = turn.of(arrival)
            counted.received += len(sent)
            turn.samples[arrival] = sent[0].data[:16].hex(" ").encode()
            if not turn.origins[arrival].known:
                counted.unattributed += len(sent)
                continue
            admitted = self._attribution.meter.admit(arrival, len(sent))
            counted.rate += len(sent) - admitted
            counted.accepted += admitted
            for packet in sent[:admitted]:
                number = self._number(packet)
                exporters[number] = arrival
                self._decoder.feed(number, packet.data, packet.received_ms)
        return exporters

    def _number(self, packet: Packet) -> int:
        """A number for each exporter: several may share an address behind a translation, each with its own port."""
        key = (packet.address, packet.sender_port, packet.port)
        number = self._numbers.get(key)
        if number is not None:
            self._numbers.move_to_end(key)
            return number
        self._next_number = (self._next_number + 1) % (1 << 32)
        self._numbers[key] = self._next_number
        if len(self._numbers) > _MOST_EXPORTERS:
            self._numbers.popitem(last=False)
        return self._next_number

    def _count(self, tallies: dict[int, Tally], exporters: dict[int, Arrival], turn: "_Turn") -> None:
        for number, tally in tallies.items():
            self._counts.impossible += tally.impossible
            self._counts.lost += tally.lost
            self._counts.unread += tally.unread
            arrival = exporters.get(number)
            if arrival is not None:
                turn.of(arrival).accepted -= tally.malformed
                turn.of(arrival).invalid += tally.malformed

    async def _store(self, flows: Any, exporters: dict[int, Arrival], origins: dict[Arrival, Origin]) -> bool:
        if not len(flows):
            return True
        flows = flows[np.argsort(flows["exporter"], kind="stable")]
        numbers, begins = np.unique(flows["exporter"], return_index=True)
        parts = []
        for number, part in zip(numbers.tolist(), np.split(flows, begins[1:]), strict=True):
            arrival = exporters[number]
            origin = origins[arrival]
            parts.append(Part(origin.org_id, origin.device_id, origin.site_id, arrival.address, part.tobytes()))
        try:
            await self._inbox.append(envelope_of(parts, int(self._now_s() * 1000)))
        except InboxUnavailable:
            return False
        return True


class _Turn:
    """What is counted in one turn, by sender."""

    def __init__(self, origins: dict[Arrival, Origin]) -> None:
        self.origins = origins
        self.counted: dict[Arrival, Counted] = {}
        self.samples: dict[Arrival, bytes] = {}

    def of(self, arrival: Arrival) -> Counted:
        return self.counted.setdefault(arrival, Counted())

    def nothing_kept(self) -> None:
        """The buffer took nothing: what was accepted is dropped."""
        for counted in self.counted.values():
            counted.buffer += counted.accepted
            counted.accepted = 0


def _arrival(packet: Packet) -> Arrival:
    return Arrival("flow", packet.address, packet.port)


def _plain(address: str) -> str:
    """An IPv4 address that came in at an IPv6 socket, as IPv4."""
    return address.removeprefix("::ffff:").partition("%")[0]
