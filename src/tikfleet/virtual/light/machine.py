"""One router's body: clock, counters, sensors, clients. Pure: it advances to the moment that it is told.

Times are seconds since 1970 UTC, as floats. Counters add up what the traffic curve says between two moments and
begin again at zero when the router boots.
"""

from array import array
from collections.abc import Iterator
from typing import Final

from tikfleet.virtual.light import links, spelling, traffic
from tikfleet.virtual.light.dice import Dice
from tikfleet.virtual.light.hardware import MIB
from tikfleet.virtual.light.population import Blueprint

RX_BYTE, TX_BYTE, RX_PACKET, TX_PACKET, RX_ERROR, TX_ERROR, RX_DROP, TX_DROP = range(8)
COUNTERS: Final = 8
_LONGEST_SLICE_S: Final = 900.0
_MOST_SLICES: Final = 96
_BIG_PACKET, _SMALL_PACKET = 1150.0, 240.0
_UPLOAD_SHARE: Final = 0.16
_BITS_PER_MHZ: Final = 260_000.0  # what a core forwards, fast path, per MHz
_SHARE_OF_CPU: Final = 0.05
_FLAP_EVERY_S: Final = 2_400.0
_STEADY_FLAP_EVERY_S: Final = 40 * 86_400.0
_BOOT_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz0123456789"
_WRONG_CLOCK_S: Final = 900.0
_DAY_S: Final = 86_400.0
_RECENT_S: Final = 7_200.0  # followed in detail before a fleet begins


class Machine:
    """The state of one router. `advance` moves it on; the rest reads or changes it at that moment."""

    __slots__ = (
        "at", "blueprint", "boot_at", "boot_id", "busy", "clients", "clock_from", "counters", "dice", "down_bps",
        "firmware", "identity", "last_up", "leases", "link_downs", "links", "revision", "version",
    )  # fmt: skip

    def __init__(self, blueprint: Blueprint, seed: int, now: float) -> None:
        self.blueprint = blueprint
        self.dice = Dice(seed, "life", blueprint.index)
        self.links = links.layout(blueprint.board, blueprint.role)
        self.identity = blueprint.identity
        self.version = blueprint.release.text
        self.firmware = blueprint.release.version
        self.revision = 1
        self.busy = 1.0
        blueprint.site.machines.append(self)
        self.boot(now - self.dice.between(3_600, 75 * _DAY_S) ** self.dice.between(0.75, 1.0))
        self._catch_up(now)

    def boot(self, at: float) -> None:
        """Start from nothing at this moment: a new boot id, counters at zero, everybody logged out."""
        self.boot_at = self.at = at
        self.boot_id = self.dice.text(_BOOT_LETTERS, 10)
        self.counters = array("Q", bytes(8 * COUNTERS * len(self.links)))
        self.link_downs = array("L", bytes(array("L").itemsize * len(self.links)))
        # A board has no battery: without a time server it believes that it is 1970.
        self.clock_from = at + _WRONG_CLOCK_S if self.dice.chance(0.03) else at
        self.last_up = [spelling.date(self.blueprint.release, self.local_s(at + 8))] * len(self.links)
        self.clients: list[tuple[int, float, int]] = []
        self.leases = self.dice.whole(0, 40) if self.blueprint.role in {"branch", "core"} else 0
        self.down_bps = 0.0

    def advance(self, now: float) -> None:
        """Live until `now`: traffic is counted, links flap, clients come and go. Going back does nothing."""
        elapsed_s = now - self.at
        if elapsed_s <= 0:
            return
        down = 0.0
        for middle_s, span_s in _slices(self.at, elapsed_s):
            self.busy += (self.dice.between(0.45, 1.55) - self.busy) * 0.3
            self.down_bps = self.blueprint.uplink_bps * self._level(middle_s) * self.busy
            down += self.down_bps * span_s / 8
        self._flap(now, elapsed_s)
        self._count(down, down * _UPLOAD_SHARE)
        self._roam(now)
        self.at = now

    def rename(self, identity: str) -> None:
        self.identity = identity
        self.revision += 1
        self.blueprint.site.revision += 1

    def runs(self, place: int) -> bool:
        """Whether the n-th link has a carrier."""
        return not (self.blueprint.down_ports >> place & 1 and self.links[place].is_port)

    def local_s(self, moment: float) -> float:
        """The router's own clock: its zone, and 1970 while it has not heard the time."""
        if moment < self.clock_from:
            return moment - self.boot_at
        return moment + self.blueprint.site.offset_s

    def load_percent(self) -> int:
        chip = self.blueprint.board.chip
        share = self.down_bps * (1 + _UPLOAD_SHARE) / (chip.count * chip.mhz * _BITS_PER_MHZ)
        if self.blueprint.role == "switch":
            share *= _SHARE_OF_CPU  # the rest is forwarded by the switch chip
        idle = 1 + 1200 / (chip.count * chip.mhz) * 3
        return max(1, min(100, round(idle + 95 * share + self.dice.between(0, 4) * self.busy)))

    def free_memory(self) -> int:
        board = self.blueprint.board
        kernel_mib = 24 + 0.05 * board.ram_mib + 6 * len(self.links) ** 0.5
        leak = min(0.08, (self.at - self.boot_at) / (400 * _DAY_S))
        busy = 0.04 * self.busy + leak + 0.002 * len(self.clients)
        return max(2 * MIB, int((board.ram_mib * (1 - busy) - min(kernel_mib, 0.8 * board.ram_mib)) * MIB))

    def free_disk(self) -> int:
        board = self.blueprint.board
        return int(board.disk_mib * MIB * (0.08 + (self.blueprint.trait & 63) / 100))

    def temperature_c(self) -> float:
        day = abs((self.at + self.blueprint.site.offset_s) % _DAY_S / _DAY_S - 0.6) * 2
        warm = self.blueprint.trait & 15
        return 33.0 + warm + 6 * (1 - day) + self.load_percent() * 0.17

    def voltage_v(self) -> float:
        nominal = (12.1, 24.2, 24.2, 48.3)[self.blueprint.trait >> 4 & 3]
        return nominal * (1 - 0.0004 * self.load_percent()) + self.dice.between(-0.1, 0.1)

    def _level(self, moment: float) -> float:
        site = self.blueprint.site
        return traffic.level(site.life, moment + site.offset_s)

    def _catch_up(self, now: float) -> None:
        """Counters of the days before the fleet began: a mean day, so that an old router looks old."""
        uptime_s = now - self.boot_at
        recent_s = min(uptime_s, _RECENT_S)
        mean = self.blueprint.uplink_bps * 0.4 * (uptime_s - recent_s) / 8
        self._count(mean, mean * _UPLOAD_SHARE)
        self.at = now - recent_s
        self.advance(now)

    def _count(self, down: float, up: float) -> None:
        counters = self.counters
        for place, link in enumerate(self.links):
            if not self.runs(place):
                continue
            rx, tx = (up, down) if link.inward else (down, up)
            rx, tx = rx * link.share, tx * link.share
            start = place * COUNTERS
            counters[start] += int(rx)
            counters[start + 1] += int(tx)
            counters[start + 2] += int(rx / (_SMALL_PACKET if link.inward else _BIG_PACKET))
            counters[start + 3] += int(tx / (_BIG_PACKET if link.inward else _SMALL_PACKET))
        if self.dice.chance(0.01):
            start = self.dice.whole(0, len(self.links) - 1) * COUNTERS
            counters[start + RX_ERROR] += self.dice.whole(1, 12)
            counters[start + TX_DROP] += self.dice.whole(0, 30)

    def _flap(self, now: float, elapsed_s: float) -> None:
        every_s = _FLAP_EVERY_S if self.blueprint.flapping else _STEADY_FLAP_EVERY_S
        if not self.dice.chance(elapsed_s / every_s):
            return
        place = self.dice.whole(0, len(self.links) - 1)
        self.link_downs[place] += self.dice.whole(1, 3)
        up_at = max(self.boot_at, now - self.dice.between(0, min(elapsed_s, 60)))
        self.last_up[place] = spelling.date(self.blueprint.release, self.local_s(up_at))

    def _roam(self, now: float) -> None:
        """Clients of the radios: about as many as the hour has traffic, each with its own address."""
        board, role = self.blueprint.board, self.blueprint.role
        if not board.radios or role == "subscriber":
            return
        crowd = 14 if role == "access-point" else 6
        wanted = round(crowd * self._level(now) * (0.6 + 0.4 * self.busy))
        clients = self.clients
        if clients and self.dice.chance(0.15):
            clients.pop(self.dice.whole(0, len(clients) - 1))
        while len(clients) > wanted:
            clients.pop()
        while len(clients) < wanted:
            since = now - self.dice.between(5, 3_000 if not clients else 300)
            clients.append((self.dice.bits() & 0xFFFFFFFF, since, -self.dice.whole(42, 84)))


def _slices(start: float, elapsed_s: float) -> Iterator[tuple[float, float]]:
    """The middle and length of equal parts, fine enough to follow a day."""
    count = min(_MOST_SLICES, int(elapsed_s // _LONGEST_SLICE_S) + 1)
    span_s = elapsed_s / count
    for number in range(count):
        yield start + (number + 0.5) * span_s, span_s
