"""The relational schema on both databases: from nothing to what the domains declare, once, and never backwards."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.types import TypeEngine

from tikfleet.app.databases import sqlite_url
from tikfleet.app.schema import METADATA, DatabaseNewer, all_tables, migrate

Shape = dict[str, Any]


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        make: Callable[[], str] = request.getfixturevalue("new_postgres_url")
        return make()
    return sqlite_url(tmp_path / "state.sqlite")


async def ask(url: str, work: Callable[[Connection], Any]) -> Any:
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def shape(connection: Connection) -> Shape:
    """Everything that the database says of its tables, in a comparable form."""
    found = inspect(connection)
    return {
        name: {
            "columns": {item["name"]: (str(item["type"]), item["nullable"]) for item in found.get_columns(name)},
            "key": found.get_pk_constraint(name)["constrained_columns"],
            "indexes": sorted(
                (str(item["name"]), tuple(item["column_names"]), bool(item["unique"]))
                for item in found.get_indexes(name)
            ),
            "uniques": sorted(tuple(item["column_names"]) for item in found.get_unique_constraints(name)),
        }
        for name in sorted(found.get_table_names())
        if name != "alembic_version"
    }


async def test_nothing_becomes_exactly_what_is_declared(url: str, tmp_path: Path, request: Any) -> None:
    await migrate(url)
    migrated = await ask(url, shape)

    is_postgres = url.startswith("postgresql")
    other = request.getfixturevalue("new_postgres_url")() if is_postgres else sqlite_url(tmp_path / "declared.sqlite")
    await ask(other, all_tables().create_all)
    declared = await ask(other, shape)

    assert migrated.keys() == declared.keys()
    for name, table in declared.items():
        assert migrated[name] == table, f"the migrations and the declaration of {name} differ"


async def test_the_migration_tool_sees_no_difference_either(url: str) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return compare_metadata(context, all_tables())

    await migrate(url)

    assert await ask(url, differences) == []


async def test_running_twice_changes_nothing(url: str) -> None:
    await migrate(url)
    before = await ask(url, shape)
    await ask(url, lambda connection: connection.execute(text(_ONE_ROW)))

    await migrate(url)

    assert await ask(url, shape) == before
    assert (
        await ask(url, lambda connection: connection.execute(text("select count(*) from state_applied")).scalar()) == 1
    )


async def test_data_of_a_newer_program_is_refused_and_left_as_it_is(url: str) -> None:
    await migrate(url)
    await ask(url, lambda connection: connection.execute(text("update alembic_version set version_num = '9999'")))
    before = await ask(url, shape)

    with pytest.raises(DatabaseNewer) as raised:
        await migrate(url)

    assert raised.value.code == "database.newer"
    assert "9999" in raised.value.detail
    assert await ask(url, shape) == before


def test_no_two_domains_declare_the_same_table() -> None:
    names = [name for metadata in METADATA for name in metadata.tables]

    assert len(names) == len(set(names))


def test_every_text_column_is_bounded_or_meant_to_be_long() -> None:
    """A `String` without a length is a slip: it is unbounded on one database and an error on another."""
    together: MetaData = all_tables()
    open_ended = [
        f"{table.name}.{column.name}"
        for table in together.tables.values()
        for column in table.columns
        if _kind(column.type) == "String" and getattr(column.type, "length", None) is None
    ]

    assert open_ended == []


def _kind(kind: TypeEngine[Any]) -> str:
    return type(kind).__name__


_ONE_ROW = "insert into state_applied (consumer, position, pending_first, pending_last) values ('test', 1, 0, 0)"
