"""Sites and site groups: use cases and their relational SQL."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.inventory.errors import SiteGroupInUse, SiteGroupNotFound, SiteInUse, SiteNotFound
from tikfleet.domains.inventory.schemas import Site, SiteCreate, SiteGroup, SitePatch
from tikfleet.kernel.clock import Clock, to_text, utc_now
from tikfleet.kernel.ids import SiteGroupId, SiteId, new_id
from tikfleet.kernel.paging import Cursor, Page, PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.database import Database, Row, Transaction

_SITE = """
select p.id, p.name, p.site_group_id, p.address, p.latitude, p.longitude, p.tags, p.notes, p.created_at
from site p where p.org_id in :org_ids
"""
# Of all sites of a page with one question: asked for each site, a page of a large fleet takes several times as long.
_COUNTS = """
select d.site_id, count(*), sum(case when s.status = 'online' then 1 else 0 end)
from device d join device_state s on s.device_id = d.id
where d.org_id in :org_ids and d.site_id in :ids and d.deleted_at is null
group by d.site_id
"""
_GROUP = """
select g.id, g.name, (select count(*) from site p where p.site_group_id = g.id)
from site_group g where g.org_id in :org_ids
"""


class Sites:
    """The places of an organisation, and the groups they form."""

    def __init__(self, database: Database, audit: AuditTrail, clock: Clock = utc_now) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    async def page(self, scope: OrgScope, asked: PageRequest, q: str = "", group_id: str | None = None) -> Page[Site]:
        sql, values = _SITE, _within(scope)
        if q:
            escaped = q.replace("!", "!!").replace("%", "!%").replace("_", "!_")
            sql, values["q"] = sql + " and p.name ilike :q escape '!'", f"%{escaped}%"
        if group_id:
            sql, values["group_id"] = sql + " and p.site_group_id = :group_id", group_id
        async with self._database.read() as tx:
            rows, following = await self._rows(tx, sql, "p", values, asked)
            return Page(await self._sites(tx, scope, rows), following)

    async def names(self, scope: OrgScope, site_ids: Sequence[SiteId]) -> dict[SiteId, str]:
        """The names of sites; those that the scope does not have are left out."""
        if not site_ids:
            return {}
        async with self._database.read() as tx:
            rows = await tx.fetch(
                "select id, name from site where id in :ids and org_id in :org_ids",
                ids=list(site_ids),
                org_ids=list(scope.org_ids),
            )
        return {row[0]: row[1] for row in rows}

    async def get(self, scope: OrgScope, site_id: SiteId) -> Site:
        async with self._database.read() as tx:
            return await self._one(tx, scope, site_id)

    async def create(self, scope: OrgScope, actor: Actor, wanted: SiteCreate) -> Site:
        site_id = SiteId(new_id("sit"))
        async with self._database.write() as tx:
            await self._check_group(tx, scope, wanted.site_group_id)
            await tx.execute(
                """insert into site
                  (id, org_id, name, site_group_id, address, latitude, longitude, tags, notes, created_at)
                values
                  (:id, :org_id, :name, :site_group_id, :address, :latitude, :longitude, :tags, :notes, :created_at)""",
                id=site_id,
                org_id=scope.org_id,
                created_at=to_text(self._clock()),
                **_columns(msgspec.structs.asdict(wanted)),
            )
            site = await self._one(tx, scope, site_id)
            after = msgspec.structs.asdict(wanted)
            await self._audit.within(tx).record(
                scope.org_id, actor, "site.create", Target("site", site_id, site.name), None, after
            )
        return site

    async def change(self, scope: OrgScope, actor: Actor, site_id: SiteId, patch: SitePatch) -> Site:
        changes = {name: value for name, value in msgspec.structs.asdict(patch).items() if value is not UNSET}
        async with self._database.write() as tx:
            before = await self._one(tx, scope, site_id)
            await self._check_group(tx, scope, changes.get("site_group_id"))
            if changes:
                setters = ", ".join(f"{name} = :{name}" for name in changes)
                await tx.execute(
                    f"update site set {setters} where id = :id and org_id in :org_ids",
                    id=site_id,
                    org_ids=list(scope.org_ids),
                    **_columns(changes),
                )
            site = await self._one(tx, scope, site_id)
            was = {name: getattr(before, name) for name in changes}
            await self._audit.within(tx).record(
                scope.org_id, actor, "site.change", Target("site", site_id, site.name), was, changes
            )
        return site

    async def delete(self, scope: OrgScope, actor: Actor, site_id: SiteId) -> None:
        async with self._database.write() as tx:
            site = await self._one(tx, scope, site_id)
            if site.device_count:
                raise SiteInUse(f"{site.device_count} devices stand at {site.name}")
            await tx.execute(
                "delete from site where id = :id and org_id in :org_ids", id=site_id, org_ids=list(scope.org_ids)
            )
            await self._audit.within(tx).record(
                scope.org_id, actor, "site.delete", Target("site", site_id, site.name), {"name": site.name}, None
            )

    async def groups(self, scope: OrgScope, asked: PageRequest) -> Page[SiteGroup]:
        async with self._database.read() as tx:
            rows, following = await self._rows(tx, _GROUP, "g", _within(scope), asked)
        return Page([SiteGroup(*row) for row in rows], following)

    async def group(self, scope: OrgScope, group_id: SiteGroupId) -> SiteGroup:
        async with self._database.read() as tx:
            return await self._one_group(tx, scope, group_id)

    async def create_group(self, scope: OrgScope, actor: Actor, name: str) -> SiteGroup:
        group_id = SiteGroupId(new_id("grp"))
        async with self._database.write() as tx:
            await tx.execute(
                "insert into site_group (id, org_id, name, created_at) values (:id, :org_id, :name, :created_at)",
                id=group_id,
                org_id=scope.org_id,
                name=name,
                created_at=to_text(self._clock()),
            )
            target = Target("site-group", group_id, name)
            await self._audit.within(tx).record(scope.org_id, actor, "site-group.create", target, None, {"name": name})
        return SiteGroup(group_id, name, 0)

    async def rename_group(self, scope: OrgScope, actor: Actor, group_id: SiteGroupId, name: str) -> SiteGroup:
        async with self._database.write() as tx:
            before = await self._one_group(tx, scope, group_id)
            await tx.execute(
                "update site_group set name = :name where id = :id and org_id in :org_ids",
                name=name,
                id=group_id,
                org_ids=list(scope.org_ids),
            )
            target = Target("site-group", group_id, name)
            await self._audit.within(tx).record(
                scope.org_id, actor, "site-group.change", target, {"name": before.name}, {"name": name}
            )
        return SiteGroup(group_id, name, before.site_count)

    async def delete_group(self, scope: OrgScope, actor: Actor, group_id: SiteGroupId) -> None:
        async with self._database.write() as tx:
            group = await self._one_group(tx, scope, group_id)
            if group.site_count:
                raise SiteGroupInUse(f"{group.site_count} sites belong to {group.name}")
            await tx.execute(
                "delete from site_group where id = :id and org_id in :org_ids", id=group_id, org_ids=list(scope.org_ids)
            )
            target = Target("site-group", group_id, group.name)
            await self._audit.within(tx).record(
                scope.org_id, actor, "site-group.delete", target, {"name": group.name}, None
            )

    async def _rows(
        self, tx: Transaction, sql: str, alias: str, values: dict[str, Any], asked: PageRequest
    ) -> tuple[list[Row], str | None]:
        if asked.after is not None:
            sql += f" and (lower({alias}.name) > :after or (lower({alias}.name) = :after and {alias}.id > :after_id))"
            values |= {"after": str(asked.after.value), "after_id": asked.after.id}
        rows = await tx.fetch(
            f"{sql} order by lower({alias}.name), {alias}.id limit :rows", rows=asked.limit + 1, **values
        )
        more = len(rows) > asked.limit
        rows = rows[: asked.limit]
        if not more:
            return rows, None
        # The database's idea of lower case, which differs between stores, is the one that orders the pages.
        last = (await tx.fetch("select lower(cast(:name as text))", name=rows[-1][1]))[0][0]
        return rows, Cursor(last, rows[-1][0]).encode()

    async def _sites(self, tx: Transaction, scope: OrgScope, rows: Sequence[Row]) -> list[Site]:
        counted = await tx.fetch(_COUNTS, ids=[row[0] for row in rows], **_within(scope))
        counts = {row[0]: (int(row[1]), int(row[2])) for row in counted}
        return [_site(row, *counts.get(row[0], (0, 0))) for row in rows]

    async def _one(self, tx: Transaction, scope: OrgScope, site_id: SiteId) -> Site:
        rows = await tx.fetch(f"{_SITE} and p.id = :id", org_ids=list(scope.org_ids), id=site_id)
        if not rows:
            raise SiteNotFound("there is no site of that id")
        return (await self._sites(tx, scope, rows))[0]

    async def _one_group(self, tx: Transaction, scope: OrgScope, group_id: str) -> SiteGroup:
        rows = await tx.fetch(f"{_GROUP} and g.id = :id", org_ids=list(scope.org_ids), id=group_id)
        if not rows:
            raise SiteGroupNotFound("there is no site group of that id")
        return SiteGroup(*rows[0])

    async def _check_group(self, tx: Transaction, scope: OrgScope, group_id: str | None) -> None:
        if group_id:
            await self._one_group(tx, scope, group_id)


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    if "tags" in values:
        values = {**values, "tags": msgspec.json.encode(values["tags"]).decode()}
    return values


def _site(row: Row, devices: int, online: int) -> Site:
    *place, tags, notes, created_at = row
    kept = (*place, msgspec.json.decode(tags, type=list[str]), notes, devices, online, created_at)
    return Site(**dict(zip(Site.__struct_fields__, kept, strict=True)))


def _within(scope: OrgScope) -> dict[str, Any]:
    return {"org_ids": list(scope.org_ids)}
