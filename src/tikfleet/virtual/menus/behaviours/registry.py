"""Every behaviour, attached once for all routers."""

from typing import Final

from tikfleet.virtual.menus.hooks import Behaviours


def _attached() -> Behaviours:
    return Behaviours()


BEHAVIOURS: Final = _attached()
