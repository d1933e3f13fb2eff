"""All relational SQL over devices, as people and programs read and change them."""

from typing import Any, Final

import msgspec

from tikfleet.domains.inventory.facets import count, found_by_words
from tikfleet.domains.inventory.model import Detail, Status, shown_name
from tikfleet.domains.inventory.schemas import DeviceDetail, DeviceSummary, Finding, SiteRef
from tikfleet.domains.inventory.selection import FROM, Selection, where
from tikfleet.kernel.clock import Clock, to_text, utc_now
from tikfleet.kernel.ids import DeviceId
from tikfleet.kernel.paging import Cursor, Page, PageRequest, SortValue
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.database import Row, Transaction

_SHOWN: Final = "lower(case when d.name <> '' then d.name when s.identity <> '' then s.identity else d.id end)"

SORTS: Final[dict[str, str]] = {
    "name": _SHOWN,
    "status": "s.status",
    "model": "s.model",
    "version": "s.version",
    "last_seen_at": "coalesce(s.last_seen_ms, 0)",
    "uptime_s": "coalesce(s.uptime_s, -1)",
    "cpu_load": "coalesce(s.cpu_load, -1)",
    "memory_used_percent": "coalesce(s.memory_used_percent, -1)",
    "rx_bps": "coalesce(s.rx_bps, -1)",
    "tx_bps": "coalesce(s.tx_bps, -1)",
    "clients": "coalesce(s.clients, -1)",
    "enrolled_at": "d.enrolled_at",
}

_SUMMARY: Final = """
d.id, d.name, s.identity, s.status, s.status_since, d.serial, s.board, s.model, s.architecture, s.version, s.firmware,
p.id, p.name, d.tags, s.wan_address, s.last_address, s.last_seen_ms, s.uptime_s, s.cpu_load, s.memory_used_percent,
s.disk_used_percent, s.temperature_c, s.clients, s.rx_bps, s.tx_bps, s.agent_tier, s.agent_version, d.warnings,
d.enrolled_at
"""

_DETAIL: Final = "d.notes, d.enrolment_key_id, d.findings, s.interval_s, s.boot_at, s.detail"


async def page(tx: Transaction, scope: OrgScope, selection: Selection, asked: PageRequest) -> Page[DeviceSummary]:
    """One page of the devices that match."""
    among = await found_by_words(tx, scope, selection)
    total = await count(tx, scope, selection, among)
    condition, values = where(scope, selection, among)
    by = SORTS[asked.sort or "name"]
    beyond, direction = ("<", "desc") if asked.descending else (">", "asc")
    if asked.after is not None:
        condition += f" and ({by} {beyond} :after or ({by} = :after and d.id {beyond} :after_id))"
        values |= {"after": asked.after.value, "after_id": asked.after.id}
    rows = await tx.fetch(
        f"select {by}, {_SUMMARY} {FROM} where {condition} order by {by} {direction}, d.id {direction} limit :rows",
        rows=asked.limit + 1,
        **values,
    )
    more = len(rows) > asked.limit
    rows = rows[: asked.limit]
    last: SortValue = rows[-1][0] if rows else None
    following = Cursor(last, rows[-1][1]).encode() if more else None
    return Page([_summary(row[1:]) for row in rows], following, total)


async def one(tx: Transaction, scope: OrgScope, device_id: DeviceId, clock: Clock = utc_now) -> DeviceDetail | None:
    """One device in full, or None when the scope has none of that id."""
    rows = await tx.fetch(
        f"select {_SUMMARY}, {_DETAIL} {FROM} where d.id = :id and d.org_id in :org_ids and d.deleted_at is null",
        id=device_id,
        org_ids=list(scope.org_ids),
    )
    return _detail(rows[0], clock) if rows else None


_TARGET: Final = """
d.id, case when d.name <> '' then d.name when s.identity <> '' then s.identity else d.id end, d.org_id, s.agent_tier,
s.status, s.version
"""


async def ids(tx: Transaction, scope: OrgScope, selection: Selection, limit: int) -> list[Row]:
    """(id, shown name, organisation, tier, status, version) of the devices that match, oldest first."""
    condition, values = where(scope, selection)
    return await tx.fetch(f"select {_TARGET} {FROM} where {condition} order by d.id limit :rows", rows=limit, **values)


async def by_ids(tx: Transaction, scope: OrgScope, device_ids: list[DeviceId]) -> list[Row]:
    """The same of devices that are named."""
    return await tx.fetch(
        f"select {_TARGET} {FROM} where d.id in :ids and d.org_id in :org_ids and d.deleted_at is null order by d.id",
        ids=device_ids,
        org_ids=list(scope.org_ids),
    )


async def versions(tx: Transaction, scope: OrgScope, selection: Selection) -> dict[str, int]:
    """How many of the devices that match run which version of RouterOS, as they say it."""
    condition, values = where(scope, selection)
    rows = await tx.fetch(f"select s.version, count(*) {FROM} where {condition} group by s.version", **values)
    return {row[0] or "": row[1] for row in rows}


def _summary_fields(row: Row) -> dict[str, Any]:
    warnings = msgspec.json.decode(row[27], type=list[Finding])
    return {
        "id": row[0],
        "name": shown_name(row[1], row[2], row[0]),
        "identity": row[2],
        "status": row[3],
        "status_since": row[4],
        "serial": row[5],
        "board": row[6],
        "model": row[7],
        "architecture": row[8],
        "version": row[9],
        "firmware": row[10],
        "site": SiteRef(row[11], row[12]) if row[11] else None,
        "tags": msgspec.json.decode(row[13], type=list[str]),
        "wan_address": row[14],
        "last_address": row[15],
        "last_seen_at": moment_text(row[16]),
        "uptime_s": row[17],
        "cpu_load": row[18],
        "memory_used_percent": row[19],
        "disk_used_percent": row[20],
        "temperature_c": row[21],
        "clients": row[22],
        "rx_bps": row[23],
        "tx_bps": row[24],
        "agent_tier": row[25],
        "agent_version": row[26],
        "warning_count": len(warnings),
        "enrolled_at": row[28],
    }


def _summary(row: Row) -> DeviceSummary:
    return DeviceSummary(**_summary_fields(row))


def _detail(row: Row, clock: Clock) -> DeviceDetail:
    notes, key_id, findings, interval_s, boot_at, packed = row[29:35]
    detail = msgspec.msgpack.decode(packed, type=Detail)
    last_seen_ms, status = row[16], row[3]
    due_ms = last_seen_ms + interval_s * 1000 if last_seen_ms else None
    late_s = clock().timestamp() - due_ms / 1000 if due_ms else 0.0
    shared = {name: getattr(detail, name) for name in detail.__struct_fields__ if name in _DETAIL_FIELDS}
    return DeviceDetail(
        **_summary_fields(row),
        **shared,
        notes=notes,
        enrolment_key_id=key_id,
        findings=[
            *msgspec.json.decode(row[27], type=list[Finding]),
            *msgspec.json.decode(findings, type=list[Finding]),
        ],
        interval_s=interval_s,
        boot_at=boot_at,
        next_checkin_at=moment_text(due_ms) if status == "online" else None,
        missed_checkins=max(0, int(late_s // interval_s)) if status in _REPORTING else 0,
    )


def moment_text(moment_ms: int | None) -> str | None:
    """Milliseconds since 1970 as RFC 3339 text."""
    if moment_ms is None:
        return None
    return to_text(utc_now().fromtimestamp(moment_ms / 1000, tz=utc_now().tzinfo))


_REPORTING: Final[tuple[Status, ...]] = ("online", "offline")
_DETAIL_FIELDS: Final = frozenset(DeviceDetail.__struct_fields__) - frozenset(DeviceSummary.__struct_fields__)
