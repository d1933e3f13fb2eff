"""The router of a small office, as its export tells, and the thread that it lives in."""

import asyncio
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tikfleet.routeros.values import RouterOSVersion
from tikfleet.virtual.full.router import Surroundings, VirtualRouter
from tikfleet.virtual.full.services import Doors
from tikfleet.virtual.menus.profile import Profile

EXPORT = r"""
/interface bridge
add comment="office LAN" name=bridge1
/interface vlan
add interface=bridge1 name=guests vlan-id=30
/interface list
add name=WAN
add name=LAN
/ip pool
add name=lan ranges=192.168.88.10-192.168.88.254
/ip dhcp-server
add address-pool=lan interface=bridge1 lease-time=10m name=lan
/queue simple
add max-limit=10M/10M name=guests target=192.168.30.0/24
/interface bridge port
add bridge=bridge1 interface=ether2
add bridge=bridge1 interface=ether3
/interface list member
add interface=ether1 list=WAN
add interface=bridge1 list=LAN
/ip address
add address=198.51.100.2/30 comment=uplink interface=ether1
add address=192.168.88.1/24 comment="B\C3\BCro LAN" interface=bridge1
add address=192.168.30.1/24 interface=guests
/ip dhcp-server lease
add address=192.168.88.20 comment=printer mac-address=00:0C:42:11:22:33 server=lan
/ip dhcp-server network
add address=192.168.88.0/24 dns-server=192.168.88.1 gateway=192.168.88.1
/ip dns
set allow-remote-requests=yes servers=192.0.2.53
/ip dns static
add address=192.168.88.20 name=printer.office.example
/ip firewall address-list
add address=203.0.113.7 comment="head office" list=friends
/ip firewall filter
add action=accept chain=input comment="known connections" connection-state=established,related
add action=accept chain=input comment=icmp protocol=icmp
add action=accept chain=input comment=friends src-address-list=friends
add action=drop chain=input comment="everything else" in-interface-list=WAN log=yes log-prefix=drop
/ip firewall nat
add action=masquerade chain=srcnat out-interface-list=WAN
/ip route
add comment=default distance=1 gateway=198.51.100.1
/system identity
set name=office
/system script
add dont-require-permissions=no name=hello source=":log info \"hello from a script\"; :global greeted yes"
"""


@dataclass(frozen=True, slots=True)
class Office:
    """A router that runs in a thread of its own, for clients that block: `admin`, no password."""

    router: VirtualRouter
    _loop: asyncio.AbstractEventLoop
    _thread: threading.Thread

    @classmethod
    def open(cls, version: str) -> Self:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        profile = Profile(RouterOSVersion.parse(version))
        router = VirtualRouter(profile, Surroundings(doors=Doors(api=0, api_ssl=0, www=0, www_ssl=0, ssh=0)))
        problems = router.menus.load_export(EXPORT)
        assert not problems, problems
        office = cls(router, loop, thread)
        asyncio.run_coroutine_threadsafe(router.start(), loop).result(20)
        return office

    def port(self, service: str) -> int:
        return self.router.services.ports[service]

    def typed(self, line: str) -> str:
        """What a terminal shows for a line: what tests check a peer's work with."""
        return asyncio.run_coroutine_threadsafe(self.router.run(line), self._loop).result(20).shown

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self.router.stop(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
