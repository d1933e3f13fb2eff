"""What can go wrong with a job, in words for the one who asked."""

from tikfleet.kernel.errors import Conflict, Invalid, NotFound, TooManyRequests, Unavailable


class JobNotFound(NotFound):
    """There is no such job in the caller's organisation."""

    code = "job.not-found"
    title = "There is no such job"
    remedy = "Check the job's id, and that you act in the right organisation."


class JobOutputMissing(NotFound):
    """The job's output was stored apart from it and is not there any more."""

    code = "job.output-missing"
    title = "The job's output is gone"
    remedy = "Ask the device again with a new job."


class JobDevicesUnknown(NotFound):
    """Some of the named devices do not exist in the caller's organisation; no job was made."""

    code = "job.devices-unknown"
    title = "Some of these devices do not exist"
    remedy = "Leave out the devices that `errors` names, and check that you act in the right organisation."


class JobWithoutDevices(Conflict):
    """No device that could take the job fits what was asked for; no job was made."""

    code = "job.no-devices"
    title = "No device fits"
    remedy = "Look at GET /devices with the same filters; only enrolled and approved devices take jobs."


class JobDevicesNotReady(Conflict):
    """Some of the named devices wait for approval or are being removed; no job was made."""

    code = "job.devices-not-ready"
    title = "Some of these devices take no jobs"
    remedy = "Approve the devices that `errors` names, or leave them out."


class JobForTooMany(Conflict):
    """The request means more devices than one request may ask that is no run; no job was made."""

    code = "job.too-many-devices"
    title = "Too many devices for one request"
    remedy = "Make it a run (POST /runs), which goes out in waves and stops by itself; or narrow the selection."


class JobDevicesTooFast(TooManyRequests):
    """The caller, or the organisation, has asked as many devices as it may in a minute; no job was made."""

    code = "job.devices-per-minute"
    title = "Too many devices in a minute"
    remedy = "Make it a run (POST /runs), which waits by itself, or ask again after the time in Retry-After."


class JobContradictory(Conflict):
    """The parts of the request do not fit each other; no job was made."""

    code = "job.contradictory"
    title = "The parts of the job do not fit each other"
    remedy = "Give `script` for a script, `parameters` for a typed kind, and either `device_ids` or `selection`."


class JobNotRenderable(Conflict):
    """The job cannot be written as a script for one of the devices; no job was made."""

    code = "job.not-renderable"
    title = "The job cannot be written for this device"
    remedy = "Change the parameters, or leave out the device."


class ScriptInvalid(Conflict):
    """RouterOS would refuse the script on some of the devices; `errors` says where and why, and no job was made."""

    code = "script.invalid"
    title = "RouterOS would refuse the script"
    remedy = "Correct the script, or send it with `unchecked` where the router knows better than the check."


class ScriptCheckBusy(Unavailable):
    """Too many scripts are being checked at this moment; nothing was checked or made."""

    code = "script.check-busy"
    title = "The check has too much to do"
    remedy = "Ask again after the time in Retry-After."


class JobParametersInvalid(Invalid):
    """The parameters are not those of the kind, or outside their bounds; no job was made."""

    code = "job.parameters-invalid"
    title = "The parameters do not fit the kind"
    remedy = "Look the kind's parameters and their bounds up: GET /job-kinds."


class JobEnded(Conflict):
    """The job has ended, and an end state is final."""

    code = "job.ended"
    title = "The job has ended"
    remedy = "Make a new job."


class JobBegun(Conflict):
    """The device has begun a job that takes effect once; it cannot be called back."""

    code = "job.begun"
    title = "The device has begun the job"
    remedy = "Wait for its outcome, or for its time-out."


class JobWithoutAnswer(Conflict):
    """The job was not made for a request to a router's own REST, so that it has no answer in its form."""

    code = "job.no-answer"
    title = "This job answers no request"
    remedy = "Read the job's output instead: GET /jobs/{id}/output."


class JobChangedMeanwhile(Conflict):
    """Others changed the job again and again while this was decided; nothing was changed."""

    code = "job.changed-meanwhile"
    title = "The job changed meanwhile"
    remedy = "Read the job again and decide again."
