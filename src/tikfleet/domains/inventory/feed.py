"""What happened to devices, over all organisations and in the order of its making, for who tells others of it."""

from collections.abc import Sequence
from typing import Final

import msgspec

from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.ports.database import Database


class FedEvent(msgspec.Struct, frozen=True):
    """An event of a device."""

    id: str
    org_id: OrganisationId
    at: str
    kind: str
    device_id: DeviceId
    device_name: str
    text: str


class EventFeed:
    """The history of all devices. Its ids are of the kind `prefix`."""

    prefix: Final = "evt"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def between(self, after: str, before: str, kinds: Sequence[str], limit: int) -> list[FedEvent]:
        """Events of these kinds whose ids lie between two, oldest first."""
        async with self._database.read() as tx:
            rows = await tx.fetch(
                """select id, org_id, at, kind, device_id, device_name, text from device_event
                where id > :after and id <= :before and kind in :kinds order by id limit :most""",
                after=after,
                before=before,
                kinds=list(kinds),
                most=limit,
            )
        return [FedEvent(*row) for row in rows]
