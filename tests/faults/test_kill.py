"""Kill -9 of the process group under load: nothing that was acknowledged is lost, and nothing counts twice."""

import asyncio
import random
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .load import Device, Owner, drained, stored, verdict

BROKEN = Path(__file__).with_name("broken.py")
DEVICES = 6


async def rounds_of_kills(platform: Any, devices: list[Device], rounds: int) -> list[float]:
    """Load, kill, start again; gives the processor time of each start. It is up at the beginning and at the end."""
    chance = random.Random(20261123)
    up = asyncio.Event()
    up.set()
    loads = [asyncio.create_task(device.report_while(platform.port, up)) for device in devices]
    starts = []
    for _ in range(rounds):
        await asyncio.sleep(chance.uniform(0.2, 0.7))
        platform.kill()
        up.clear()
        await asyncio.to_thread(platform.start)
        starts.append(platform.processor_s())
        up.set()
    await asyncio.sleep(0.3)
    for load in loads:
        load.cancel()
    ended = await asyncio.gather(*loads, return_exceptions=True)
    assert [item for item in ended if not isinstance(item, asyncio.CancelledError)] == []
    return starts


async def outcome(platform: Any, rounds: int) -> tuple[list[Device], dict[Any, int], list[float]]:
    platform.start()
    owner = await asyncio.to_thread(Owner, platform.url, platform.said)
    devices = await asyncio.to_thread(owner.devices, DEVICES)
    starts = await rounds_of_kills(platform, devices, rounds)
    await asyncio.to_thread(drained, platform.url)
    assert platform.terminate() == 0
    return devices, await asyncio.to_thread(stored, platform.directory, owner.org_id), starts


@pytest.mark.slow
async def test_ten_kills_lose_nothing_and_double_nothing(platform_process: Callable[..., Any]) -> None:
    devices, rows, starts = await outcome(platform_process(), rounds=10)
    lost, doubled = verdict(devices, rows)

    assert len(rows) > 200
    assert lost == set()
    assert doubled == set()
    assert statistics.median(starts) <= 5


@pytest.mark.slow
async def test_the_check_sees_reports_that_were_answered_before_they_were_stored(
    platform_process: Callable[..., Any],
) -> None:
    devices, rows, _ = await outcome(platform_process(program=[str(BROKEN), "durable"]), rounds=1)

    assert verdict(devices, rows)[0] != set()


@pytest.mark.slow
async def test_the_check_sees_reports_that_count_twice(platform_process: Callable[..., Any]) -> None:
    devices, rows, _ = await outcome(platform_process(program=[str(BROKEN), "once"]), rounds=1)

    assert verdict(devices, rows)[1] != set()
