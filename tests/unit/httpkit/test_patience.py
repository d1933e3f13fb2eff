"""Bodies that come byte by byte, on a clock of the test."""

import asyncio

import pytest

from tikfleet.httpkit import patience
from tikfleet.httpkit.asgi import Message, Receive, read_body
from tikfleet.httpkit.patience import BodyTooSlow, Patience


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_LOOK_EVERY_S", 0.01)


def slow(parts: int, gap_s: float) -> Receive:
    left = parts

    async def receive() -> Message:
        nonlocal left
        await asyncio.sleep(gap_s)
        left -= 1
        return {"type": "http.request", "body": b"x", "more_body": left > 0}

    return receive


async def test_a_body_that_is_whole_in_time_is_read() -> None:
    assert await read_body(Patience(5).over(slow(3, 0.001)), 100) == b"xxx"


async def test_a_body_that_drips_is_given_up_though_something_always_comes() -> None:
    with pytest.raises(BodyTooSlow):
        await asyncio.wait_for(read_body(Patience(0.05).over(slow(100_000, 0.005)), 1 << 20), 10)


async def test_a_body_that_never_comes_is_given_up_and_others_are_not() -> None:
    both = Patience(0.05)
    never, quick = await asyncio.wait_for(
        asyncio.gather(
            read_body(both.over(slow(1, 60)), 100), read_body(both.over(slow(1, 0.001)), 100), return_exceptions=True
        ),
        10,
    )

    assert isinstance(never, BodyTooSlow)
    assert quick == b"x"


async def test_after_the_body_a_connection_may_be_watched_for_any_time() -> None:
    gaps_s = iter((0.001, 0.3))

    async def receive() -> Message:
        await asyncio.sleep(next(gaps_s))
        return {"type": "http.request", "body": b"", "more_body": False}

    watched = Patience(0.05).over(receive)
    await watched()
    assert (await asyncio.wait_for(watched(), 10))["type"] == "http.request"


async def test_who_is_cancelled_by_somebody_else_is_cancelled() -> None:
    reading = asyncio.create_task(read_body(Patience(60).over(slow(1, 60)), 100))
    await asyncio.sleep(0.01)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
