"""Rows of several reports as one batch for the warehouse."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from tikfleet.domains.telemetry import facts
from tikfleet.domains.telemetry.model import CheckinRow, HealthRow, InterfaceRow, WirelessRow
from tikfleet.ports.warehouse import Batch


class TelemetryRows(msgspec.Struct):
    """What some reports said, row by row. Lists to be appended to, then given to `to_batch`."""

    checkins: list[CheckinRow] = msgspec.field(default_factory=list)
    interfaces: list[InterfaceRow] = msgspec.field(default_factory=list)
    health: list[HealthRow] = msgspec.field(default_factory=list)
    wireless: list[WirelessRow] = msgspec.field(default_factory=list)


def to_batch(batch_id: str, rows: TelemetryRows) -> Batch:
    """The batch of these rows. The same rows under the same id are stored once, however often they are appended."""
    return Batch(
        batch_id,
        {
            facts.CHECKINS: _tuples(map(_traffic_known, rows.checkins)),
            facts.INTERFACES: _tuples(map(_traffic_known, rows.interfaces)),
            facts.HEALTH: _tuples(rows.health),
            facts.WIRELESS: _tuples(rows.wireless),
        },
    )


def _traffic_known(row: CheckinRow | InterfaceRow) -> CheckinRow | InterfaceRow:
    """A delta that is not known counts for no bytes over no time, so that it can't bend a rate."""
    if row.rx_bytes_delta is None or row.tx_bytes_delta is None:
        return msgspec.structs.replace(row, rx_bytes_delta=0, tx_bytes_delta=0, interval_s=0.0)
    return row


def _tuples(rows: Iterable[msgspec.Struct]) -> Sequence[tuple[Any, ...]]:
    return list(map(msgspec.structs.astuple, rows))
