"""Fact tables as they are brought to the version that the program declares. Changes only add."""

from collections.abc import Iterable, Sequence
from typing import Final

from tikfleet.adapters.singlestore import schema
from tikfleet.adapters.singlestore.dialect import Dialect
from tikfleet.adapters.singlestore.server import Session
from tikfleet.ports.warehouse import FactTable, WarehouseNewer

LEDGER: Final = "fact_versions"
BATCHES: Final = "fact_batches"


def own_tables(dialect: Dialect) -> list[str]:
    """The statements that make the ledger of versions and that of batches."""
    return [
        dialect.ledger(LEDGER, (f"name {dialect.key_text} NOT NULL", "version INT UNSIGNED NOT NULL"), "name"),
        dialect.ledger(BATCHES, ("id CHAR(64) NOT NULL", "appended_at BIGINT NOT NULL"), "id", index="appended_at"),
    ]


def begin(session: Session, tables: Sequence[FactTable], dialect: Dialect) -> dict[str, int]:
    """The versions that the store has. Raises `WarehouseNewer` where it is ahead of the program."""
    for statement in own_tables(dialect):
        session.run(statement)
    stored: dict[str, int] = dict(session.rows(f"SELECT name, version FROM {LEDGER}"))
    for table in tables:
        if stored.get(table.name, 0) > table.version:
            raise WarehouseNewer(
                f"the store has version {stored[table.name]} of {table.name}; this program knows {table.version}"
            )
    return stored


def create(session: Session, tables: Sequence[FactTable], dialect: Dialect) -> None:
    """Make what is not there."""
    for table in tables:
        for statement in schema.create_statements(table, dialect):
            session.run(statement)


def apply(session: Session, tables: Sequence[FactTable], dialect: Dialect) -> None:
    """Make or extend the tables; nothing is changed when one of them is newer in the store."""
    stored = begin(session, tables, dialect)
    for table in tables:
        create(session, [table], dialect)
        if stored.get(table.name) == table.version:
            continue
        if table.name in stored:
            _grow(session, table, dialect)
        session.run(
            f"INSERT INTO {LEDGER} (name, version) VALUES (%s, %s) ON DUPLICATE KEY UPDATE version = VALUES(version)",
            (table.name, table.version),
        )


def _grow(session: Session, table: FactTable, dialect: Dialect) -> None:
    columns = list(schema.base_columns(table, dialect))
    _add(session, table.name, columns)
    if table.rollups:
        _add(session, schema.stage_table(table), columns)
    for rollup in table.rollups:
        _add(session, schema.rollup_table(table, rollup), schema.rollup_columns(table, rollup, dialect))


def _add(session: Session, name: str, columns: Iterable[tuple[str, str]]) -> None:
    found = session.rows(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = %s",
        (name,),
    )
    present = {row[0] for row in found}
    for column, definition in columns:
        if column not in present:
            session.run(f"ALTER TABLE {name} ADD COLUMN {definition}")
