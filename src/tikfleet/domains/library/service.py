"""The script library: keep, find, change, and hand out to jobs and runs."""

import asyncio

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.jobs.public import JobCreate
from tikfleet.domains.library import model, repository
from tikfleet.domains.library.errors import (
    LibraryContradictory,
    LibraryNotReadable,
    LibraryScriptNotFound,
    LibraryVersionTaken,
)
from tikfleet.domains.library.model import LibraryParameter, LibraryScript, LibraryVersion, Sample
from tikfleet.domains.library.repository import LibraryFilters
from tikfleet.domains.library.schemas import (
    LibraryCreate,
    LibraryPatch,
    LibraryVersionCreate,
    LibraryVersionView,
    LibraryView,
    script_view,
    version_view,
)
from tikfleet.domains.runs.public import RunCreate, RunParameter
from tikfleet.kernel.clock import Clock, to_text
from tikfleet.kernel.ids import new_id
from tikfleet.kernel.paging import Cursor, Page, PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.database import Database, Transaction


class Library:
    """The use cases of the API, and what jobs and runs ask of the library."""

    def __init__(self, database: Database, audit: AuditTrail, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    async def create(self, org: OrgScope, actor: Actor, create: LibraryCreate) -> LibraryView:
        """A script with its first version. Raises LibraryContradictory and LibraryTestsFailed."""
        now = to_text(self._clock())
        script = LibraryScript(
            id=new_id("lib"),
            org_id=org.org_id,
            owner_id=actor.id,
            name=create.name,
            description=create.description,
            visibility=create.visibility,
            tags=tuple(dict.fromkeys(create.tags)),
            latest=1,
            created_at=now,
            created_by=_who(actor),
            updated_at=now,
        )
        version = await self._version(script, 1, actor, create)
        async with self._database.write() as tx:
            await repository.add_script(tx, script)
            await repository.add_version(tx, version)
            await self._record(tx, actor, "library.created", script, None)
        return script_view(script)

    async def page(self, org: OrgScope, actor: Actor, filters: LibraryFilters, asked: PageRequest) -> Page[LibraryView]:
        """Scripts that the reader may see, by name."""
        async with self._database.read() as tx:
            scripts = await repository.page_of_scripts(tx, org, actor, filters, asked)
            total = await repository.count_scripts(tx, org, actor, filters)
        shown = scripts[: asked.limit]
        following = Cursor(shown[-1].name, shown[-1].id).encode() if len(scripts) > asked.limit else None
        return Page([script_view(script) for script in shown], following, total)

    async def get(self, org: OrgScope, actor: Actor, script_id: str) -> LibraryView:
        """One script."""
        async with self._database.read() as tx:
            return script_view(await _found(tx, org, actor, script_id))

    async def versions(
        self, org: OrgScope, actor: Actor, script_id: str, number: int | None = None
    ) -> list[LibraryVersionView]:
        """The versions of a script, newest first, or the one of that number."""
        if number is not None:
            return [version_view((await self._one(org, actor, script_id, number))[1])]
        async with self._database.read() as tx:
            script = await _found(tx, org, actor, script_id)
            return [version_view(one) for one in await repository.versions_of(tx, script)]

    async def change(self, org: OrgScope, actor: Actor, script_id: str, patch: LibraryPatch) -> LibraryView:
        """Change what is given."""
        given = {name: value for name, value in msgspec.structs.asdict(patch).items() if value is not UNSET}
        if "tags" in given:
            given["tags"] = tuple(dict.fromkeys(given["tags"]))
        async with self._database.write() as tx:
            before = await _found(tx, org, actor, script_id)
            after = replace(before, **given, updated_at=to_text(self._clock()))
            if not await repository.change_script(tx, before, after):
                raise LibraryVersionTaken("a version was stored while the script was changed")
            await self._record(tx, actor, "library.changed", after, before)
        return script_view(after)

    async def add_version(
        self, org: OrgScope, actor: Actor, script_id: str, create: LibraryVersionCreate
    ) -> LibraryVersionView:
        """The next version. Raises LibraryContradictory, LibraryTestsFailed and LibraryVersionTaken."""
        async with self._database.read() as tx:
            before = await _found(tx, org, actor, script_id)
        version = await self._version(before, before.latest + 1, actor, create)
        after = replace(before, latest=version.number, updated_at=version.created_at)
        async with self._database.write() as tx:
            if not await repository.change_script(tx, before, after):
                raise LibraryVersionTaken("another version was stored at the same moment")
            await repository.add_version(tx, version)
            await self._record(tx, actor, "library.version-added", after, before)
        return version_view(version)

    async def remove(self, org: OrgScope, actor: Actor, script_id: str) -> None:
        """Delete a script with its versions; jobs and runs that used it keep their text."""
        async with self._database.write() as tx:
            script = await _found(tx, org, actor, script_id)
            await repository.delete_script(tx, script)
            await self._record(tx, actor, "library.deleted", None, script)

    async def for_job(self, org: OrgScope, actor: Actor, create: JobCreate, *, may_read: bool) -> JobCreate:
        """The request with the script of the library in it, when it names one."""
        if create.library_id is None:
            _require_alone(create.version, create.values)
            return create
        _require_readable(may_read)
        if create.kind != "script" or create.script is not None:
            raise LibraryContradictory("library_id is given for the kind script, and in the place of script")
        _, version = await self._one(org, actor, create.library_id, create.version)
        return replace(create, script=model.filled(version, create.values or {}), version=version.number)

    async def for_run(self, org: OrgScope, actor: Actor, create: RunCreate, *, may_read: bool) -> RunCreate:
        """The request with the script of the library and its values in it, when it names one."""
        if create.library_id is None:
            _require_alone(create.version, create.values)
            return create
        _require_readable(may_read)
        if create.kind != "script" or create.script is not None or create.parameters:
            raise LibraryContradictory("library_id is given for the kind script, in the place of script and parameters")
        _, version = await self._one(org, actor, create.library_id, create.version)
        given = model.given_values(version, create.values or {})
        parameters = [RunParameter(one.name, one.value, one.type) for one in given]
        return replace(create, script=version.source, parameters=parameters, version=version.number)

    async def _one(
        self, org: OrgScope, actor: Actor, script_id: str, number: int | None
    ) -> tuple[LibraryScript, LibraryVersion]:
        async with self._database.read() as tx:
            script = await _found(tx, org, actor, script_id)
            versions = await repository.versions_of(tx, script, number or script.latest)
        if not versions:
            raise LibraryScriptNotFound(f"the script has no version {number}")
        return script, versions[0]

    async def _version(
        self, script: LibraryScript, number: int, actor: Actor, create: LibraryVersionCreate
    ) -> LibraryVersion:
        """A version that has passed its tests."""
        version = LibraryVersion(
            script_id=script.id,
            number=number,
            source=create.source,
            parameters=tuple(
                LibraryParameter(one.name, one.type, one.description, one.default) for one in create.parameters
            ),
            samples=tuple(Sample(one.name, dict(one.values)) for one in create.samples),
            checks=(),
            note=create.note,
            created_at=to_text(self._clock()),
            created_by=_who(actor),
        )
        model.require_whole(version)
        checks = await asyncio.to_thread(model.tested, version, tuple(dict.fromkeys(create.releases)))
        return replace(version, checks=checks)

    async def _record(
        self, tx: Transaction, actor: Actor, action: str, after: LibraryScript | None, before: LibraryScript | None
    ) -> None:
        script = after or before
        if script is not None:
            target = Target("library-script", script.id, script.name)
            await self._audit.within(tx).record(script.org_id, actor, action, target, _facts(before), _facts(after))


def _who(actor: Actor) -> Actor:
    return Actor(actor.kind, actor.id, actor.name)


def _facts(script: LibraryScript | None) -> dict[str, object] | None:
    if script is None:
        return None
    return {
        "name": script.name,
        "visibility": script.visibility,
        "tags": list(script.tags),
        "latest": script.latest,
    }


def _require_alone(version: int | None, values: object) -> None:
    if version is not None or values is not None:
        raise LibraryContradictory("version and values are given with library_id, and only with it")


def _require_readable(may_read: bool) -> None:
    if not may_read:
        raise LibraryNotReadable("the credential may not read the library")


async def _found(tx: Transaction, org: OrgScope, actor: Actor, script_id: str) -> LibraryScript:
    script = await repository.find_script(tx, org, actor, script_id)
    if script is None:
        raise LibraryScriptNotFound("there is no such script")
    return script
