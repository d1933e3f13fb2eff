"""The API server as a process, with a router that costs next to nothing: `python -m bench.api_server PORT`."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import Any

import uvloop

from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.menus.request import Answer, Caller, Request, Row
from tikfleet.virtual.servers.api import ApiOptions, ApiServer

ROWS = 200
INTERFACES: list[Row] = [
    {
        ".id": f"*{number:X}", "name": f"ether{number}", "default-name": f"ether{number}", "type": "ether",
        "mtu": "1500", "actual-mtu": "1500", "l2mtu": "1598", "mac-address": f"48:8F:5A:00:{number % 256:02X}:01",
        "link-downs": "0", "rx-byte": str(number * 123_457), "tx-byte": str(number * 7_654_321), "running": "true",
        "disabled": "false", "comment": f"uplink of site {number}",
    }
    for number in range(1, ROWS + 1)
]  # fmt: skip


class BenchRouter:
    """An identity and a table of interfaces."""

    profile = Profile()

    def authenticate(self, user: str, password: str | None, via: str, address: str) -> Caller:
        """Everybody is let in."""
        return Caller(user, via=via, address=address)

    def opened(self, caller: Caller) -> Callable[[], None]:
        """Nothing is noted."""
        return lambda: None

    def resolve(self, words: Sequence[str]) -> tuple[str, str]:
        """Every path is a menu and a command."""
        *menu, command = words
        return "".join(f"/{word}" for word in menu), command

    def perform(self, request: Request) -> Answer:
        """`/interface` has many rows, every other menu one."""
        rows = INTERFACES if request.menu == "/interface" else [{"name": "MikroTik"}]
        return Answer([row for row in rows if request.where is None or request.where(row)])


async def _serve(port: int) -> None:
    router: Any = BenchRouter()
    await ApiServer(router, ApiOptions(port=port)).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
