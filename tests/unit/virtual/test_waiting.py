import asyncio
from typing import Any

import pytest

from tikfleet.virtual import waiting


def slow_sum(first: int, second: int) -> int:
    waiting.wait(asyncio.sleep(0))
    waiting.wait(asyncio.sleep(0))
    return first + second


def failing(error: Exception, *, late: bool) -> None:
    if late:
        waiting.wait(asyncio.sleep(0))
    raise error


async def test_a_plain_function_waits_and_gives_its_value() -> None:
    assert await waiting.run(slow_sum, 1, second=2) == 3


async def test_what_does_not_wait_is_there_at_once() -> None:
    assert waiting.begin(max, 1, 2) == (2, None)


async def test_what_waits_is_brought_by_a_coroutine() -> None:
    value, rest = waiting.begin(slow_sum, 1, 2)
    assert value is None
    assert rest is not None
    assert await rest == 3


@pytest.mark.parametrize("late", [False, True])
async def test_errors_come_out_of_both_ways_of_calling(late: bool) -> None:
    async def begun() -> Any:
        _, rest = waiting.begin(failing, KeyError("x"), late=late)
        assert rest is not None
        return await rest

    with pytest.raises(KeyError):
        await begun()
    with pytest.raises(KeyError):
        await waiting.run(failing, KeyError("x"), late=late)


async def test_cancelling_is_told_where_the_function_waits() -> None:
    told: list[str] = []

    def function() -> None:
        try:
            waiting.wait(asyncio.sleep(60))
        except asyncio.CancelledError:
            told.append("cancelled")
            raise

    _, rest = waiting.begin(function)
    assert rest is not None
    task = asyncio.create_task(rest)
    asyncio.get_running_loop().call_soon(task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert told == ["cancelled"]


def test_waiting_outside_of_run_is_refused() -> None:
    with pytest.raises(RuntimeError, match="can wait"):
        waiting.wait(asyncio.sleep(0))
