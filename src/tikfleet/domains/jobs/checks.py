"""Scripts are checked before they are sent, for the versions of RouterOS that their devices run."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import msgspec

from tikfleet.domains.jobs.devices import JobTarget, JobTargets
from tikfleet.domains.jobs.errors import JobContradictory, JobDevicesUnknown, ScriptCheckBusy, ScriptInvalid
from tikfleet.domains.jobs.schemas import (
    ConcernedDevice,
    RemarkView,
    ScriptCheck,
    ScriptChecked,
    VersionCheck,
)
from tikfleet.kernel.ids import DeviceId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.routeros.check.checker import DEFAULT_VERSION, check
from tikfleet.routeros.check.remark import Remark, Severity
from tikfleet.routeros.values import RouterOSVersion

_AT_ONCE: Final = 2
_PATIENCE_S: Final = 10.0
_SHOWN_REMARKS: Final = 100
_SHOWN_DEVICES: Final = 5
_MOST_VERSIONS: Final = 50
_POINTED_AT: Final = 20
_NOTED: Final = 3


class Running(msgspec.Struct, frozen=True, order=True):
    """A version that a script is to run on. `assumed`: no device said so, the newest that is known stands in for it."""

    version: str
    assumed: bool = False


class ScriptChecks:
    """What RouterOS would say of a script. Nothing is sent anywhere and nothing kept."""

    def __init__(self, targets: JobTargets, protected: AbstractSet[str] = frozenset()) -> None:
        """`protected`: names of schedulers and scripts whose loss is worth a warning of its own."""
        self._targets = targets
        self._protected = protected
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def check(self, org: OrgScope, asked: ScriptCheck) -> ScriptChecked:
        """The script for each version that was named or that the devices run, the ones of most devices first.

        For the newest version that is known when neither is given. Raises JobContradictory, JobDevicesUnknown and
        ScriptCheckBusy.
        """
        if asked.device_ids is not None and asked.selection is not None:
            raise JobContradictory("give either device_ids or selection", remedy="Leave out one of the two.")
        counts: dict[Running, int] = {running_of(version): 0 for version in asked.versions}
        devices: Sequence[JobTarget] = ()
        if asked.device_ids is not None:
            devices = await self._named(org, asked.device_ids)
            _count(counts, [(device.version, 1) for device in devices])
        if asked.selection is not None:
            _count(counts, (await self._targets.versions(org, asked.selection)).items())
        if not counts and asked.device_ids is None and asked.selection is None:
            counts[running_of("")] = 0
        chosen = sorted(counts, key=lambda running: -counts[running])
        found = await self._remarks(asked.source, chosen[:_MOST_VERSIONS])
        checks = [_view(running, remarks, counts[running], devices) for running, remarks in found.items()]
        return ScriptChecked(
            ok=not any(one.error_count for one in checks),
            checks=checks,
            versions_left_out=max(0, len(chosen) - _MOST_VERSIONS),
        )

    async def permit(self, source: str, devices: Sequence[JobTarget]) -> list[VersionCheck]:
        """The remarks on a script that is about to be sent: warnings only.

        Raises ScriptInvalid when RouterOS would refuse it on one of the devices, and ScriptCheckBusy.
        """
        counts: dict[Running, int] = {}
        _count(counts, [(device.version, 1) for device in devices])
        found = await self._remarks(source, sorted(counts, key=lambda running: -counts[running]))
        if errors := _errors(found):
            refusing = {running for running, remarks in found.items() if _has_error(remarks)}
            raise _refusal(errors, [device for device in devices if running_of(device.version) in refusing])
        return [_view(running, remarks, counts[running], devices) for running, remarks in found.items()]

    async def _named(self, org: OrgScope, device_ids: Sequence[str]) -> Sequence[JobTarget]:
        ids = [DeviceId(text) for text in dict.fromkeys(device_ids)]
        found = {device.id: device for device in await self._targets.find(org, ids, len(ids)) if device.org_id in org}
        unknown = [number for number, device_id in enumerate(ids) if device_id not in found]
        if unknown:
            fields = {f"/device_ids/{number}": "there is no such device" for number in unknown[:_POINTED_AT]}
            raise JobDevicesUnknown(f"{len(unknown)} of the devices do not exist", fields=fields)
        return [found[device_id] for device_id in ids]

    async def _remarks(self, source: str, versions: Sequence[Running]) -> dict[Running, list[Remark]]:
        """Off the event loop, since a long script takes some tenths of a second for each version."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._turns.acquire()
        except TimeoutError as cause:
            raise ScriptCheckBusy(f"other scripts were checked for {_PATIENCE_S:g} s", retry_after_s=2) from cause
        try:
            return await asyncio.to_thread(self._check_all, source, versions)
        finally:
            self._turns.release()

    def _check_all(self, source: str, versions: Sequence[Running]) -> dict[Running, list[Remark]]:
        return {running: check(source, running.version, self._protected) for running in versions}


def running_of(text: str) -> Running:
    """The version that a device says it runs; the newest that is known for text that is no version."""
    try:
        return Running(str(RouterOSVersion.parse(text)))
    except ValueError:
        return Running(DEFAULT_VERSION, assumed=True)


def note_of(running: Running, checks: Iterable[VersionCheck]) -> str:
    """What the history of a job says about its check; empty when there is nothing to remark for its version."""
    for one in checks:
        if (one.version, one.is_assumed) == (running.version, running.assumed) and one.remarks:
            said = [f"line {remark.line} column {remark.column}: {remark.message}" for remark in one.remarks[:_NOTED]]
            more = one.warning_count - len(said)
            return f"warned for RouterOS {one.version}: " + "; ".join(said) + (f"; and {more} more" if more > 0 else "")
    return ""


def _count(counts: dict[Running, int], versions: Iterable[tuple[str, int]]) -> None:
    for version, number in versions:
        running = running_of(version)
        counts[running] = counts.get(running, 0) + number


def _has_error(remarks: Sequence[Remark]) -> bool:
    return any(remark.severity is Severity.ERROR for remark in remarks)


def _errors(found: Mapping[Running, Sequence[Remark]]) -> dict[Remark, list[Running]]:
    """Each error with the versions that it stands for, in the order of the source."""
    errors: dict[Remark, list[Running]] = {}
    for running, remarks in found.items():
        for remark in remarks:
            if remark.severity is Severity.ERROR:
                errors.setdefault(remark, []).append(running)
    return dict(sorted(errors.items(), key=lambda item: (item[0].line, item[0].column)))


def _refusal(errors: Mapping[Remark, Sequence[Running]], devices: Sequence[JobTarget]) -> ScriptInvalid:
    """In one sentence the first error, and in `fields` the first twenty of them."""
    lines = [
        (f"line {remark.line} column {remark.column}: {remark.sentence}", versions)
        for remark, versions in errors.items()
    ]
    first, versions = lines[0]
    more = f", and {len(lines) - 1} more" if len(lines) > 1 else ""
    where = devices[0].name if len(devices) == 1 else f"{len(devices)} of the devices"
    fields = [("/script", f"{text} ({_listed(versions)})") for text, versions in lines[:_POINTED_AT]]
    return ScriptInvalid(f"{_listed(versions)} on {where} would refuse {first}{more}", fields=fields)


def _listed(versions: Sequence[Running]) -> str:
    names = [one.version + (", assumed for want of a known version" if one.assumed else "") for one in versions[:3]]
    more = f" and {len(versions) - len(names)} other versions" if len(versions) > len(names) else ""
    return f"RouterOS {', '.join(names)}{more}"


def _view(running: Running, remarks: Sequence[Remark], count: int, devices: Sequence[JobTarget]) -> VersionCheck:
    errors = sum(remark.severity is Severity.ERROR for remark in remarks)
    return VersionCheck(
        version=running.version,
        is_assumed=running.assumed,
        device_count=count,
        devices=[
            ConcernedDevice(device.id, device.name) for device in devices if running_of(device.version) == running
        ][:_SHOWN_DEVICES],
        error_count=errors,
        warning_count=len(remarks) - errors,
        remarks=[
            RemarkView(
                severity=remark.severity.value,
                line=remark.line,
                column=remark.column,
                code=remark.code,
                message=remark.sentence,
                since=remark.since or None,
            )
            for remark in sorted(remarks, key=lambda one: one.severity is not Severity.ERROR)[:_SHOWN_REMARKS]
        ],
    )
