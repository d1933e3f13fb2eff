"""Rows whose time is over: whole spans of days, months or years, so that a deletion touches old rows only."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from tikfleet.adapters.singlestore.dialect import quoted
from tikfleet.adapters.singlestore.migrations import BATCHES
from tikfleet.adapters.singlestore.schema import rollup_table
from tikfleet.adapters.singlestore.server import Session
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import FactTable, Span

# Ten times what the port promises.
_BATCHES_KEPT: Final = 10_000
_HOUR_MS: Final = 3_600_000


def sweep(session: Session, tables: Sequence[FactTable], now: datetime) -> None:
    """Delete what is kept no longer, and the batches that nobody will replay."""
    for statement, bound in deletions(tables, now):
        session.run(statement, (bound,))
    found = session.rows(f"SELECT appended_at FROM {BATCHES} ORDER BY appended_at DESC LIMIT 1 OFFSET {_BATCHES_KEPT}")
    if found:
        session.run(f"DELETE FROM {BATCHES} WHERE appended_at < %s", (found[0][0],))


def deletions(tables: Sequence[FactTable], now: datetime) -> Iterator[tuple[str, int]]:
    """Statements and the moment (ms) or bucket (s) before which they delete."""
    for table in tables:
        start = span_start(table.partition, now, table.keep_days)
        yield f"DELETE FROM {table.name} WHERE {quoted(table.moment)} < %s", int(start.timestamp()) * 1000
        for rollup in table.rollups:
            start = span_start(rollup.partition, now, rollup.keep_days)
            yield f"DELETE FROM {rollup_table(table, rollup)} WHERE `bucket` < %s", int(start.timestamp())


def forget(session: Session, table: FactTable, scope: OrgScope, before_ms: int) -> bool:
    """Delete the oldest hour of a scope's rows from before a moment; False when there were none."""
    orgs, moment = ", ".join(["%s"] * len(scope.org_ids)), quoted(table.moment)
    where = f"FROM {table.name} WHERE {quoted('org_id')} IN ({orgs}) AND {moment} < %s"
    ((oldest_ms,),) = session.rows(f"SELECT MIN({moment}) {where}", (*scope.org_ids, before_ms))
    if oldest_ms is None:
        return False
    session.run(f"DELETE {where}", (*scope.org_ids, min(before_ms, oldest_ms + _HOUR_MS)))
    return True


def span_start(span: Span, now: datetime, keep_days: int) -> datetime:
    """The first moment of the span that holds the oldest day still kept."""
    # A retention may reach further back than the calendar does.
    oldest = now - timedelta(days=min(keep_days, now.toordinal() - 366))
    match span:
        case Span.DAY:
            return datetime(oldest.year, oldest.month, oldest.day, tzinfo=UTC)
        case Span.MONTH:
            return datetime(oldest.year, oldest.month, 1, tzinfo=UTC)
        case Span.YEAR:
            return datetime(oldest.year, 1, 1, tzinfo=UTC)
