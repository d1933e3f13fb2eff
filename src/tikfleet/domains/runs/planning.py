"""Whom a run is for, in what order and waves, and whether it can be written for each of them."""

import asyncio
import hashlib
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import msgspec

from tikfleet.domains.inventory.public import DeviceReader, DeviceValues, Selection
from tikfleet.domains.runs.checking import Checking
from tikfleet.domains.runs.errors import RunContradictory, RunForTooMany, RunNotWritable, RunWithoutDevices
from tikfleet.domains.runs.model import Target, Wave, sizes
from tikfleet.domains.runs.rendering import Rendering
from tikfleet.domains.runs.spec import RunSpec
from tikfleet.kernel.ids import DeviceId, RunId
from tikfleet.kernel.scopes import OrgScope

MOST_DEVICES: Final = 50_000
_NOT_READY: Final = frozenset({"pending", "removing"})
_PATIENCE_S: Final = 2.0
_POINTED_AT: Final = 20


class Plan(msgspec.Struct, frozen=True):
    """The waves that have targets, and the targets in their order. `note` says how many were checked."""

    waves: tuple[Wave, ...]
    targets: list[Target]
    note: str


class Planner:
    """Plans are made anew each time: a plan is what the inventory says now."""

    def __init__(self, reader: DeviceReader, protected: AbstractSet[str]) -> None:
        self._reader = reader
        self._protected = protected

    def checking(self, spec: RunSpec) -> Checking:
        """Raises RunContradictory when the change can't be written for any device."""
        return Checking(Rendering(spec.change), self._protected, unchecked=spec.change.unchecked)

    async def plan(self, org: OrgScope, run_id: RunId, spec: RunSpec) -> Plan:
        """Raises RunWithoutDevices, RunForTooMany, RunContradictory for a device that is not there, RunNotWritable."""
        checking = self.checking(spec)
        devices = await self.devices(org, spec)
        if not devices:
            raise RunWithoutDevices("the selection matches no device that takes jobs")
        faults = await asyncio.to_thread(checking.faults, devices, _PATIENCE_S)
        if faults.of:
            names = {device.id: device.name for device in devices}
            fields = [("", f"{names[DeviceId(one)]}: {fault}") for one, fault in list(faults.of.items())[:_POINTED_AT]]
            first = next(iter(faults.of.items()))
            more = f", and {len(faults.of) - 1} more devices" if len(faults.of) > 1 else ""
            raise RunNotWritable(f"{names[DeviceId(first[0])]}: {first[1]}{more}", fields=fields)
        ordered = sorted(devices, key=lambda device: (device.status != "online", _spread(run_id, device.id)))
        waves, targets = _in_waves(run_id, spec, ordered)
        rest = len(devices) - faults.looked_at
        note = f"{len(devices)} devices in {len(waves)} waves" + (
            f"; {rest} of them are checked when they are asked" if rest else ""
        )
        return Plan(waves, targets, note)

    async def devices(self, org: OrgScope, spec: RunSpec) -> list[DeviceValues]:
        """The devices that take part if it were planned now."""
        if spec.device_ids is None:
            found = await self._reader.selected(org, spec.selection or Selection(), MOST_DEVICES + 1)
            if len(found) > MOST_DEVICES:
                raise RunForTooMany(f"the selection matches more than {MOST_DEVICES} devices")
            return [device for device in found if device.status not in _NOT_READY]
        named = [DeviceId(text) for text in dict.fromkeys(spec.device_ids)]
        known = {device.id: device for device in await self._reader.named(org, named)}
        fields = {
            f"/device_ids/{number}": "there is no such device, or it takes no jobs now"
            for number, one in enumerate(named)
            if one not in known or known[one].status in _NOT_READY
        }
        if fields:
            pointed = dict(list(fields.items())[:_POINTED_AT])
            raise RunContradictory(f"{len(fields)} of the devices cannot take part", fields=pointed)
        return list(known.values())

    async def values(self, org: OrgScope, device_ids: Sequence[DeviceId]) -> dict[DeviceId, DeviceValues]:
        """What devices are now; those that have left are left out."""
        return {device.id: device for device in await self._reader.named(org, device_ids)}


def target_of(run_id: RunId, device: DeviceValues, wave: int, place: int) -> Target:
    """A device that is to be asked."""
    return Target(
        run_id=run_id, device_id=device.id, org_id=device.org_id, device_name=device.name, wave=wave, place=place
    )


def takes_part(device: DeviceValues) -> bool:
    """Whether it takes jobs."""
    return device.status not in _NOT_READY


def _in_waves(run_id: RunId, spec: RunSpec, devices: Sequence[DeviceValues]) -> tuple[tuple[Wave, ...], list[Target]]:
    """Waves that would add nobody are left out; whoever is over comes in a last one."""
    wishes = spec.waves
    counts = sizes([(wish.count, wish.percent) for wish in wishes], len(devices))
    made = [Wave(count, wish.pause_s, wish.gate) for wish, count in zip(wishes, counts[:-1], strict=True) if count > 0]
    if counts[-1]:
        made.append(Wave(counts[-1]))
    numbers = [number for number, wave in enumerate(made) for _ in range(wave.size)]
    targets = [
        target_of(run_id, device, wave, place)
        for place, (device, wave) in enumerate(zip(devices, numbers, strict=True))
    ]
    return tuple(made), targets


def _spread(run_id: RunId, device_id: DeviceId) -> bytes:
    """An order that mixes sites and ages, the same each time for this run."""
    return hashlib.blake2b(f"{run_id}/{device_id}".encode(), digest_size=8).digest()
