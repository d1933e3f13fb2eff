"""No traces at all: what is there when nobody collects them."""

from contextlib import AbstractContextManager, nullcontext
from typing import Final

from tikfleet.ports.tracing import Span, Value


class _Nothing:
    def set(self, name: str, value: Value) -> None:
        pass

    def rename(self, name: str) -> None:
        pass


_NOWHERE: Final[AbstractContextManager[Span]] = nullcontext(_Nothing())


class NoTracer:
    """The tracing port, without an effect."""

    def span(self, name: str, *, served: bool = False) -> AbstractContextManager[Span]:
        return _NOWHERE

    def close(self) -> None:
        pass
