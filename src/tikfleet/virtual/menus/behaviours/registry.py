"""Every behaviour, attached once for all routers."""

from typing import Final

from tikfleet.virtual.menus.behaviours import (
    addressing,
    bridging,
    certificates,
    dhcp,
    files,
    firewall,
    inspection,
    interfaces,
    logs,
    radios,
    services,
    system,
    tools,
    tunnels,
    users,
)
from tikfleet.virtual.menus.hooks import Behaviours

_AREAS: Final = (
    addressing, bridging, certificates, dhcp, files, firewall, inspection, interfaces, logs, radios, services, system,
    tools, tunnels, users,
)  # fmt: skip


def _attached() -> Behaviours:
    found = Behaviours()
    for area in _AREAS:
        area.attach(found)
    return found


BEHAVIOURS: Final = _attached()
