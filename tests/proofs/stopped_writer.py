"""R8: the telemetry store is away for minutes while the routers go on: the consumer waits, the routers don't.

What is acknowledged is kept, what is beyond the high-water mark is told to come later, memory is bounded.
"""

import asyncio
import time

from .houses import House, house
from .orders import HANDICAPPED, Order, orders
from .verdicts import Verdict

MOST_MEMORY_MIB = 512


async def stopped_writer(made: House, order: Order, rate: float, stop_s: float) -> Verdict:
    """The platform's high-water mark has to be one that the load passes."""
    await made.under(made.load(20, 2, fresh=False, boot="before the stop"))
    await asyncio.to_thread(made.platform.drained_s, 60)
    order.give("away")
    at_rest_mib = most_mib = made.platform.memory_mib()
    began = time.monotonic()
    under = asyncio.create_task(made.under(made.load(rate, stop_s, fresh=False, boot="stopped")))
    while not under.done():
        most_mib = max(most_mib, made.platform.memory_mib())
        await asyncio.sleep(0.2)
    outcome = await under
    depth = made.platform.measure("tikfleet_inbox_depth")
    stopped_s = time.monotonic() - began
    order.all_well()
    drained_s = await asyncio.to_thread(made.platform.drained_s, 20 * stop_s + 60)
    most_mib = max(most_mib, made.platform.memory_mib())
    said = outcome.statuses | outcome.refused_inside
    refused = sum(said.get(word, 0) for word in ("503", "429", "server.busy", "server.overloaded"))
    others = outcome.sent - refused - len(outcome.taken)
    return Verdict(
        f"R8 store away for {stop_s:g} s at {rate:g}/s",
        refused > 0 and not others and most_mib <= MOST_MEMORY_MIB and drained_s <= 2 * stopped_s,
        {
            "offered_per_s": outcome.offered_per_s,
            "taken": len(outcome.taken),
            "told_to_wait": refused,
            "by": said,
            "other_answers": others,
            "unanswered": outcome.unanswered[:20],
            "depth": int(depth),
            "memory_at_rest_mib": round(at_rest_mib),
            "memory_most_mib": round(most_mib),
            "without_files_at_end_mib": round(made.platform.memory_mib("RssAnon")),
            "stopped_s": round(stopped_s, 1),
            "drained_s": round(drained_s, 1),
        },
    )


async def prove_stopped_writer(
    rate: float = 1_667, stop_s: float = 60, high_water: int = 60_000, routers: int = 2_000
) -> Verdict:
    """So many routers that none has over 62 reports on the way at once: a router sends one after the other, and what is
    further behind than that counts as seen.
    """
    with orders() as order:
        environment = {"TIKFLEET_INBOX_HIGH_WATER": str(high_water), "PROOF_ORDERS": str(order.path)}
        async with house(routers, program=[str(HANDICAPPED)], **environment) as made:
            found = await stopped_writer(made, order, rate, stop_s)
            return found.with_(await made.counted())
