"""What can go wrong with questions about traffic."""

from tikfleet.kernel.errors import Conflict


class TrafficTooDetailed(Conflict):
    """No rollup has what is asked by, and single flows are not kept so long."""

    code = "traffic.too-detailed"
    title = "Traffic is not kept in that detail for so long"
    remedy = "Ask for a shorter time, or by fewer things at once."


class InterfaceNamesFull(Conflict):
    """The device has as many named interfaces as it may; nothing was stored."""

    code = "traffic.interfaces-full"
    title = "There are too many names of interfaces"
    remedy = "Take away names of interfaces that are not there any more."
