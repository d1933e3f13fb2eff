"""The rows that every engine gets: check-ins of `measuring.rows`, made in chDB, handed on as files of one order.

The table of the others has the same columns under the same names; `received_at` is ms since 1970 in all of them.
"""

from pathlib import Path
from typing import Any, Final

import chdb
import msgspec

from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.app.measuring.rows import insert
from tikfleet.domains.telemetry.public import Retention, telemetry_tables

DEVICES: Final = 5_000
KEEP: Final = Retention(36_500, 36_500, 36_500, 36_500)
_CHUNK: Final = 240
_TYPES: Final = {"u64": "bigint", "i64": "bigint", "moment": "bigint", "f32": "real", "f64": "double precision"}


class Rows(msgspec.Struct, frozen=True):
    """A set of check-ins: how many, and the minute of the first."""

    count: int
    start_ms: int

    @property
    def last_ms(self) -> int:
        """The end of the last minute."""
        return self.start_ms + (self.count // DEVICES + 1) * 60_000


def columns() -> list[tuple[str, str]]:
    """Names and types in standard SQL of the table of check-ins."""
    table = telemetry_tables(KEEP)[0]
    text = {"text", "label"}
    return [
        (column.name, "varchar(100)" if column.kind.value in text else _TYPES.get(column.kind.value, "integer"))
        for column in table.columns
    ]


async def filled(directory: Path, rows: Rows) -> None:
    """The platform's own tables with these rows and all rollups."""
    warehouse = await ChdbWarehouse.open(directory)
    await warehouse.prepare(telemetry_tables(KEEP))
    await warehouse.close()
    connection = chdb.connect(str(directory / "engine"))
    minutes, rest = divmod(rows.count, DEVICES)
    for first in range(0, minutes, _CHUNK):
        connection.query(insert(DEVICES, first, min(_CHUNK, minutes - first), rows.start_ms))
    if rest:
        connection.query(insert(rest, minutes, 1, rows.start_ms))
    connection.close()


def exported(directory: Path, target: Path, form: str) -> None:
    """The rows in a file (`Parquet` or `TabSeparated`), minute by minute as they would arrive."""
    names = ", ".join(f"toUnixTimestamp64Milli({name})" if name == "received_at" else name for name, _ in columns())
    connection: Any = chdb.connect(str(directory / "engine"))
    days = str(
        connection.query("SELECT DISTINCT toYYYYMMDD(received_at) FROM tikfleet.site_checkins ORDER BY 1", "TSV")
    ).split()
    for day in days:
        # Day by day: sorting all of them at once needs memory that the engines should have.
        connection.query(
            f"SELECT {names} FROM tikfleet.site_checkins WHERE toYYYYMMDD(received_at) = {day} "
            f"ORDER BY intDiv(toUnixTimestamp64Milli(received_at), 60000), device_id "
            f"INTO OUTFILE '{target / day}.{form.lower()}' FORMAT {form} "
            "SETTINGS output_format_parquet_string_as_string = 1, max_threads = 2"
        )
    connection.close()
