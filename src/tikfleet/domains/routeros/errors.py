"""What can go wrong on the way to a router's own REST, in words for the one who asked."""

from tikfleet.kernel.errors import Conflict, NotFound


class RouterNotReady(Conflict):
    """The device waits for approval, is being removed, or has never said which RouterOS it runs."""

    code = "routeros.not-ready"
    title = "This device can't be asked yet"
    remedy = "Approve the device, or wait for its first check-in."


class RouterCannotDescribe(Conflict):
    """RouterOS 6 has no `/console/inspect`, and a path into an argument may crash an old console."""

    code = "routeros.no-description"
    title = "This router can't describe that"
    remedy = "Ask a router with RouterOS 7, for a menu or a command such as /ip/address or /ip/address/add."


class RouterMenuMissing(NotFound):
    """The router's console knows no such menu or command."""

    code = "routeros.menu-missing"
    title = "The router has no such menu"
    remedy = "Ask for the menu above it; packages and hardware decide what there is."
