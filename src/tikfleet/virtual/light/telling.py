"""What routers tell besides their reports: log lines by syslog and flows by NetFlow v9, both by UDP."""

import asyncio
import heapq
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from tikfleet.virtual.light import lines, netflow
from tikfleet.virtual.light.addresses import own_address
from tikfleet.virtual.light.dice import Dice
from tikfleet.virtual.light.router import Router

_LINE_EVERY_S: Final = 60.0
_FLOWS_EVERY_S: Final = 60.0
_TICK_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Telling:
    """Where routers tell it, as HOST:PORT; nothing is told where there is none.

    `own_addresses`: each router has an address of its own, by which it is known, and its log lines are in RouterOS's
    own form. Otherwise they are in the BSD form, in which routers name themselves.
    """

    syslog: str = ""
    flows: str = ""
    own_addresses: bool = False


class Teller:
    """Lets enrolled routers tell their share, each in its own time."""

    def __init__(self, routers: Sequence[Router], telling: Telling, seed: int) -> None:
        """Raises ValueError for what is no HOST:PORT, and OSError for a host that nobody knows."""
        self._routers = routers
        self._own_addresses = telling.own_addresses
        self._dice = Dice(seed, "telling")
        self._syslog = _place(telling.syslog)
        self._flows = _place(telling.flows)
        self._sequence = [0] * len(routers)
        self._told_s = [0.0] * len(routers)

    async def run(self) -> None:
        """For ever."""
        loop, dice = asyncio.get_running_loop(), self._dice
        heap = [(loop.time() + dice.between(0, _LINE_EVERY_S), n, "line") for n in range(len(self._routers))]
        heap += [(loop.time() + dice.between(0, _FLOWS_EVERY_S), n, "flows") for n in range(len(self._routers))]
        heapq.heapify(heap)
        while heap:
            now = loop.time()
            while heap[0][0] <= now:
                due, index, kind = heapq.heappop(heap)
                if self._routers[index].token and not self._routers[index].removed:
                    self.tell(index, kind, time.time())
                later_s = dice.between(0.1, 1.9) * _LINE_EVERY_S if kind == "line" else _FLOWS_EVERY_S
                heapq.heappush(heap, (max(now, due) + later_s, index, kind))
            await asyncio.sleep(_TICK_S)

    def tell(self, index: int, kind: str, now: float) -> None:
        """Send one line, or the flows since the last time. What cannot be sent is lost, as on a router."""
        if kind == "line" and self._syslog:
            machine = self._routers[index].machine
            event = lines.happening(machine, self._dice)
            line = lines.own_form(event) if self._own_addresses else lines.bsd_form(event, machine, now)
            self._send(index, self._syslog, line)
        elif kind == "flows" and self._flows:
            self._send(index, self._flows, self._packet(index, now))

    def _packet(self, index: int, now: float) -> bytes:
        machine = self._routers[index].machine
        over_s = min(_FLOWS_EVERY_S, now - self._told_s[index])
        self._told_s[index] = now
        self._sequence[index] += 1
        down_bytes = machine.down_bps * over_s / 8
        return netflow.packet(self._dice, down_bytes, over_s, now - machine.boot_at, now, self._sequence[index])

    def _send(self, index: int, place: tuple[str, int], payload: bytes) -> None:
        with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            if self._own_addresses:
                out.bind((own_address(index), 0))
            out.sendto(payload, place)


def _place(text: str) -> tuple[str, int] | None:
    if not text:
        return None
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError(f"{text!r} is not HOST:PORT")
    return socket.gethostbyname(host), int(port)
