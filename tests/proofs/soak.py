"""R17: the same load for as long as it is asked: memory and descriptors stay where they were."""

import asyncio
import time

from .houses import House, house
from .verdicts import Verdict

MOST_MIB_AN_HOUR = 1.0
_EVERY_S = 2.0


def slope(samples: list[tuple[float, float]]) -> float:
    """The least-squares slope of values over seconds."""
    count = len(samples)
    mean_x = sum(x for x, _ in samples) / count
    mean_y = sum(y for _, y in samples) / count
    spread = sum((x - mean_x) ** 2 for x, _ in samples)
    return sum((x - mean_x) * (y - mean_y) for x, y in samples) / spread if spread else 0.0


async def soak(made: House, rate: float, duration_s: float, most: float) -> Verdict:
    """`most` MiB an hour is allowed. The promise of 1 needs hours to be seen; a short run bounds a leak."""
    under = asyncio.create_task(made.under(made.load(rate, duration_s, tls=True, boot="soak")))
    began = time.monotonic()
    memory: list[tuple[float, float]] = []
    own: list[tuple[float, float]] = []
    descriptors: list[int] = []
    threads: list[int] = []
    while not under.done():
        memory.append((time.monotonic() - began, made.platform.memory_mib()))
        own.append((time.monotonic() - began, made.platform.memory_mib("RssAnon")))
        descriptors.append(made.platform.descriptors())
        threads.append(made.platform.threads())
        await asyncio.sleep(_EVERY_S)
    outcome = await under
    await asyncio.to_thread(made.platform.drained_s, 60)
    at_end = made.platform.descriptors()
    an_hour = slope(memory[len(memory) // 2 :]) * 3600
    least = min(descriptors)
    return Verdict(
        f"R17 soak of {duration_s:g} s at {rate:g}/s",
        outcome.statuses == {"200": outcome.sent} and an_hour <= most and at_end <= least + 20,
        {
            "answers": outcome.statuses,
            "memory_first_mib": round(memory[0][1], 1),
            "memory_last_mib": round(memory[-1][1], 1),
            "slope_of_the_second_half_mib_an_hour": round(an_hour, 1),
            "without_files_first_middle_last_mib": [round(own[at][1], 1) for at in (0, len(own) // 2, -1)],
            "without_files_slope_of_the_second_half_mib_an_hour": round(slope(own[len(own) // 2 :]) * 3600, 1),
            "threads_least_most": [min(threads), max(threads)],
            "descriptors_least": least,
            "descriptors_most": max(descriptors),
            "descriptors_at_end": at_end,
        },
    )


async def prove_soak(
    duration_s: float = 600, rate: float = 100, warm_s: float = 120, most: float = MOST_MIB_AN_HOUR
) -> Verdict:
    async with house(100) as made:
        await made.under(made.load(rate, warm_s, tls=True, boot="warm"))
        found = await soak(made, rate, duration_s, most)
        return found.with_(await made.counted())
