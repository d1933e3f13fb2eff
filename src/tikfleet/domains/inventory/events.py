"""What happened to devices: reading the history."""

from typing import Any

import msgspec

from tikfleet.domains.inventory.schemas import EventView
from tikfleet.kernel.paging import Cursor, Page, PageRequest
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.database import Database, Row


class EventFilter(msgspec.Struct, frozen=True):
    """Which events: of one device, of some kinds, in a stretch of time (RFC 3339 text)."""

    device_id: str | None = None
    kinds: list[str] = []
    after: str | None = None
    before: str | None = None


class Events:
    """The history of an organisation's devices, newest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, scope: OrgScope, wanted: EventFilter, asked: PageRequest) -> Page[EventView]:
        parts = ["org_id in :org_ids"]
        values: dict[str, Any] = {"org_ids": list(scope.org_ids)}
        for part, name, value in (
            ("device_id = :device_id", "device_id", wanted.device_id),
            ("kind in :kinds", "kinds", wanted.kinds),
            ("at >= :since", "since", wanted.after),
            ("at < :until", "until", wanted.before),
            ("id < :cursor", "cursor", asked.after.id if asked.after else None),
        ):
            if value:
                parts.append(part)
                values[name] = value
        async with self._database.read() as tx:
            rows = await tx.fetch(
                f"""select id, at, kind, device_id, device_name, site_id, text, data from device_event
                where {" and ".join(parts)} order by id desc limit :rows""",
                rows=asked.limit + 1,
                **values,
            )
        more = len(rows) > asked.limit
        items = [_event(row) for row in rows[: asked.limit]]
        return Page(items, Cursor(None, items[-1].id).encode() if more else None)


def _event(row: Row) -> EventView:
    event_id, at, kind, device_id, device_name, site_id, text, data = row
    return EventView(event_id, at, kind, device_id, device_name, site_id, text, msgspec.json.decode(data))
