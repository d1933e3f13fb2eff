"""What is counted and traced, in one value that the wiring passes on."""

import msgspec

from tikfleet.adapters.memory.tracing import NoTracer
from tikfleet.app.observability.measures import Measures
from tikfleet.ports.tracing import Tracer


class Watch(msgspec.Struct, frozen=True):
    """The numbers of this process, and where its spans go."""

    measures: Measures = msgspec.field(default_factory=Measures)
    tracer: Tracer = msgspec.field(default_factory=NoTracer)
