"""Whole routers for a fleet: boards and releases as in the light fleet, and a small configuration that fits each."""

import hashlib
from dataclasses import dataclass
from typing import Final

from tikfleet.routeros.script.quoting import quote
from tikfleet.routeros.values import RouterOSVersion
from tikfleet.virtual.light.hardware import MIB
from tikfleet.virtual.light.links import layout
from tikfleet.virtual.light.population import Blueprint, blueprints
from tikfleet.virtual.menus.profile import Profile

# Of another seed than the light routers beside them, so that no two are the same.
_APART: Final = 7_919
_BRIDGED: Final = 4


@dataclass(frozen=True, slots=True)
class Resident:
    """One router of a fleet: its number, what it is, which site it belongs to, and the script that configures it."""

    number: int
    site: int
    profile: Profile
    configuration: str


def residents(seed: int, count: int) -> list[Resident]:
    """The same seed gives the same routers, and a larger fleet begins with the smaller one."""
    return [
        Resident(blueprint.index, blueprint.site.number, _profile(blueprint), _configuration(blueprint))
        for blueprint in blueprints(seed + _APART, count)
    ]


def _profile(blueprint: Blueprint) -> Profile:
    board = blueprint.board
    links = layout(board, blueprint.role)
    return Profile(
        version=RouterOSVersion.parse(blueprint.release.version),
        board=board.board_name,
        model=board.model,
        architecture=board.chip.architecture,
        serial=blueprint.serial,
        software_id=blueprint.software_id,
        ports=tuple(link.name for link in links if link.kind == "ether"),
        radios=tuple(link.name for link in links if link.kind in {"wifi", "wlan"}),
        cpu_count=board.chip.count,
        cpu_mhz=board.chip.mhz,
        memory_bytes=board.ram_mib * MIB,
        disk_bytes=board.disk_mib * MIB,
    )


def _configuration(blueprint: Blueprint) -> str:
    """An address, a bridge with a DHCP server, a firewall that drops what comes from outside."""
    ports = [link.name for link in layout(blueprint.board, blueprint.role) if link.kind == "ether"]
    # No address of the documents' ranges says where it is.
    net = hashlib.blake2b(f"{blueprint.index}".encode(), digest_size=2).digest()
    lan = f"10.{net[0]}.{net[1]}"
    lines = [
        f"/system identity set name={quote(blueprint.identity)}",
        "/interface bridge add name=bridge comment=LAN",
        *(f"/interface bridge port add bridge=bridge interface={port}" for port in ports[1 : 1 + _BRIDGED]),
        f"/ip address add address={lan}.1/24 interface=bridge",
        f"/ip pool add name=lan ranges={lan}.100-{lan}.199",
        "/ip dhcp-server add name=lan interface=bridge address-pool=lan disabled=no",
        f"/ip dhcp-server network add address={lan}.0/24 gateway={lan}.1 dns-server={lan}.1",
        "/ip firewall filter add chain=input connection-state=established,related action=accept",
        f'/ip firewall filter add chain=input in-interface={ports[0]} action=drop comment="from outside"',
        f"/ip firewall nat add chain=srcnat out-interface={ports[0]} action=masquerade",
        f"/ip dhcp-client add interface={ports[0]} disabled=no",
    ]
    return "\n".join(f":do {{{line}}} on-error={{}}" for line in lines)
