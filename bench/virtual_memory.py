"""What a virtual router's menus cost: memory of each of many in one process, and time of the commonest commands.

    python -m bench.virtual_memory [routers]

Each router has the configuration of a small office and has been asked for every menu that telemetry reads.
"""

import gc
import os
import sys
import time
from pathlib import Path

from tikfleet.virtual.clock import ManualClock
from tikfleet.virtual.menus.engine import Menus
from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.menus.request import Request

_OFFICE = """\
/interface bridge
add name=bridge
/interface list
add name=WAN
add name=LAN
/interface bridge port
add bridge=bridge interface=ether2
add bridge=bridge interface=ether3
add bridge=bridge interface=ether4
/interface list member
add interface=ether1 list=WAN
add interface=bridge list=LAN
/ip address
add address=192.168.88.1/24 interface=bridge
/ip pool
add name=dhcp ranges=192.168.88.10-192.168.88.254
/ip dhcp-server
add address-pool=dhcp interface=bridge name=defconf
/ip dhcp-client
add interface=ether1
/ip firewall filter
add action=accept chain=input connection-state=established,related,untracked
add action=drop chain=input connection-state=invalid
add action=accept chain=input protocol=icmp
add action=drop chain=input in-interface-list=!LAN
add action=fasttrack-connection chain=forward connection-state=established,related
add action=accept chain=forward connection-state=established,related,untracked
add action=drop chain=forward connection-state=invalid
/ip firewall nat
add action=masquerade chain=srcnat out-interface-list=WAN
"""
_READ = (
    "/interface", "/interface/ethernet", "/ip/address", "/ip/route", "/ip/dhcp-server/lease", "/ip/arp", "/ip/neighbor",
    "/ip/firewall/filter", "/ip/firewall/nat", "/ip/firewall/connection", "/system/resource", "/system/clock",
    "/system/identity", "/system/health", "/system/package", "/user", "/user/group", "/user/active", "/queue/simple",
    "/tool/netwatch", "/ppp/active", "/log", "/file", "/certificate", "/ip/service", "/ip/dns",
    "/interface/bridge/host",
)  # fmt: skip


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def office(number: int) -> Menus:
    menus = Menus(Profile(software_id=f"AAAA-{number:04}"), ManualClock())
    problems = menus.load_export(_OFFICE)
    assert not problems, problems
    for menu in _READ:
        menus.perform(Request(menu, "print"))
    return menus


def timed_us(menus: Menus, menu: str, times: int = 2_000) -> float:
    request = Request(menu, "print")
    started = time.perf_counter()
    for _ in range(times):
        menus.perform(request)
    return (time.perf_counter() - started) / times * 1e6


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    # What all routers share is loaded by the first.
    first = office(0)
    gc.collect()
    before = resident_bytes()
    started = time.perf_counter()
    routers = [office(number) for number in range(1, count + 1)]
    took_ms = (time.perf_counter() - started) / count * 1e3
    gc.collect()
    each_kib = (resident_bytes() - before) / count / 1_024
    print(f"{len(routers)} routers: {each_kib:.0f} KiB each, {took_ms:.1f} ms to make one; shared {before >> 20} MiB")
    for _ in range(10):
        first.perform(Request("/ip/firewall/mangle", "add", {"chain": "forward", "action": "accept"}))
        first.perform(Request("/ip/pool", "add", {"ranges": "192.0.2.1-192.0.2.9"}))
    for menu in ("/ip/pool", "/ip/firewall/mangle", "/interface", "/ip/route", "/system/resource"):
        rows = len(first.perform(Request(menu, "print")).rows)
        print(f"print {menu}: {rows} rows in {timed_us(first, menu):.0f} µs")


if __name__ == "__main__":
    main()
