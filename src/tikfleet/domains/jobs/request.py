"""From a request to jobs: whether its parts fit each other, whom it means, and what is made for each device."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from tikfleet.domains.inventory.public import Selection
from tikfleet.domains.jobs.checks import note_of, running_of
from tikfleet.domains.jobs.desk import render, with_script
from tikfleet.domains.jobs.devices import JobScripts, JobTarget, JobTargets
from tikfleet.domains.jobs.errors import (
    JobContradictory,
    JobDevicesNotReady,
    JobDevicesUnknown,
    JobForTooMany,
    JobNotRenderable,
    JobWithoutDevices,
)
from tikfleet.domains.jobs.kinds.catalogue import KINDS, default_class, secret_names, timeout_s
from tikfleet.domains.jobs.kinds.secrets import masked
from tikfleet.domains.jobs.model import HistoryEntry, Job, JobClass, JobRecord
from tikfleet.domains.jobs.repository import digest_of
from tikfleet.domains.jobs.schemas import JobCreate, VersionCheck
from tikfleet.domains.jobs.windows import Window, window_text
from tikfleet.kernel.clock import to_text
from tikfleet.kernel.ids import DeviceId, JobId, OrganisationId, new_id
from tikfleet.kernel.scopes import Actor, OrgScope

MOST_DEVICES: Final = 50_000
_POINTED_AT: Final = 20
EXPORT_S: Final = 300
_NOT_READY: Final = frozenset({"pending", "removing"})


class Asked(msgspec.Struct, frozen=True):
    """What one request makes for every device, and who asked."""

    create: JobCreate
    batch_id: str
    actor: Actor
    now: datetime
    checks: Sequence[VersionCheck] = ()
    parameters: Mapping[str, Any] = {}
    notify: str = ""

    @property
    def job_class(self) -> JobClass:
        """The class that was asked for, or the kind's own; what is confirmed is *once*."""
        return self.create.job_class or ("once" if self.create.confirm else default_class(self.create.kind))

    @property
    def confirm_s(self) -> int:
        """How long a device waits for a confirmation before it undoes the change; 0 is for ever."""
        return self.create.confirm.within_s if self.create.confirm else 0

    def note(self, device: JobTarget) -> str:
        """What the history of the device's job begins with."""
        if self.create.unchecked:
            return "sent without a check"
        return note_of(running_of(device.version), self.checks)

    @property
    def shown(self) -> Mapping[str, Any]:
        """The parameters as people may see them; they are of the kind, too."""
        return masked(self.create.kind, self.parameters)

    @property
    def has_secrets(self) -> bool:
        """Whether a parameter is a secret: then no text of the script may rest anywhere."""
        return not secret_names(self.create.kind).isdisjoint(self.parameters)


def check(create: JobCreate) -> None:
    """Raise JobContradictory for what the description of the request's parts can't rule out."""
    if (create.device_ids is None) == (create.selection is None):
        raise JobContradictory("give either device_ids or selection")
    if (create.kind == "script") != (create.script is not None):
        raise JobContradictory("script is given for the kind script, and only for it")
    if create.kind == "script" and create.parameters is not None:
        raise JobContradictory("parameters are given for typed kinds, and only for them")
    if create.unchecked and create.kind != "script":
        raise JobContradictory("unchecked is given for the kind script, and only for it")
    require_class(create.kind, create.job_class, confirmed=create.confirm is not None)
    job_class = create.job_class or ("once" if create.confirm else default_class(create.kind))
    require_conditions(create.kind, job_class, retries=create.retry is not None, backs_up=create.backup_first)
    wanted_window(create)


def require_conditions(kind: str, job_class: JobClass, *, retries: bool, backs_up: bool) -> None:
    """Raise JobContradictory for a repetition or a backup that does not go with what is asked."""
    if retries and job_class == "once":
        raise JobContradictory("retry is given for the classes query and desired-state: once is never repeated")
    if backs_up and default_class(kind) == "query":
        raise JobContradictory(f"backup_first is given for changes, and {kind} makes none")


def wanted_window(create: JobCreate) -> Window | None:
    """The window of the request. Raises JobContradictory for a timezone that is none."""
    try:
        return create.window.window() if create.window else None
    except ValueError as cause:
        raise JobContradictory(str(cause), fields={"/window/timezone": str(cause)}) from cause


def backup_of(asked: "Asked") -> "Asked":
    """The export that comes before what was asked, within the same window."""
    create = asked.create
    export = JobCreate(
        kind="export",
        description=f"before {create.description or create.kind}"[:500],
        expires_in_s=create.expires_in_s,
        timeout_s=EXPORT_S,
        window=create.window,
    )
    return Asked(export, new_id("bat"), asked.actor, asked.now)


def require_class(kind: str, job_class: JobClass | None, *, confirmed: bool = False) -> None:
    """Raise JobContradictory for a class that a kind cannot have, or for one that cannot be confirmed."""
    if kind == "reboot" and job_class not in (None, "once"):
        raise JobContradictory("a reboot is of class once: repeated, it would never end")
    if confirmed:
        if kind == "reboot" or default_class(kind) == "query":
            raise JobContradictory(f"confirm is given for changes of the configuration, and {kind} makes none")
        if job_class not in (None, "once"):
            raise JobContradictory("what is confirmed is of class once: repeated, it would undo its own undoing")
    elif kind in KINDS and job_class is not None and job_class not in KINDS[kind].classes:
        raise JobContradictory(f"the kind {kind} is of class {' or '.join(KINDS[kind].classes)}")


async def devices_of(targets: JobTargets, org: OrgScope, create: JobCreate, most: int) -> Sequence[JobTarget]:
    """The devices that the request means, each once. Raises when there are none, over `most`, or one takes no job."""
    if create.device_ids is not None:
        ids = [DeviceId(text) for text in dict.fromkeys(create.device_ids)]
        _require_few(len(ids), most)
        return await _named(targets, org, ids)
    found = await targets.find(org, create.selection or Selection(), most + 1)
    _require_few(len(found), most)
    ready = [device for device in found if device.status not in _NOT_READY]
    if not ready:
        raise JobWithoutDevices("the selection matches no device that takes jobs")
    return ready


def _require_few(number: int, most: int) -> None:
    if number > most:
        raise JobForTooMany(f"one request may ask {most} devices, and this means more")


async def _named(targets: JobTargets, org: OrgScope, ids: Sequence[DeviceId]) -> Sequence[JobTarget]:
    found = {device.id: device for device in await targets.find(org, ids, len(ids)) if device.org_id in org}
    unknown = [number for number, device_id in enumerate(ids) if device_id not in found]
    if unknown:
        fields = _pointers(unknown, "there is no such device")
        raise JobDevicesUnknown(f"{len(unknown)} of the devices do not exist", fields=fields)
    unready = [number for number, device_id in enumerate(ids) if found[device_id].status in _NOT_READY]
    if unready:
        fields = _pointers(unready, "the device waits for approval or is being removed")
        raise JobDevicesNotReady(f"{len(unready)} of the devices take no jobs now", fields=fields)
    return [found[device_id] for device_id in ids]


def _pointers(numbers: Sequence[int], message: str) -> dict[str, str]:
    return {f"/device_ids/{number}": message for number in numbers[:_POINTED_AT]}


def job_for(device: JobTarget, asked: Asked) -> Job:
    """The job of one device, its script not yet written."""
    create = asked.create
    return Job(
        id=JobId(new_id("job")),
        org_id=device.org_id,
        batch_id=asked.batch_id,
        device_id=device.id,
        device_name=device.name,
        kind=create.kind,
        job_class=asked.job_class,
        description=create.description,
        parameters=_encoded(asked.parameters),
        created_at=to_text(asked.now),
        created_by_kind=asked.actor.kind,
        created_by_id=asked.actor.id,
        created_by_name=asked.actor.name,
        expires_at=to_text(asked.now + timedelta(seconds=create.expires_in_s)),
        timeout_s=timeout_s(create.kind, asked.shown, create.timeout_s),
        confirm_s=asked.confirm_s,
        notify=asked.notify,
        retry_attempts=create.retry.attempts if create.retry else 0,
        retry_pause_s=create.retry.pause_s if create.retry else 0,
        window_json=window_text(wanted_window(create)),
    )


class Writing:
    """Writes the scripts of a batch: each text once a tier, kept once an organisation."""

    def __init__(self, scripts: JobScripts) -> None:
        self._scripts = scripts
        self._written: dict[str, str] = {}
        self.fresh: dict[tuple[OrganisationId, str], str] = {}

    def write(self, device: JobTarget, asked: Asked) -> JobRecord:
        """A fresh job of the device. Its script waits for the hand-out while the device's tier is not known.

        Raises JobNotRenderable.
        """
        job, source = job_for(device, asked), asked.create.script
        if source is not None:
            job = replace(job, source_digest=self._keep(job, source))
        script = None
        if device.tier is not None:
            script = self._text(device, device.tier, replace(job, parameters=_encoded(asked.shown)), source)
        if script is not None and not asked.has_secrets:
            self._keep(job, script)
            job = with_script(job, script)
        shown = None if asked.has_secrets else source or script
        return JobRecord(job, shown, [HistoryEntry(job.created_at, job.status, asked.note(device))])

    def _text(self, device: JobTarget, tier: str, job: Job, source: str | None) -> str:
        if tier not in self._written:
            try:
                self._written[tier] = render(self._scripts, job, device, source)
            except ValueError as cause:
                raise JobNotRenderable(f"for {device.name}: {cause}") from cause
        return self._written[tier]

    def _keep(self, job: Job, text: str) -> str:
        digest = digest_of(text)
        self.fresh[(job.org_id, digest)] = text
        return digest


def _encoded(parameters: Mapping[str, Any]) -> str:
    return msgspec.json.encode(parameters).decode()
