"""The warehouse with its work timed and traced, and slow questions noted by their shape: never by what they ask for."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog

from tikfleet.app.observability.measures import Measures
from tikfleet.kernel.errors import TikfleetError
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.tracing import Span, Tracer
from tikfleet.ports.warehouse import (
    Answer,
    Batch,
    Beyond,
    Expired,
    FactQuery,
    FactTable,
    Holds,
    OneOf,
    TableSize,
    Warehouse,
)

_log = structlog.get_logger("tikfleet.warehouse")


class TimedWarehouse:
    """Keeps `tikfleet.ports.warehouse.Warehouse` by another one."""

    def __init__(self, inner: Warehouse, measures: Measures, tracer: Tracer, slow_s: float) -> None:
        """Questions that take `slow_s` or longer are logged."""
        self._inner = inner
        self._measures = measures
        self._tracer = tracer
        self._slow_s = slow_s

    async def prepare(self, tables: Sequence[FactTable]) -> None:
        await self._inner.prepare(tables)

    async def append(self, batch: Batch) -> None:
        with self._timed("append") as span:
            span.set("rows", sum(map(len, batch.rows.values())))
            await self._inner.append(batch)

    async def select(self, scope: OrgScope, query: FactQuery) -> Answer:
        began_s = time.perf_counter()
        with self._timed("select") as span:
            span.set("table", query.table)
            span.set("resolution", query.resolution)
            answer = await self._inner.select(scope, query)
            span.set("rows_read", answer.rows_read)
        took_s = time.perf_counter() - began_s
        if took_s >= self._slow_s:
            self._measures.slow_queries += 1
            _log.warning(
                "slow query", ms=round(took_s * 1000), rows=len(answer.rows), rows_read=answer.rows_read, **shape(query)
            )
        return answer

    async def forget(self, table: str, scope: OrgScope, before_ms: int) -> None:
        with self._timed("forget") as span:
            span.set("table", table)
            await self._inner.forget(table, scope, before_ms)

    async def storage(self) -> Sequence[TableSize]:
        return await self._inner.storage()

    async def close(self) -> None:
        await self._inner.close()

    @contextmanager
    def _timed(self, operation: str) -> Iterator[Span]:
        began_s = time.perf_counter()
        with self._tracer.span(f"warehouse.{operation}") as span:
            try:
                yield span
            except TikfleetError as error:
                self._measures.warehouse_failures[operation, error.code] += 1
                span.set("error.type", error.code)
                raise
            finally:
                self._measures.warehouse[operation].observe(time.perf_counter() - began_s)


def shape(query: FactQuery) -> dict[str, Any]:
    """What kind of question it is: names of tables and columns, sizes; no id, no text and no moment of anybody's."""
    span_ms = None if query.since_ms is None or query.until_ms is None else query.until_ms - query.since_ms
    return {
        "table": query.table,
        "resolution": query.resolution,
        "measures": [measure.name for measure in query.measures],
        "group_by": list(query.group_by),
        "filters": dict(map(_measured, query.filters)),
        "bucket_s": query.bucket_s,
        "span_s": None if span_ms is None else span_ms // 1000,
        "limit": query.limit,
    }


def _measured(item: OneOf | Holds | Beyond | Expired) -> tuple[str, int]:
    if isinstance(item, Expired):
        return "org_id", len(item.org_ids)
    return item.column, len(item.values) if isinstance(item, OneOf) else 1
