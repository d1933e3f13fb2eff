"""The warehouse tables of flows: rows for a short time, rollups for long. Columns stand in the order of `rows`.

A flow is told from its local end: what went up from it, and what came down to it. So the two directions of one
conversation, which are two flows, become one row of a rollup.
"""

from typing import Final

import msgspec

from tikfleet.ports.warehouse import Aggregate, Column, FactTable, Kind, Rollup, Shape, Span

FLOWS: Final = "flows"
_HOUR_S: Final = 3600
_DAY_S: Final = 86_400
_SUM: Final = (Aggregate.SUM,)
_KEPT: Final = dict.fromkeys(("up_bytes", "down_bytes", "up_packets", "down_packets"), _SUM)
_WHERE: Final = ("device_id", "site_id")


class FlowRetention(msgspec.Struct, frozen=True):
    """For how many days flows and their rollups are kept. Five-minute totals, for bills, stay as long as the hours."""

    raw_days: int = 3
    minutes_days: int = 14
    hours_days: int = 100
    days_days: int = 1100


class Family(msgspec.Struct, frozen=True):
    """Rollups by the same keys, in buckets of several lengths: name by bucket, in seconds."""

    name: str
    keys: tuple[str, ...]
    buckets: tuple[int, ...]
    # In how many of them, from the first on, hardly two flows that come together belong together.
    sparse: int = 1

    def rollup(self, bucket_s: int) -> str:
        """The name of one of them."""
        return f"{self.name}_{_NAMES[bucket_s]}"


_NAMES: Final = {60: "1m", 300: "5m", 3600: "1h", 86400: "1d"}
# The first that has the keys of a question answers it, so they stand from small to large.
FAMILIES: Final = (
    Family("totals", (*_WHERE, "local_interface", "remote_interface"), (60, 300, 86400)),
    Family("services", (*_WHERE, "service"), (60, 3600, 86400)),
    Family("places", (*_WHERE, "country", "network"), (3600, 86400)),
    Family("talkers", (*_WHERE, "local_address"), (60, 3600, 86400)),
    Family("conversations", (*_WHERE, "local_address", "remote_address", "service"), (3600, 86400), 2),
)


def flow_tables(retention: FlowRetention) -> tuple[FactTable, ...]:
    """The fact table of flows, with the retention that settings ask for."""
    return (
        FactTable(
            FLOWS,
            1,
            (
                Column("org_id", Kind.LABEL),
                Column("device_id", Kind.LABEL),
                Column("site_id", Kind.LABEL),
                Column("ended_at", Kind.MOMENT, shape=Shape.GROWING),
                Column("local_address", Kind.TEXT),
                Column("remote_address", Kind.TEXT),
                Column("service", Kind.LABEL),
                Column("local_port", Kind.U16),
                Column("remote_port", Kind.U16),
                Column("protocol", Kind.U8),
                Column("local_interface", Kind.LABEL),
                Column("remote_interface", Kind.LABEL),
                Column("country", Kind.LABEL),
                Column("network", Kind.LABEL),
                Column("up_bytes", Kind.U64),
                Column("down_bytes", Kind.U64),
                Column("up_packets", Kind.U64),
                Column("down_packets", Kind.U64),
                Column("duration_ms", Kind.U32),
                Column("tcp_flags", Kind.U8),
                Column("nat_address", Kind.LABEL),
                Column("nat_port", Kind.U16),
            ),
            ("device_id", "local_address", "remote_address", "service"),
            Span.DAY,
            retention.raw_days,
            tuple(_rollup(family, place, retention) for family in FAMILIES for place in range(len(family.buckets))),
            moment="ended_at",
            together_s=_HOUR_S,
        ),
    )


def _rollup(family: Family, place: int, retention: FlowRetention) -> Rollup:
    """One of a family: the first is made of flows, the others each of the one before, which has far fewer rows."""
    bucket_s = family.buckets[place]
    span, days, together_s = {
        60: (Span.DAY, retention.minutes_days, _HOUR_S),
        300: (Span.MONTH, retention.hours_days, _DAY_S),
        3600: (Span.MONTH, retention.hours_days, _DAY_S),
        86400: (Span.YEAR, retention.days_days, 30 * _DAY_S),
    }[bucket_s]
    source = family.rollup(family.buckets[place - 1]) if place else ""
    return Rollup(
        family.rollup(bucket_s), bucket_s, family.keys, _KEPT, span, days, source, together_s, place < family.sparse
    )
