"""Every behaviour, attached once for all routers."""

from typing import Final

from tikfleet.virtual.menus.behaviours import addressing, dhcp, files, interfaces, logs, system, users
from tikfleet.virtual.menus.hooks import Behaviours


def _attached() -> Behaviours:
    found = Behaviours()
    for area in (addressing, dhcp, files, interfaces, logs, system, users):
        area.attach(found)
    return found


BEHAVIOURS: Final = _attached()
