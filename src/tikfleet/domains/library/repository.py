"""All relational SQL of the library. A private script exists for who made it alone."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from tikfleet.domains.library.model import LibraryScript, LibraryVersion, Visibility
from tikfleet.kernel.ids import is_id
from tikfleet.kernel.paging import PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.database import Row, Transaction

_SCRIPT: Final = LibraryScript.__struct_fields__
_VERSION: Final = LibraryVersion.__struct_fields__
_SCRIPT_COLUMNS: Final = ", ".join(_SCRIPT)
_VERSION_COLUMNS: Final = ", ".join(_VERSION)
_JSON: Final = frozenset({"tags", "created_by", "parameters", "samples", "checks"})
_SEEN: Final = "org_id in :orgs and (visibility = 'shared' or owner_id = :reader)"


class LibraryFilters(msgspec.Struct, frozen=True):
    """Which scripts are wanted; empty is no condition."""

    q: str = ""
    tag: Sequence[str] = ()
    visibility: Sequence[Visibility] = ()


async def find_script(tx: Transaction, org: OrgScope, reader: Actor, script_id: str) -> LibraryScript | None:
    """One script that the reader may see. Text that is no script's id names none."""
    if not is_id(script_id, "lib"):
        return None
    rows = await tx.fetch(
        f"select {_SCRIPT_COLUMNS} from library_script where id = :id and {_SEEN}",
        id=script_id,
        orgs=org.org_ids,
        reader=reader.id,
    )
    return _script(rows[0]) if rows else None


async def page_of_scripts(
    tx: Transaction, org: OrgScope, reader: Actor, filters: LibraryFilters, page: PageRequest
) -> list[LibraryScript]:
    """The page's scripts and one more when there is another page, by name."""
    where, values = _conditions(org, reader, filters)
    if page.after:
        where += " and (name, id) > (:after_name, :after_id)"
        values |= {"after_name": page.after.value, "after_id": page.after.id}
    rows = await tx.fetch(
        f"select {_SCRIPT_COLUMNS} from library_script where {where} order by name, id limit :most",
        most=page.limit + 1,
        **values,
    )
    return [_script(row) for row in rows]


async def count_scripts(tx: Transaction, org: OrgScope, reader: Actor, filters: LibraryFilters) -> int:
    """How many scripts fit."""
    where, values = _conditions(org, reader, filters)
    return int((await tx.fetch(f"select count(*) from library_script where {where}", **values))[0][0])


async def add_script(tx: Transaction, script: LibraryScript) -> None:
    """A new script."""
    names = ", ".join(f":{name}" for name in _SCRIPT)
    await tx.execute(f"insert into library_script ({_SCRIPT_COLUMNS}) values ({names})", **_values(script))


async def change_script(tx: Transaction, before: LibraryScript, after: LibraryScript) -> bool:
    """Compare and set by the newest version. False, and nothing written, when somebody stored another meanwhile."""
    values = _values(after)
    kept = ("name", "description", "visibility", "tags", "latest", "updated_at")
    return (
        await tx.execute(
            f"update library_script set {', '.join(f'{name} = :{name}' for name in kept)} "
            "where id = :id and latest = :expected",
            id=before.id,
            expected=before.latest,
            **{name: values[name] for name in kept},
        )
        == 1
    )


async def delete_script(tx: Transaction, script: LibraryScript) -> None:
    """The script with all its versions."""
    await tx.execute("delete from library_version where script_id = :id", id=script.id)
    await tx.execute("delete from library_script where id = :id", id=script.id)


async def add_version(tx: Transaction, version: LibraryVersion) -> None:
    """A new version."""
    names = ", ".join(f":{name}" for name in _VERSION)
    await tx.execute(f"insert into library_version ({_VERSION_COLUMNS}) values ({names})", **_values(version))


async def versions_of(tx: Transaction, script: LibraryScript, number: int | None = None) -> list[LibraryVersion]:
    """The versions of a script that was found, newest first; one of them when `number` is given."""
    one = "" if number is None else " and number = :number"
    values = {} if number is None else {"number": number}
    rows = await tx.fetch(
        f"select {_VERSION_COLUMNS} from library_version where script_id = :id{one} order by number desc limit 500",
        id=script.id,
        **values,
    )
    return [msgspec.convert(_opened(_VERSION, row), LibraryVersion) for row in rows]


def _conditions(org: OrgScope, reader: Actor, filters: LibraryFilters) -> tuple[str, dict[str, Any]]:
    where = _SEEN
    values: dict[str, Any] = {"orgs": org.org_ids, "reader": reader.id}
    if filters.q:
        where += " and name ilike :pattern escape '!'"
        text = filters.q.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
        values["pattern"] = f"%{text}%"
    if filters.visibility:
        where += " and visibility in :visibility"
        values["visibility"] = list(filters.visibility)
    for number, tag in enumerate(filters.tag):
        quoted = msgspec.json.encode(tag).decode().replace("!", "!!").replace("%", "!%").replace("_", "!_")
        where += f" and tags like :tag{number} escape '!'"
        values[f"tag{number}"] = f"%{quoted}%"
    return where, values


def _values(item: LibraryScript | LibraryVersion) -> dict[str, Any]:
    plain = {name: getattr(item, name) for name in item.__struct_fields__}
    return {name: msgspec.json.encode(value).decode() if name in _JSON else value for name, value in plain.items()}


def _opened(names: Sequence[str], row: Row) -> dict[str, Any]:
    plain = dict(zip(names, row, strict=True))
    return {name: msgspec.json.decode(value) if name in _JSON else value for name, value in plain.items()}


def _script(row: Row) -> LibraryScript:
    return msgspec.convert(_opened(_SCRIPT, row), LibraryScript)
