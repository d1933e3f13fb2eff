"""The warehouse table of log lines."""

from typing import Final

from tikfleet.ports.warehouse import Column, FactTable, Kind, Shape, Span

LINES: Final = "log_lines"
# What people may filter by and count, beside device and time.
FIELDS: Final = (
    "severity", "topics", "action", "user", "address", "interface", "out_interface", "chain", "protocol", "port",
    "to_address", "to_port", "mac", "tool", "host",
)  # fmt: skip
COLUMNS: Final = ("received_at", "seq", "org_id", "device_id", "site_id", "claimed_at", *FIELDS, "message")
_NUMBERS: Final = frozenset({"port", "to_port"})


def log_tables(keep_days: int) -> tuple[FactTable, ...]:
    """The table, with how long lines are kept at most.

    Its order is that of time: the newest lines of a fleet are read without looking at the others.
    """
    fields = tuple(
        Column(name, Kind.U16, shape=Shape.SCATTERED) if name in _NUMBERS else Column(name, Kind.LABEL)
        for name in FIELDS
    )
    columns = (
        Column("org_id", Kind.LABEL),
        Column("device_id", Kind.LABEL),
        Column("site_id", Kind.LABEL),
        Column("received_at", Kind.MOMENT, shape=Shape.GROWING),
        Column("seq", Kind.U32, shape=Shape.GROWING),
        Column("claimed_at", Kind.MOMENT, optional=True, shape=Shape.GROWING),
        *fields,
        Column("message", Kind.TEXT, searched=True),
    )
    return (FactTable(LINES, 1, columns, ("received_at", "seq"), Span.DAY, keep_days),)
