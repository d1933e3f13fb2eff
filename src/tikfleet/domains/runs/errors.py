"""What can go wrong with a run, in words for the one who asked."""

from tikfleet.kernel.errors import Conflict, NotFound


class RunNotFound(NotFound):
    """There is no such run in the caller's organisation."""

    code = "run.not-found"
    title = "There is no such run"
    remedy = "Check the run's id, and that you act in the right organisation."


class RunContradictory(Conflict):
    """The parts of the run do not fit each other; nothing was made."""

    code = "run.contradictory"
    title = "The parts of the run do not fit each other"
    remedy = "Correct what the sentence, or `errors`, names."


class RunWithoutDevices(Conflict):
    """No device that could take a job fits the selection; nothing was planned."""

    code = "run.no-devices"
    title = "No device fits"
    remedy = "Look at GET /devices with the same filters; only enrolled and approved devices take part."


class RunForTooMany(Conflict):
    """The selection holds more devices than one run may have; nothing was planned."""

    code = "run.too-many-devices"
    title = "Too many devices for one run"
    remedy = "Narrow the selection, for example to one site group."


class RunNotWritable(Conflict):
    """The script cannot be written for some of the devices, or RouterOS would refuse it there; nothing was planned."""

    code = "run.not-writable"
    title = "The run cannot be written for some of its devices"
    remedy = "Correct the script or its parameters, leave those devices out, or send it `unchecked`."


class RunStateUnfit(Conflict):
    """The run is in a state in which this cannot be done; nothing was changed."""

    code = "run.state"
    title = "The run is not in a state for this"
    remedy = "Read the run again; docs/reference/runs.md says what follows which state."


class RunChangedMeanwhile(Conflict):
    """Others changed the run again and again while this was decided; nothing was changed."""

    code = "run.changed-meanwhile"
    title = "The run changed meanwhile"
    remedy = "Read the run again and decide again."


class RunApprovalOwn(Conflict):
    """Who made or started a run cannot approve it, not with a token of theirs either."""

    code = "run.approval-own"
    title = "A second person has to approve"
    remedy = "Ask somebody else who holds the permission runs:approve."
