"""Plain functions that wait: a router's commands are synchronous code, and the event loop goes on while one sleeps."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from greenlet import getcurrent, greenlet

Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")


class _Fiber(greenlet):
    """Marks a stack that `wait` may leave."""


async def run(function: Callable[Parameters, Result], *given: Parameters.args, **named: Parameters.kwargs) -> Result:
    """Call a function whose insides may `wait`. Cancelling the task raises `CancelledError` where it waits."""
    fiber = _Fiber(function, getcurrent())
    value: Result = await _rest(fiber, fiber.switch(*given, **named))
    return value


def begin(
    function: Callable[Parameters, Result], *given: Parameters.args, **named: Parameters.kwargs
) -> tuple[Result, None] | tuple[None, Coroutine[None, None, Result]]:
    """As `run`, without a task for those that never wait: the value at once, or a coroutine that brings it.

    The coroutine has to be awaited in the loop that this is called from. A task made of it may be cancelled once it
    has had a turn (`loop.call_soon(task.cancel)`): before that, nobody would tell the function.
    """
    fiber = _Fiber(function, getcurrent())
    result = fiber.switch(*given, **named)
    return (result, None) if fiber.dead else (None, _rest(fiber, result))


async def _rest(fiber: _Fiber, result: Any) -> Any:
    """Wait for what a fiber waits for, until it has ended."""
    while not fiber.dead:
        try:
            value = await result
        except BaseException:
            result = fiber.throw(*sys.exc_info())
        else:
            result = fiber.switch(value)
    return result


def is_possible() -> bool:
    """Whether whoever asks was called through `run`, so that it may `wait`."""
    return isinstance(getcurrent(), _Fiber)


def wait(awaitable: Awaitable[Result]) -> Result:
    """The value of an awaitable, from plain code that somebody called through `run`.

    Raises what the awaitable raises, and `RuntimeError` outside of `run`.
    """
    fiber = getcurrent()
    if not isinstance(fiber, _Fiber) or fiber.parent is None:
        if asyncio.iscoroutine(awaitable):
            awaitable.close()
        raise RuntimeError("only code that was called through `run` can wait")
    value: Result = fiber.parent.switch(awaitable)
    return value
