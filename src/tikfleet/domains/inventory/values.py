"""What a change may name of a device: name, identity, hardware, version, site and tags, for many at a time."""

from collections.abc import Sequence
from typing import Final

import msgspec

from tikfleet.domains.inventory.model import Status, shown_name
from tikfleet.domains.inventory.selection import FROM, Selection, where
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.database import Database, Row, Transaction

_CHUNK: Final = 500
_COLUMNS: Final = """
d.id, d.org_id, d.name, s.identity, d.serial, s.model, s.architecture, s.version, coalesce(p.name, ''), d.tags,
s.agent_tier, s.status
"""


class DeviceValues(msgspec.Struct, frozen=True, kw_only=True):
    """One device. `site` is the site's name; `tier` is the agent's, None while it is not known."""

    id: DeviceId
    org_id: OrganisationId
    name: str
    identity: str = ""
    serial: str = ""
    model: str = ""
    architecture: str = ""
    version: str = ""
    site: str = ""
    tags: tuple[str, ...] = ()
    tier: str | None = None
    status: Status = "never"


class DeviceReader:
    """Reads the values of devices in a scope. Deleted devices and those of others are left out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def selected(self, scope: OrgScope, selection: Selection, limit: int) -> list[DeviceValues]:
        """The devices that match, oldest first, at most `limit`."""
        condition, values = where(scope, selection)
        async with self._database.read() as tx:
            rows = await tx.fetch(
                f"select {_COLUMNS} {FROM} where {condition} order by d.id limit :rows", rows=limit, **values
            )
        return [_values(row) for row in rows]

    async def named(self, scope: OrgScope, device_ids: Sequence[DeviceId]) -> list[DeviceValues]:
        """The devices of these ids, oldest first."""
        found: list[DeviceValues] = []
        async with self._database.read() as tx:
            for start in range(0, len(device_ids), _CHUNK):
                found += await _by_ids(tx, scope, list(device_ids[start : start + _CHUNK]))
        return found


async def _by_ids(tx: Transaction, scope: OrgScope, device_ids: list[DeviceId]) -> list[DeviceValues]:
    rows = await tx.fetch(
        f"select {_COLUMNS} {FROM} where d.id in :ids and d.org_id in :org_ids and d.deleted_at is null order by d.id",
        ids=device_ids,
        org_ids=list(scope.org_ids),
    )
    return [_values(row) for row in rows]


def _values(row: Row) -> DeviceValues:
    device_id, org_id, name, identity, serial, model, architecture, version, site, tags, tier, status = row
    return DeviceValues(
        id=device_id,
        org_id=org_id,
        name=shown_name(name, identity, device_id),
        identity=identity or "",
        serial=serial or "",
        model=model or "",
        architecture=architecture or "",
        version=version or "",
        site=site,
        tags=tuple(msgspec.json.decode(tags, type=list[str])),
        tier=tier or None,
        status=status,
    )
