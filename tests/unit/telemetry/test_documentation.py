"""The page about the warehouse names every table, column and rollup."""

from pathlib import Path

import pytest

from tikfleet.domains.telemetry.metrics import CATALOGUE
from tikfleet.domains.telemetry.model import CheckinRow, HealthRow, InterfaceRow, WirelessRow
from tikfleet.domains.telemetry.public import Retention, telemetry_tables
from tikfleet.ports.warehouse import FactTable

PAGE = (Path(__file__).parents[3] / "docs/reference/warehouse.md").read_text()
TABLES = telemetry_tables(Retention())
ROWS = (CheckinRow, InterfaceRow, HealthRow, WirelessRow)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_is_documented(table: FactTable) -> None:
    names = [table.name, *(column.name for column in table.columns), *(rollup.name for rollup in table.rollups)]
    missing = [name for name in names if f"`{name}`" not in PAGE]
    assert not missing, f"docs/reference/warehouse.md does not say what {missing} of {table.name} is"


def test_columns_stand_in_the_order_of_the_row() -> None:
    for table, row in zip(TABLES, ROWS, strict=True):
        assert tuple(column.name for column in table.columns) == row.__struct_fields__, table.name


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_rollups_keep_only_columns_that_there_are(table: FactTable) -> None:
    names = {column.name for column in table.columns}
    assert table.columns[0].name == "org_id"
    assert {table.moment, *table.sort_key} <= names
    for rollup in table.rollups:
        assert set(rollup.keys) | set(rollup.kept) <= names


def test_metrics_are_measured_on_columns_that_there_are() -> None:
    columns = {"device": TABLES[0], "interface": TABLES[1]}
    for metric in CATALOGUE:
        names = {column.name for column in columns[metric.subject].columns} | {""}
        assert {metric.column, metric.whole} <= names
