"""What can go wrong when a router enrols or a key is managed."""

from tikfleet.kernel.errors import Conflict, NotFound, TikfleetError


class KeyNotFound(NotFound):
    """The organisation has no such enrolment key."""

    code = "enrolment-key.not-found"
    title = "There is no such enrolment key"


class NothingToApprove(Conflict):
    """The device waits for nothing."""

    code = "enrolment.nothing-to-approve"
    title = "Nothing waits for approval on this device"
    remedy = "Look at the device's present state; it may have been approved already."


class KeyExpiresInThePast(Conflict):
    """The key would be expired from the start."""

    code = "enrolment-key.expired-already"
    title = "The key would be expired already"
    remedy = "Choose a time in the future."


class EnrolmentRefused(TikfleetError):
    """The router may not become a device. Told to the router in the body of a 200, in words to be printed there."""

    code = "enrolment.refused"
    status = 403
    title = "The router was refused"
    remedy = "Create a fresh enrolment key in the dashboard and paste its line."
