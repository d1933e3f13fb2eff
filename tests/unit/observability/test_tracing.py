"""Traces to a collector: what they name, what they leave out, and what a collector that is away costs."""

import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.observability.receiver import Collector
from tikfleet.adapters.memory.tracing import NoTracer
from tikfleet.adapters.otlp.tracer import OtlpTracer
from tikfleet.app.observability.tracing import Traced, open_tracer, traced
from tikfleet.app.settings import Settings, SettingsWrong


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.stop()


def said(span: Any) -> dict[str, Any]:
    return {item.key: item.value.string_value or item.value.int_value for item in span.attributes}


def test_spans_arrive_nested_with_what_was_said_of_them(collector: Collector) -> None:
    tracer = OtlpTracer(collector.url, "1.2.3")
    with tracer.span("GET api", served=True) as outer:
        outer.set("http.response.status_code", 200)
        with tracer.span("warehouse.select"):
            pass
        outer.rename("GET /api/v1/devices")
    tracer.close()

    by_name = {span.name: span for span in collector.spans}
    assert set(by_name) == {"GET /api/v1/devices", "warehouse.select"}
    assert by_name["warehouse.select"].parent_span_id == by_name["GET /api/v1/devices"].span_id
    assert said(by_name["GET /api/v1/devices"]) == {"http.response.status_code": 200}


def test_an_error_is_told_by_its_kind_and_never_by_its_text(collector: Collector) -> None:
    tracer = OtlpTracer(collector.url, "1.2.3")
    with pytest.raises(ValueError, match="hunter2"), tracer.span("work"):
        raise ValueError("the password hunter2 is wrong")
    tracer.close()

    (span,) = collector.spans
    assert said(span) == {"error.type": "ValueError"}
    assert not [body for body in collector.bodies if b"hunter2" in body]


def test_a_collector_that_is_away_costs_no_waiting() -> None:
    tracer = OtlpTracer("http://127.0.0.1:9", "1.2.3")
    began = time.monotonic()
    for _ in range(1000):
        with tracer.span("work"):
            pass
    assert time.monotonic() - began < 2
    threading.Thread(target=tracer.close, daemon=True).start()


def test_without_an_address_nothing_is_wrapped() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None: ...

    tracer = open_tracer(Settings())
    assert isinstance(tracer, NoTracer)
    assert traced(app, tracer, "api") is app


def test_without_its_packages_the_start_is_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "tikfleet.adapters.otlp.tracer", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)

    with pytest.raises(SettingsWrong) as raised:
        open_tracer(Settings(otlp_endpoint="http://127.0.0.1:4318"))
    assert "tikfleet[tracing]" in raised.value.advice


async def test_one_in_so_many_requests_is_traced(collector: Collector) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def nowhere(message: Any) -> None: ...

    tracer = OtlpTracer(collector.url, "1.2.3")
    wrapped: Any = Traced(app, tracer, "agent", one_in=10)
    for number in range(95):
        await wrapped({"type": "http", "method": "POST", "path": f"/agent/secret-{number}"}, None, nowhere)
    tracer.close()

    assert [span.name for span in collector.spans] == ["POST agent"] * 10
    assert not [body for body in collector.bodies if b"secret" in body]
