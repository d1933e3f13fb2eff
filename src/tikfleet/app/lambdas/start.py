"""What every function has in common: one event loop and one set of objects for as long as the platform keeps it.

AWS freezes a function between two calls: what other processes did meanwhile is heard at the beginning of the next call,
and what this one has to tell is told before its end.
"""

import asyncio
import os
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from tikfleet.adapters.feed.bus import FeedBus
from tikfleet.app.lambdas.secrets import environment_with_secrets
from tikfleet.app.observability.logs import set_up_logs
from tikfleet.app.processes.place import Place, Role
from tikfleet.app.settings import Settings, load_settings

T = TypeVar("T")
# The only place where a function may write.
_DIRECTORY: Final = "/tmp/tikfleet"  # noqa: S108 - nobody else is on a function's machine


class Function(Generic[T]):
    """A function of AWS Lambda: `open` makes its objects at the first call, or while AWS still prepares it."""

    def __init__(
        self,
        name: str,
        opened: Callable[[Settings, Place], AbstractAsyncContextManager[T]],
        feed_of: Callable[[T], FeedBus | None],
        before: Callable[[T], Awaitable[None]] | None = None,
    ) -> None:
        """`before` is done at the beginning of each call."""
        self._name = name
        self._opened = opened
        self._feed_of = feed_of
        self._before = before
        self._runner = asyncio.Runner()
        self._parts: T | None = None
        self._stack = AsyncExitStack()
        if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
            # The time before the first call is not charged to whoever waits.
            self._runner.run(self._ready())

    def run(self, work: Callable[[T], Awaitable[Any]]) -> Any:
        """One call."""
        return self._runner.run(self._work(work))

    def end(self) -> None:
        """Close everything, where somebody gives the time to it."""
        self._runner.run(self._stack.aclose())
        self._runner.close()

    async def _work(self, work: Callable[[T], Awaitable[Any]]) -> Any:
        parts = await self._ready()
        feed = self._feed_of(parts)
        if feed is not None:
            await feed.catch_up()
        if self._before is not None:
            await self._before(parts)
        try:
            return await work(parts)
        finally:
            if feed is not None:
                await feed.flush()

    async def _ready(self) -> T:
        if self._parts is None:
            directory = Path(os.environ.get("TIKFLEET_DATA", _DIRECTORY))
            environment = await environment_with_secrets(os.environ, directory)
            settings = load_settings(environment, data=str(directory))
            set_up_logs(settings.log_level, as_json=True)
            place = Place(Role.FUNCTION, f"{self._name}-{secrets.token_hex(6)}")
            self._parts = await self._stack.enter_async_context(self._opened(settings, place))
        return self._parts
