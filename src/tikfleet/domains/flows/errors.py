"""What can go wrong with questions about traffic."""

from tikfleet.kernel.errors import Conflict


class TrafficTooDetailed(Conflict):
    """No rollup has what is asked by, and single flows are not kept so long."""

    code = "traffic.too-detailed"
    title = "Traffic is not kept in that detail for so long"
    remedy = "Ask for a shorter time, or by fewer things at once."
