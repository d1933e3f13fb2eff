"""Devices: what people and programs do with them, and how enrolment brings them in."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec
from msgspec import UNSET

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.inventory import devices as sql
from tikfleet.domains.inventory.errors import DeviceNotFound, SiteNotFound
from tikfleet.domains.inventory.facets import facets
from tikfleet.domains.inventory.model import (
    REMOVED,
    CounterBook,
    Detail,
    DeviceEvent,
    Status,
    shown_name,
)
from tikfleet.domains.inventory.schemas import (
    DeviceDetail,
    DevicePatch,
    DeviceSummary,
    Facets,
    Finding,
    InterfaceView,
    NeighborView,
    WirelessClientView,
)
from tikfleet.domains.inventory.selection import Selection
from tikfleet.domains.inventory.states import write_events
from tikfleet.kernel.clock import Clock, to_text, utc_now
from tikfleet.kernel.ids import DeviceId, EnrolmentKeyId, OrganisationId, SiteId, new_id
from tikfleet.kernel.paging import Page, PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.bus import Bus, News
from tikfleet.ports.database import Database, Row, Transaction

_REMOVAL_SETTLES: Final = timedelta(minutes=2)


Found = tuple[DeviceId, str, OrganisationId, str, Status, str]


class NewDevice(msgspec.Struct, frozen=True, kw_only=True):
    """What enrolment knows of a router that becomes a device."""

    device_id: DeviceId
    org_id: OrganisationId
    site_id: SiteId | None
    serial: str
    identity: str
    board: str
    model: str
    architecture: str
    version: str
    agent_tier: str
    source_address: str
    tags: Sequence[str]
    enrolment_key_id: EnrolmentKeyId
    findings: Sequence[Finding]
    pending: bool


class KnownDevice(msgspec.Struct, frozen=True):
    """A device found by what its hardware says."""

    device_id: DeviceId
    name: str
    status: Status


class Devices:
    """The routers of an organisation."""

    def __init__(self, database: Database, audit: AuditTrail, bus: Bus, clock: Clock = utc_now) -> None:
        self._database = database
        self._audit = audit
        self._bus = bus
        self._clock = clock

    async def page(self, scope: OrgScope, selection: Selection, asked: PageRequest) -> Page[DeviceSummary]:
        async with self._database.read() as tx:
            return await sql.page(tx, scope, selection, asked)

    async def facets(self, scope: OrgScope, selection: Selection) -> Facets:
        async with self._database.read() as tx:
            return await facets(tx, scope, selection)

    async def get(self, scope: OrgScope, device_id: DeviceId) -> DeviceDetail:
        async with self._database.read() as tx:
            return await self._one(tx, scope, device_id)

    async def find(self, scope: OrgScope, selection: Selection, limit: int) -> list[Found]:
        """(id, shown name, organisation, agent tier, status, version) of the devices that match, oldest first."""
        async with self._database.read() as tx:
            return [_found(row) for row in await sql.ids(tx, scope, selection, limit)]

    async def find_by_id(self, scope: OrgScope, device_ids: Sequence[DeviceId]) -> list[Found]:
        """The same of devices that are named; those that the scope does not have are left out."""
        async with self._database.read() as tx:
            rows = [row for part in _chunks(device_ids) for row in await sql.by_ids(tx, scope, part)]
        return [_found(row) for row in rows]

    async def versions(self, scope: OrgScope, selection: Selection) -> dict[str, int]:
        """How many of the devices that match run which version of RouterOS, as they say it; empty for unknown."""
        async with self._database.read() as tx:
            return await sql.versions(tx, scope, selection)

    async def labels(
        self, scope: OrgScope, device_ids: Sequence[DeviceId]
    ) -> dict[DeviceId, tuple[str, SiteId | None]]:
        """(shown name, site) of devices, removed ones included, since their history stays."""
        found: dict[DeviceId, tuple[str, SiteId | None]] = {}
        async with self._database.read() as tx:
            for part in _chunks(device_ids):
                rows = await tx.fetch(
                    "select d.id, d.name, s.identity, d.site_id from device d "
                    "join device_state s on s.device_id = d.id where d.id in :ids and d.org_id in :org_ids",
                    ids=part,
                    org_ids=list(scope.org_ids),
                )
                found |= {row[0]: (shown_name(row[1], row[2], row[0]), row[3]) for row in rows}
        return found

    async def change(self, scope: OrgScope, actor: Actor, device_id: DeviceId, patch: DevicePatch) -> DeviceDetail:
        changes = {name: value for name, value in msgspec.structs.asdict(patch).items() if value is not UNSET}
        async with self._database.write() as tx:
            before = await self._one(tx, scope, device_id)
            if changes.get("site_id"):
                await self._check_site(tx, scope, changes["site_id"])
            await self._update(tx, device_id, before, changes)
            after = await self._one(tx, scope, device_id)
            was = {
                name: before.site.id if name == "site_id" and before.site else getattr(before, name, None)
                for name in changes
            }
            await self._audit.within(tx).record(
                scope.org_id, actor, "device.change", Target("device", device_id, after.name), was, changes
            )
        return after

    async def remove(self, scope: OrgScope, actor: Actor, device_id: DeviceId, *, force: bool) -> DeviceDetail | None:
        """Begin the removal and give the device as it is now; None when it ended at once.

        That is with `force`, and where the router never got an agent.
        """
        async with self._database.write() as tx:
            device = await self._one(tx, scope, device_id)
            at_once = force or device.status == "pending"
            if at_once:
                await self._delete(tx, device_id)
            else:
                await self._set_status(tx, device_id, "removing")
                removing = await self._one(tx, scope, device_id)
            action = "device.remove-at-once" if at_once else "device.remove"
            await self._audit.within(tx).record(
                scope.org_id, actor, action, Target("device", device_id, device.name), {"status": device.status}, None
            )
        if at_once:
            await self.tell(scope.org_id, device_id, "device.removed", f"{device.name} was removed")
            return None
        self._bus.publish(News("device.removing", scope.org_id, {"device_id": device_id}))
        return removing

    async def interfaces(self, scope: OrgScope, device_id: DeviceId) -> list[InterfaceView]:
        """The interfaces as last reported, each with its present counters and rates."""
        body, updated_at, counters = await self._document(scope, device_id, "interfaces")
        views = msgspec.json.decode(body, type=list[InterfaceView])
        read_at = sql.moment_text(counters.read_at_ms) if counters.read_at_ms else updated_at
        for view in views:
            view.updated_at = read_at or ""
            if (present := counters.interfaces.get(view.name)) is not None:
                for name in (
                    "rx_bytes",
                    "tx_bytes",
                    "rx_errors",
                    "tx_errors",
                    "rx_drops",
                    "tx_drops",
                    "rx_bps",
                    "tx_bps",
                ):
                    setattr(view, name, getattr(present, name))
                view.link_downs = present.link_downs
        return views

    async def wireless_clients(self, scope: OrgScope, device_id: DeviceId) -> list[WirelessClientView]:
        body, updated_at, _ = await self._document(scope, device_id, "wireless")
        views = msgspec.json.decode(body, type=list[WirelessClientView])
        for view in views:
            view.updated_at = updated_at
        return views

    async def neighbors(self, scope: OrgScope, device_id: DeviceId) -> list[NeighborView]:
        body, _, _ = await self._document(scope, device_id, "neighbors")
        return msgspec.json.decode(body, type=list[NeighborView])

    async def counts(self, scope: OrgScope) -> dict[OrganisationId, int]:
        """How many devices each organisation of the scope has."""
        async with self._database.read() as tx:
            rows = await tx.fetch(
                "select org_id, count(*) from device where org_id in :org_ids and deleted_at is null group by org_id",
                org_ids=list(scope.org_ids),
            )
        return {row[0]: int(row[1]) for row in rows}

    async def by_serial(self, org_id: OrganisationId, serial: str) -> KnownDevice | None:
        """The device of an organisation that has this serial number."""
        if not serial:
            return None
        async with self._database.read() as tx:
            rows = await tx.fetch(
                "select d.id, d.name, s.identity, s.status from device d join device_state s on s.device_id = d.id "
                "where d.org_id = :org_id and d.serial = :serial and d.deleted_at is null order by d.id limit 1",
                org_id=org_id,
                serial=serial,
            )
        return KnownDevice(rows[0][0], shown_name(rows[0][1], rows[0][2], rows[0][0]), rows[0][3]) if rows else None

    async def add(self, new: NewDevice) -> None:
        """A router becomes a device. For enrolment, which has proved the organisation by its key."""
        now = to_text(self._clock())
        values = msgspec.structs.asdict(new)
        values |= {
            "tags": msgspec.json.encode(list(new.tags)).decode(),
            "findings": msgspec.json.encode(list(new.findings)).decode(),
            "now": now,
            "status": "pending" if new.pending else "never",
            "detail": msgspec.msgpack.encode(Detail(serial=new.serial)),
            "counters": msgspec.msgpack.encode(CounterBook()),
        }
        async with self._database.write() as tx:
            await tx.execute(_INSERT_DEVICE, **{name: values[name] for name in _DEVICE_VALUES})
            await tx.execute(_INSERT_STATE, **{name: values[name] for name in _STATE_VALUES})
            rows = [{"device_id": new.device_id, "tag": tag, "org_id": new.org_id} for tag in set(new.tags)]
            await tx.execute_many(_INSERT_TAG, rows)

    async def approve(self, scope: OrgScope, device_id: DeviceId) -> DeviceDetail:
        """A waiting device may report from now on, and its warnings are cleared."""
        async with self._database.write() as tx:
            device = await self._one(tx, scope, device_id)
            if device.status == "pending":
                await self._set_status(tx, device_id, "never")
            await tx.execute("update device set warnings = '[]' where id = :id", id=device_id)
            return await self._one(tx, scope, device_id)

    async def warn(self, device_id: DeviceId, finding: Finding) -> None:
        """Put a warning on a device; the same code is there once."""
        async with self._database.write() as tx:
            rows = await tx.fetch("select warnings from device where id = :id", id=device_id)
            kept = [item for item in msgspec.json.decode(rows[0][0], type=list[Finding]) if item.code != finding.code]
            text = msgspec.json.encode([*kept, finding]).decode()
            await tx.execute("update device set warnings = :warnings where id = :id", id=device_id, warnings=text)

    async def removal_sent(self, device_id: DeviceId) -> None:
        """The router has fetched the script that removes the agent."""
        async with self._database.write() as tx:
            now = to_text(self._clock())
            await tx.execute("update device set removal_sent_at = :now where id = :id", id=device_id, now=now)

    async def removals_to_settle(self) -> list[tuple[OrganisationId, DeviceId]]:
        """Devices whose removal script went out over a minute ago and that have not been heard of since."""
        now = self._clock()
        async with self._database.read() as tx:
            rows = await tx.fetch(
                "select d.org_id, d.id from device d join device_state s on s.device_id = d.id "
                "where d.deleted_at is null and d.removal_sent_at < :before "
                "and coalesce(s.last_seen_ms, 0) < :before_ms limit 500",
                before=to_text(now - _REMOVAL_SETTLES),
                before_ms=int((now - _REMOVAL_SETTLES).timestamp() * 1000),
            )
        return [(row[0], row[1]) for row in rows]

    async def removed(self, org_id: OrganisationId, device_id: DeviceId) -> None:
        """The agent is gone from the router: the device is no more; its history stays."""
        async with self._database.write() as tx:
            await self._delete(tx, device_id)
        await self.tell(org_id, device_id, "device.removed", "the agent was removed from the router")

    async def tell(
        self, org_id: OrganisationId, device_id: DeviceId, kind: str, text: str, data: dict[str, Any] | None = None
    ) -> None:
        """Write an event of a device and publish it."""
        labels = await self.labels(OrgScope.only(org_id), [device_id])
        name, site_id = labels.get(device_id, (device_id, None))
        event = DeviceEvent(
            new_id("evt"), to_text(self._clock()), kind, org_id, device_id, name, site_id, text, data or {}
        )
        async with self._database.write() as tx:
            await write_events(tx, [event])
        self._bus.publish(news_of(event))

    async def _update(
        self, tx: Transaction, device_id: DeviceId, before: DeviceDetail, changes: dict[str, Any]
    ) -> None:
        columns = dict(changes)
        if "name" in columns:
            columns["named_by_person"] = int(bool(columns["name"]))
        if "tags" in columns:
            tags = sorted(set(columns["tags"]))
            columns["tags"] = msgspec.json.encode(tags).decode()
            await tx.execute("delete from device_tag where device_id = :id", id=device_id)
            owner = (await tx.fetch("select org_id from device where id = :id", id=device_id))[0][0]
            await tx.execute_many(_INSERT_TAG, [{"device_id": device_id, "tag": tag, "org_id": owner} for tag in tags])
        if columns:
            setters = ", ".join(f"{name} = :{name}" for name in columns)
            await tx.execute(f"update device set {setters} where id = :id", id=device_id, **columns)

    async def _one(self, tx: Transaction, scope: OrgScope, device_id: DeviceId) -> DeviceDetail:
        device = await sql.one(tx, scope, device_id, self._clock)
        if device is None:
            raise DeviceNotFound("there is no device of that id")
        return device

    async def _check_site(self, tx: Transaction, scope: OrgScope, site_id: str) -> None:
        rows = await tx.fetch(
            "select 1 from site where id = :id and org_id in :org_ids", id=site_id, org_ids=list(scope.org_ids)
        )
        if not rows:
            raise SiteNotFound("there is no site of that id")

    async def _set_status(self, tx: Transaction, device_id: DeviceId, status: str) -> None:
        await tx.execute(
            "update device_state set status = :status, status_since = :now where device_id = :id",
            id=device_id,
            status=status,
            now=to_text(self._clock()),
        )

    async def _delete(self, tx: Transaction, device_id: DeviceId) -> None:
        now = to_text(self._clock())
        await self._set_status(tx, device_id, REMOVED)
        await tx.execute("update device set deleted_at = :now, site_id = null where id = :id", id=device_id, now=now)
        await tx.execute("delete from device_tag where device_id = :id", id=device_id)
        await tx.execute("delete from device_document where device_id = :id", id=device_id)

    async def _document(self, scope: OrgScope, device_id: DeviceId, kind: str) -> tuple[bytes, str, CounterBook]:
        async with self._database.read() as tx:
            await self._one(tx, scope, device_id)
            rows = await tx.fetch(
                "select body, updated_at from device_document where device_id = :id and kind = :kind",
                id=device_id,
                kind=kind,
            )
            packed = await tx.fetch("select counters from device_state where device_id = :id", id=device_id)
        counters = msgspec.msgpack.decode(packed[0][0], type=CounterBook)
        return (rows[0][0], rows[0][1], counters) if rows else (b"[]", "", counters)


def _found(row: Row) -> Found:
    return row[0], row[1], row[2], row[3], row[4], row[5]


def _chunks(ids: Sequence[DeviceId]) -> list[list[DeviceId]]:
    return [list(ids[start : start + 500]) for start in range(0, len(ids), 500)]


def news_of(event: DeviceEvent) -> News:
    """An event as the bus and the event stream carry it."""
    data = msgspec.to_builtins(event)
    del data["org_id"]
    return News(event.kind, event.org_id, data, event.id)


_DEVICE_VALUES = ("device_id", "org_id", "site_id", "tags", "serial", "enrolment_key_id", "findings", "now")
_STATE_VALUES = ("device_id", "org_id", "status", "now", "source_address", "identity", "board", "model", "architecture",
                 "version", "agent_tier", "detail", "counters")  # fmt: skip
_INSERT_DEVICE = """
insert into device (id, org_id, name, named_by_person, site_id, tags, notes, serial, enrolment_key_id, enrolled_at,
  findings, warnings)
values (:device_id, :org_id, '', 0, :site_id, :tags, '', :serial, :enrolment_key_id, :now, :findings, '[]')
"""
_INSERT_STATE = """
insert into device_state (device_id, org_id, status, status_since, interval_s, boot_id, seq, seen_window, last_address,
  wan_address, identity, board, model, architecture, version, firmware, agent_tier, agent_version, inventory_tag,
  neighbors_tag, detail, counters)
values (:device_id, :org_id, :status, :now, 60, '', 0, 0, :source_address, '', :identity, :board, :model, :architecture,
  :version, '', :agent_tier, '', '', '', :detail, :counters)
"""
_INSERT_TAG = "insert into device_tag (device_id, tag, org_id) values (:device_id, :tag, :org_id)"
