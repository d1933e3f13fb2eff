"""What can go wrong with questions about telemetry."""

from tikfleet.kernel.errors import Conflict, NotFound


class MetricNotFound(NotFound):
    """There is no metric of that name for what was asked about."""

    code = "metric.not-found"
    title = "There is no such metric"
    remedy = "Choose one of GET /telemetry/metrics: some belong to a device, some to an interface."


class AggregateNotKept(Conflict):
    """The metric can't be aggregated in that way."""

    code = "metric.aggregate"
    title = "This metric has no such aggregate"
    remedy = "Ask for `avg`, or leave `aggregate` out: a rate is an average already, a count a sum."


class RangeEmpty(Conflict):
    """The time asked for ends before it begins."""

    code = "time.empty"
    title = "The time asked for is empty"
    remedy = "Let `from` be before `to`."


class InterfaceOfNoDevice(Conflict):
    """An interface was named without the device that it belongs to."""

    code = "interface.of-no-device"
    title = "An interface belongs to a device"
    remedy = "Name its device in `device_id`."
