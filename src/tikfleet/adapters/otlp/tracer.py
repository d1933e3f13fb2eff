"""Traces to an OpenTelemetry collector, by OTLP over HTTP. Needs the packages of `tikfleet[tracing]`."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from tikfleet.kernel.errors import TikfleetError
from tikfleet.ports.tracing import Value


class OtlpTracer:
    """The tracing port. Spans are sent by a thread, in batches; a collector that is away costs spans, never waiting."""

    def __init__(self, endpoint: str, version: str) -> None:
        """`endpoint`: the collector's address, such as http://localhost:4318; `/v1/traces` is added."""
        exporter = OTLPSpanExporter(endpoint.rstrip("/") + "/v1/traces", timeout=5)
        resource = Resource.create({"service.name": "tikfleet", "service.version": version})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
        self._tracer = self._provider.get_tracer("tikfleet", version)

    @contextmanager
    def span(self, name: str, *, served: bool = False) -> Iterator["_Span"]:
        kind = SpanKind.SERVER if served else SpanKind.INTERNAL
        # The text of an exception may quote what a router or person sent: only its kind is told.
        with self._tracer.start_as_current_span(
            name, kind=kind, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield _Span(span)
            except Exception as error:
                code = error.code if isinstance(error, TikfleetError) else type(error).__name__
                span.set_attribute("error.type", code)
                span.set_status(Status(StatusCode.ERROR))
                raise

    def close(self) -> None:
        self._provider.force_flush(3000)
        self._provider.shutdown()


class _Span:
    def __init__(self, span: Span) -> None:
        self._span = span

    def set(self, name: str, value: Value) -> None:
        self._span.set_attribute(name, value)

    def rename(self, name: str) -> None:
        self._span.update_name(name)
