"""In which order `print` shows the properties of an item, of menus whose screens are in public test data of parsers.

What is not named stands between the first and the last ones, as it was set. [unverified: other menus]
"""

from collections.abc import Iterable
from typing import Final, TypeVar

Value = TypeVar("Value")

_RULES: Final = tuple(
    f"{family}/firewall/{table}" for family in ("/ip", "/ipv6") for table in ("filter", "mangle", "nat", "raw")
)
_FIRST: Final = {
    **dict.fromkeys(_RULES, "chain action to-addresses to-ports reject-with address-list address-list-timeout"),
    "/interface": "name default-name type mtu actual-mtu l2mtu max-l2mtu mac-address",
    "/interface/ethernet": "name default-name mtu l2mtu mac-address orig-mac-address arp arp-timeout",
    "/interface/vlan": (
        "name mtu l2mtu mac-address arp arp-timeout loop-protect loop-protect-status loop-protect-send-interval "
        "loop-protect-disable-time"
    ),
    "/ip/address": "address network interface actual-interface vrf",
    "/ip/arp": "address mac-address interface",
    "/ip/dhcp-server/lease": (
        "address mac-address client-id address-lists server dhcp-option status expires-after last-seen age "
        "active-address active-mac-address active-client-id active-server host-name"
    ),
    "/ip/firewall/address-list": "list address creation-time timeout",
    "/ip/route": (
        "dst-address routing-table pref-src gateway gateway-status immediate-gw check-gateway distance scope "
        "target-scope"
    ),
    "/log": "time topics message",
    "/system/clock": "time date time-zone-autodetect time-zone-name gmt-offset dst-active",
    "/system/resource": (
        "uptime version build-time factory-software free-memory total-memory cpu cpu-count cpu-frequency cpu-load "
        "free-hdd-space total-hdd-space write-sect-since-reboot write-sect-total bad-blocks architecture-name "
        "board-name platform"
    ),
    "/system/scheduler": "name start-date start-time interval on-event owner policy run-count next-run",
    "/system/script": "name owner policy dont-require-permissions last-started run-count source",
}
_LAST: Final = {
    **dict.fromkeys(_RULES, "log log-prefix"),
    "/interface/vlan": "vlan-id interface use-service-tag",
}


def ordered(menu: str, fields: Iterable[tuple[str, Value]]) -> list[tuple[str, Value]]:
    """Names with what belongs to them, in the order of a screen; `name` is first where nothing else is known."""
    first = _FIRST.get(menu, "name").split()
    last = _LAST.get(menu, "").split()
    places = {name: place - len(first) for place, name in enumerate(first)}
    places |= {name: place for place, name in enumerate(last, 1)}
    return sorted(fields, key=lambda field: places.get(field[0], 0))
