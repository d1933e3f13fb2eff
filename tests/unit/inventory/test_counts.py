"""Counting a fleet reads indexes: a plan that reads rows of `device_state` would take ten times as long at 50,000."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.app.databases import sqlite_url
from tikfleet.app.schema import migrate
from tikfleet.domains.inventory.facets import facets
from tikfleet.domains.inventory.selection import Selection
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.database import Row


class Plans:
    """A transaction that answers nothing and keeps how each statement would be run."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self.found: list[str] = []

    async def fetch(self, sql: str, /, **values: object) -> list[Row]:
        async with self._database.read() as tx:
            self.found += [row[3] for row in await tx.fetch(f"explain query plan {sql}", **values)]
            return await tx.fetch(sql, **values)

    async def execute(self, sql: str, /, **values: object) -> int:
        raise NotImplementedError

    async def execute_many(self, sql: str, rows: object, /) -> None:
        raise NotImplementedError


@pytest.fixture
async def plans(tmp_path: Path) -> AsyncIterator[Plans]:
    await migrate(sqlite_url(tmp_path / "state.sqlite"))
    database = SqliteDatabase(tmp_path / "state.sqlite")
    yield Plans(database)
    await database.close()


@pytest.mark.parametrize("selection", [Selection(), Selection(status=["offline"]), Selection(model=["hEX S"])])
async def test_counts_by_what_a_router_is_read_an_index_alone(plans: Plans, selection: Selection) -> None:
    await facets(plans, OrgScope.only(OrganisationId("org_0123456789abcdef")), selection)
    of_states = [step for step in plans.found if "device_state" in step or " s " in step]
    alone = [step for step in of_states if step.startswith("SEARCH s USING COVERING INDEX device_state_kinds")]
    assert alone
    if selection == Selection():
        assert alone == of_states
        assert any("COVERING INDEX device_place" in step for step in plans.found)
        assert any("COVERING INDEX device_tag_org" in step for step in plans.found)


async def test_the_control_reads_rows_for_what_no_index_holds(plans: Plans) -> None:
    await facets(plans, OrgScope.only(OrganisationId("org_0123456789abcdef")), Selection(seen_within_s=60))
    assert not any("device_state_kinds" in step and "COVERING" in step for step in plans.found)
