"""Statements with names become statements with numbers, and addresses what the driver takes."""

import pytest

from tikfleet.adapters.postgres.database import PostgresDatabase
from tikfleet.adapters.postgres.statements import numbered


@pytest.mark.parametrize(
    ("sql", "values", "text", "given"),
    [
        ("select :a, :b, :a", {"a": 1, "b": 2}, "select $1, $2, $1", [1, 2]),
        ("select ':a', \":a\", :a::text, '''x:a'", {"a": 1}, "select ':a', \":a\", $1::text, '''x:a'", [1]),
        ("x in :ids and y = :y", {"y": 7, "ids": ["p"]}, "x in ($1) and y = $2", ["p", 7]),
        ("x in :ids and y = :y", {"y": 7, "ids": ("p", "q", "r")}, "x in ($1, $2, $3, $4) and y = $5", [*"pqrr", 7]),
        ("x in :ids or z in :ids", {"ids": ["p", "q"]}, "x in ($1, $2) or z in ($1, $2)", ["p", "q"]),
        ("x in :ids", {"ids": []}, "x in ($1)", [None]),
        ("select :id, :id_2", {"id": 1, "id_2": 2}, "select $1, $2", [1, 2]),
        ("select '12:30:59'", {"unused": 1}, "select '12:30:59'", []),
    ],
)
def test_names_become_numbers(sql: str, values: dict[str, object], text: str, given: list[object]) -> None:
    assert numbered(sql, values) == (text, given)


def test_a_name_without_a_value_is_a_fault() -> None:
    with pytest.raises(KeyError):
        numbered("select :a", {})


@pytest.mark.parametrize("url", ["mysql://h/d", "postgresql://h/d", "postgresql+asyncpg://h/d?sslmode=require"])
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="database's address"):
        PostgresDatabase(url)
