"""All facts of menus, by path: every module of `facts` is named here, once."""

from typing import Final

from tikfleet.virtual.menus.facts import (
    bridge,
    certificates,
    dhcp,
    dns,
    files_and_logs,
    firewall,
    hotspot,
    interfaces,
    ip,
    ipv6,
    mpls,
    packages,
    ppp,
    protocols,
    queues,
    radius,
    routing,
    snmp,
    system,
    tools,
    users,
    vpn,
    wifi,
    wireless,
)
from tikfleet.virtual.menus.schema import MenuFacts

_MODULES: Final = (
    bridge, certificates, dhcp, dns, files_and_logs, firewall, hotspot, interfaces, ip, ipv6, mpls, packages, ppp,
    protocols, queues, radius, routing, snmp, system, tools, users, vpn, wifi, wireless,
)  # fmt: skip

FACTS: Final[dict[str, MenuFacts]] = {facts.path: facts for module in _MODULES for facts in module.MENUS}
