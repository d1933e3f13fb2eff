"""Values that an export names even where they are the default.

RouterOS leaves out of a compact export what holds its default, but for these. From recorded exports of 6.48 to 7.20;
what they show of menus that are not here agrees with the defaults.
"""

from typing import Final

_RULES: Final = ("calea", "filter", "mangle", "nat", "raw")
_POLICIES: Final = frozenset({"policy"})

EXPORTED: Final[dict[str, frozenset[str]]] = {
    **{f"/ip/firewall/{table}": frozenset({"action"}) for table in _RULES},
    **{f"/ipv6/firewall/{table}": frozenset({"action"}) for table in _RULES[1:]},
    "/interface/bridge/filter": frozenset({"action"}),
    "/interface/bridge/nat": frozenset({"action"}),
    "/interface/vxlan": frozenset({"port"}),
    "/interface/wireguard": frozenset({"listen-port", "mtu"}),
    "/system/scheduler": _POLICIES,
    "/system/script": _POLICIES | {"dont-require-permissions"},
}
# Menus of the routing program name whatever was set, default or not.
NAMED_WHEN_SET: Final = ("/ip/route", "/ipv6/route", "/routing/")
