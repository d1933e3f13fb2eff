"""A store as it stands at one moment, as a directory of hard links that a later engine could open.

ClickHouse's `FREEZE` links the active parts of a table into `shadow/NAME/` below the engine's directory, with the same
paths; parts are never changed in place, so what merges and expires afterwards leaves the links alone. Beside the parts
an engine needs the definitions (`metadata/*.sql`, `store/*/*/*.sql`), and each table's `format_version.txt` and notes
of deduplication, without which a replayed batch would count twice (see `recovery`).
"""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tikfleet.adapters.chdb.engine import rows_of
from tikfleet.adapters.clickhouse_sql.migrations import LEDGER
from tikfleet.adapters.clickhouse_sql.topology import DATABASE

if TYPE_CHECKING:
    from chdb.state.sqlitelike import Connection

_SHADOW: Final = "shadow"
_NEEDED: Final = ("metadata/*.sql", "store/*/*/*.sql", "store/*/*/*.txt", "store/*/*/deduplication_logs/*.txt")

Snapshot = tuple[Path, Mapping[str, int], Mapping[str, int]]


def freeze(connection: "Connection", engine: Path, name: str) -> Snapshot:
    """Where the snapshot is, the rows of each table that is not a rollup, and the versions of the fact tables.

    Nothing may be appended meanwhile; merges may happen.
    """
    drop(engine, name)
    tables: dict[str, str] = dict(
        _rows(
            connection,
            f"SELECT name, engine FROM system.tables WHERE database = '{DATABASE}' AND engine LIKE '%MergeTree'",
        )
    )
    for table in tables:
        connection.query(f"ALTER TABLE {DATABASE}.{table} FREEZE WITH NAME '{name}'")
    snapshot = engine / _SHADOW / name
    for path in _needed(engine):
        copy = snapshot / path.relative_to(engine)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    counted = [table for table, kind in tables.items() if kind == "MergeTree"]
    rows = {table: int(_rows(connection, f"SELECT count() FROM {DATABASE}.{table}")[0][0]) for table in counted}
    versions = (
        dict(_rows(connection, f"SELECT name, max(version) FROM {DATABASE}.{LEDGER} GROUP BY name"))
        if LEDGER in tables
        else {}
    )
    return snapshot, rows, versions


def drop(engine: Path, name: str) -> None:
    """Remove a snapshot, or what a crash left of one."""
    shutil.rmtree(engine / _SHADOW / name, ignore_errors=True)


def rows_in(engine: Path) -> dict[str, int]:
    """The rows of each table, by what its parts say of themselves, in a directory that no engine has open."""
    found: dict[str, int] = {}
    for definition in engine.glob("store/*/*/*.sql"):
        text = definition.read_text()
        # `ATTACH TABLE _ UUID '7f1cac45-fce5-…'`: the name of the file is the table's.
        uuid = text.partition("UUID '")[2].partition("'")[0]
        if "ENGINE = MergeTree" in text:
            counts = (engine / "store" / uuid[:3] / uuid).glob("*/count.txt")
            found[definition.stem] = sum(int(path.read_text()) for path in counts)
    return found


def _needed(engine: Path) -> Iterator[Path]:
    for pattern in _NEEDED:
        yield from (path for path in sorted(engine.glob(pattern)) if path.is_file())


def _rows(connection: "Connection", sql: str) -> list[list[Any]]:
    return rows_of(connection.query(sql, "JSONCompactEachRow"))
