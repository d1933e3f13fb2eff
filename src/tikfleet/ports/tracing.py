"""Traces: which work took how long inside which other work."""

from contextlib import AbstractContextManager
from typing import Protocol

Value = str | int | float | bool


class Span(Protocol):
    """One piece of work while it goes on."""

    def set(self, name: str, value: Value) -> None:
        """Say something about it: never a secret, an address or a text of a router."""
        ...

    def rename(self, name: str) -> None:
        """Give it a better name, known only now."""
        ...


class Tracer(Protocol):
    """Spans nest by the task that they are in. Nothing here raises or waits for a network."""

    def span(self, name: str, *, served: bool = False) -> AbstractContextManager[Span]:
        """The work of a block; `served` when somebody outside asked for it. An exception that leaves it is noted."""
        ...

    def close(self) -> None:
        """Send what is left, for some seconds at most."""
        ...
