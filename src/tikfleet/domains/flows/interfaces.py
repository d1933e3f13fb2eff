"""What people call the interfaces that flows name by numbers.

A flow tells the number that SNMP knows an interface by, and no report of a router does; RouterOS sends no names with
flows as far as is known (unverified), so a person says them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.flows.errors import InterfaceNamesFull
from tikfleet.domains.inventory.public import DeviceNotFound, Devices
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.database import Database, Transaction

_MOST: Final = 1_000
_CHUNK: Final = 500
Numbered = Mapping[str, str]


class InterfaceNames:
    """By device and number, as flows have it: decimal text."""

    def __init__(self, database: Database, devices: Devices, audit: AuditTrail) -> None:
        self._database = database
        self._devices = devices
        self._audit = audit

    async def interfaces(self, scope: OrgScope, ids: Sequence[DeviceId]) -> Mapping[DeviceId, Numbered]:
        """The names that devices of the scope have; a device without any is left out."""
        found: defaultdict[DeviceId, dict[str, str]] = defaultdict(dict)
        async with self._database.read() as tx:
            for begin in range(0, len(ids), _CHUNK):
                rows = await tx.fetch(
                    "select device_id, number, name from traffic_interface "
                    "where device_id in :ids and org_id in :orgs order by device_id, number",
                    ids=list(ids[begin : begin + _CHUNK]),
                    orgs=list(scope.org_ids),
                )
                for device_id, number, name in rows:
                    found[device_id][str(number)] = name
        return found

    async def of(self, scope: OrgScope, device_id: DeviceId) -> Numbered:
        """Those of one device. Raises DeviceNotFound."""
        await self._device(scope, device_id)
        return (await self.interfaces(scope, [device_id])).get(device_id, {})

    async def name(
        self, scope: OrgScope, actor: Actor, device_id: DeviceId, names: Mapping[str, str | None]
    ) -> Numbered:
        """Name some interfaces; None takes a name away. Raises DeviceNotFound and InterfaceNamesFull."""
        device, org_id = await self._device(scope, device_id)
        before = (await self.interfaces(scope, [device_id])).get(device_id, {})
        after = {number: name for number, name in {**before, **names}.items() if name}
        if len(after) > _MOST:
            raise InterfaceNamesFull(f"a device has at most {_MOST} named interfaces")
        async with self._database.write() as tx:
            for number, name in names.items():
                await _noted(tx, (org_id, device_id, int(number)), name)
            await self._audit.within(tx).record(
                org_id, actor, "device.interfaces-named", Target("device", device_id, device),
                {number: before[number] for number in names if number in before},
                {number: name for number, name in names.items() if name},
            )  # fmt: skip
        return dict(sorted(after.items(), key=lambda item: int(item[0])))

    async def _device(self, scope: OrgScope, device_id: DeviceId) -> tuple[str, OrganisationId]:
        """Its name, and whose it is."""
        found = await self._devices.find_by_id(scope, [device_id])
        if not found:
            raise DeviceNotFound("there is no device of that id")
        _, name, org_id, *_ = found[0]
        return name, org_id


async def _noted(tx: Transaction, key: tuple[str, str, int], name: str | None) -> None:
    org_id, device_id, number = key
    await tx.execute(
        "delete from traffic_interface where device_id = :device_id and number = :number",
        device_id=device_id,
        number=number,
    )
    if name:
        await tx.execute(
            "insert into traffic_interface (device_id, number, org_id, name) "
            "values (:device_id, :number, :org_id, :name)",
            device_id=device_id,
            number=number,
            org_id=org_id,
            name=name,
        )
