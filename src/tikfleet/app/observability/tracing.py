"""Which requests are traced, and to where."""

import importlib
from itertools import count

from tikfleet.adapters.memory.tracing import NoTracer
from tikfleet.app.settings import Settings, SettingsWrong
from tikfleet.app.version import VERSION
from tikfleet.httpkit.asgi import App, Message, Receive, Scope, Send
from tikfleet.ports.tracing import Tracer


def open_tracer(settings: Settings) -> Tracer:
    """The tracer that the settings name. Raises SettingsWrong where its packages are not installed."""
    if not settings.otlp_endpoint:
        return NoTracer()
    try:
        # Half a second of imports and optional packages, for those who trace.
        otlp = importlib.import_module("tikfleet.adapters.otlp.tracer")
    except ImportError as cause:
        raise SettingsWrong(
            "otlp_endpoint needs OpenTelemetry, which is not installed",
            remedy="Install tikfleet[tracing], or leave TIKFLEET_OTLP_ENDPOINT empty.",
        ) from cause
    tracer: Tracer = otlp.OtlpTracer(settings.otlp_endpoint, VERSION)
    return tracer


class Traced:
    """Wraps an application: a span for one in so many of its requests, named by their route, never by their path."""

    def __init__(self, app: App, tracer: Tracer, group: str, one_in: int = 1) -> None:
        self._app = app
        self._tracer = tracer
        self._group = group
        self._one_in = one_in
        self._number = count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or next(self._number) % self._one_in:
            await self._app(scope, receive, send)
            return
        with self._tracer.span(f"{scope['method']} {self._group}", served=True) as span:

            async def noted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set("http.response.status_code", message["status"])
                await send(message)

            span.set("http.request.method", scope["method"])
            await self._app(scope, receive, noted)
            if route := scope.get("path_template"):
                span.set("http.route", route)
                span.rename(f"{scope['method']} {route}")


def traced(app: App, tracer: Tracer, group: str, one_in: int = 1) -> App:
    """An application, wrapped where somebody collects traces; `one_in` 0 is never."""
    return app if isinstance(tracer, NoTracer) or not one_in else Traced(app, tracer, group, one_in)
