"""What can go wrong on the way to a router's own REST, in words for the one who asked."""

from tikfleet.kernel.errors import Conflict


class RouterNotReady(Conflict):
    """The device waits for approval, is being removed, or has never said which RouterOS it runs."""

    code = "routeros.not-ready"
    title = "This device can't be asked yet"
    remedy = "Approve the device, or wait for its first check-in."
