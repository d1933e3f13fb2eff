"""Plain functions that wait: a router's commands are synchronous code, and the event loop goes on while one sleeps."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

from greenlet import getcurrent, greenlet

Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")


class _Fiber(greenlet):
    """Marks a stack that `wait` may leave."""


async def run(function: Callable[Parameters, Result], *given: Parameters.args, **named: Parameters.kwargs) -> Result:
    """Call a function whose insides may `wait`. Cancelling the task raises `CancelledError` where it waits."""
    fiber = _Fiber(function, getcurrent())
    result: Any = fiber.switch(*given, **named)
    while not fiber.dead:
        try:
            value = await result
        except BaseException:
            result = fiber.throw(*sys.exc_info())
        else:
            result = fiber.switch(value)
    answer: Result = result
    return answer


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
