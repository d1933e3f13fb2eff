"""An event loop in a thread of its own, for code that has none: backups are made by plain threads."""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


class Portal:
    """Runs coroutines for any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What it gives, or raises."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def items(self, source: AsyncIterator[T]) -> Iterator[T]:
        """The same items, one at a time."""
        while (found := self.run(_next(source))) is not None:
            yield found[0]


async def _next(source: AsyncIterator[T]) -> tuple[T] | None:
    async for item in source:
        return (item,)
    return None


@contextmanager
def open_portal() -> Iterator[Portal]:
    """A loop that ends with the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="backup-loop", daemon=True)
    thread.start()
    try:
        yield Portal(loop)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def in_threads(items: Iterator[T]) -> AsyncIterator[T]:
    """The same items, each waited for in a thread: waiting may need this very loop."""
    iterator = iter(items)
    while (found := await asyncio.to_thread(_one, iterator)) is not None:
        yield found[0]


def _one(items: Iterator[T]) -> tuple[T] | None:
    for item in items:
        return (item,)
    return None
