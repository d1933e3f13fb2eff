"""Numbers that grow: histograms, groups of requests, the warehouse under the clock."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from tikfleet.adapters.memory.tracing import NoTracer
from tikfleet.app.observability.measures import Histogram, Measures
from tikfleet.app.observability.questions import TimedWarehouse, shape
from tikfleet.app.observability.traffic import Timed, group_of, watch_lateness
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.tracing import Span, Value
from tikfleet.ports.warehouse import (
    Aggregate,
    Answer,
    Batch,
    Expired,
    FactQuery,
    FactTable,
    Measure,
    OneOf,
    TableSize,
    WarehouseUnavailable,
)

ACME = OrgScope.only(OrganisationId("org_secret0000000000"))
QUERY = FactQuery(
    "site_checkins",
    (Measure("load", Aggregate.MEAN, "cpu_load"),),
    1_763_870_000_000,
    1_763_873_600_000,
    resolution="5m",
    bucket_s=300,
    group_by=("device_id",),
    filters=(OneOf("device_id", ("dev_secret1", "dev_secret2")),),
)


class Store:
    """A warehouse that takes its time, or fails."""

    def __init__(self, *, takes_s: float = 0.0, away: bool = False) -> None:
        self.takes_s, self.away = takes_s, away

    async def prepare(self, tables: Sequence[FactTable]) -> None: ...

    async def append(self, batch: Batch) -> None:
        if self.away:
            raise WarehouseUnavailable("away")

    async def select(self, scope: OrgScope, query: FactQuery) -> Answer:
        await asyncio.sleep(self.takes_s)
        if self.away:
            raise WarehouseUnavailable("away")
        return Answer(("load",), [[1]], 1.0, 42)

    async def storage(self) -> Sequence[TableSize]:
        return []

    async def close(self) -> None: ...


class Recorder:
    """A tracer that remembers."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, dict[str, Value]]] = []

    @contextmanager
    def span(self, name: str, *, served: bool = False) -> Iterator[Span]:
        said: dict[str, Value] = {}
        self.spans.append((name, said))

        class Said:
            def set(self, key: str, value: Value) -> None:
                said[key] = value

            def rename(self, name: str) -> None: ...

        yield Said()

    def close(self) -> None: ...


def test_a_histogram_counts_up_to_and_with_each_bound() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 2.0, 9.0):
        histogram.observe(value)

    assert histogram.buckets() == [("1.0", 2), ("2.0", 4), ("+Inf", 5)]
    assert (histogram.count, histogram.sum) == (5, 14.0)


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("/agent/v1/enrol", "agent"),
        ("/api/v1/devices/dev_1", "api"),
        ("/api/v1/events/stream", "stream"),
        ("/readyz", "health"),
        ("/devices/dev_1", "pages"),
        ("/" + "x" * 5000, "pages"),
    ],
)
def test_every_path_is_of_one_of_a_few_groups(path: str, group: str) -> None:
    assert group_of(path) == group


def test_the_shape_of_a_question_has_no_organisation_and_no_moment_of_what_it_leaves_out() -> None:
    told = shape(msgspec.structs.replace(QUERY, filters=(Expired(ACME.org_ids, 1_763_871_611_000),)))

    assert told["filters"] == {"org_id": 1}
    assert "secret" not in str(told)
    assert "176387" not in str(told)


async def test_a_slow_question_is_told_by_its_shape_and_by_nobodys_data() -> None:
    measures = Measures()
    warehouse = TimedWarehouse(Store(takes_s=0.02), measures, NoTracer(), slow_s=0.01)
    with capture_logs() as lines:
        await warehouse.select(ACME, QUERY)

    (line,) = lines
    assert measures.slow_queries == 1
    assert (line["event"], line["table"], line["measures"]) == ("slow query", "site_checkins", ["load"])
    assert (line["filters"], line["span_s"], line["rows_read"]) == ({"device_id": 2}, 3600, 42)
    assert "secret" not in str(line)
    assert "176387" not in str(line)


async def test_a_quick_question_is_counted_and_not_told() -> None:
    measures = Measures()
    with capture_logs() as lines:
        await TimedWarehouse(Store(), measures, NoTracer(), slow_s=10).select(ACME, QUERY)

    assert lines == []
    assert measures.slow_queries == 0
    assert measures.warehouse["select"].count == 1


async def test_a_store_that_is_away_is_counted_by_its_code_and_told_to_the_caller() -> None:
    measures, tracer = Measures(), Recorder()
    warehouse = TimedWarehouse(Store(away=True), measures, tracer, slow_s=10)
    with pytest.raises(WarehouseUnavailable):
        await warehouse.append(Batch("b", {"site_checkins": [[1], [2]]}))
    with pytest.raises(WarehouseUnavailable):
        await warehouse.select(ACME, QUERY)

    assert measures.warehouse_failures == {
        ("append", "warehouse.unavailable"): 1,
        ("select", "warehouse.unavailable"): 1,
    }
    assert tracer.spans[0] == ("warehouse.append", {"rows": 2, "error.type": "warehouse.unavailable"})


async def test_requests_are_timed_to_their_first_byte_and_counted_while_they_run() -> None:
    measures = Measures()
    seen: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(measures.in_progress["api"])
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await asyncio.sleep(0.05)
        await send({"type": "http.response.body", "body": b""})

    async def nowhere(message: Any) -> None: ...

    await Timed(app, measures)({"type": "http", "path": "/api/v1/x"}, None, nowhere)  # type: ignore[arg-type]

    assert seen == [1]
    assert measures.in_progress["api"] == 0
    assert measures.requests["api", "4xx"].count == 1
    assert measures.requests["api", "4xx"].sum < 0.05


async def test_a_request_that_breaks_is_not_in_progress_for_ever() -> None:
    measures = Measures()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await Timed(app, measures)({"type": "http", "path": "/api/v1/x"}, None, None)  # type: ignore[arg-type]
    assert measures.in_progress["api"] == 0


def hold_the_loop(seconds: float) -> None:
    time.sleep(seconds)


async def test_a_loop_that_somebody_holds_is_seen_to_be_late() -> None:
    measures = Measures()
    watching = asyncio.create_task(watch_lateness(measures))
    await asyncio.sleep(0.3)
    quiet = measures.lateness.sum
    hold_the_loop(0.5)
    await asyncio.sleep(0.3)
    watching.cancel()

    assert quiet < 0.2
    assert measures.lateness.sum > 0.2
