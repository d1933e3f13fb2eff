"""What can go wrong with sources, in words for the one who asked."""

from tikfleet.kernel.errors import Conflict, Invalid, NotFound


class SourceNotFound(NotFound):
    """There is no such source in the caller's organisation."""

    code = "source.not-found"
    title = "There is no such source"


class SourceUnfit(Invalid):
    """What the source is to be recognised by is not of that kind; nothing was stored."""

    code = "source.unfit"
    title = "The source can't be recognised by this"
    remedy = "Give an IP address, or the SHA-256 of a certificate in hexadecimal; ports and tokens are given to you."


class SourceTaken(Conflict):
    """Somebody has claimed this already, or devices of another organisation report from there; nothing was stored."""

    code = "source.taken"
    title = "The source is somebody's already"
    remedy = "Recognise the device by a port or a token of its own."


class SourceForeign(Conflict):
    """None of the organisation's devices report from this address, so only the organisation at the top may give it."""

    code = "source.foreign"
    title = "The address is not yours to claim"
    remedy = "Use a port or a token of its own, or ask the organisation at the top to claim the address."


class PortsExhausted(Conflict):
    """Every port for single devices is taken, or none are set up; nothing was stored."""

    code = "source.no-port"
    title = "No port is left"
    remedy = "Widen the setting `device_ports`, or recognise the device by its address or a token."
