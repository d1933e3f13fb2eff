"""R9, whole: a platform whose disk refuses to write, to sync, or has no space. It says 503, never 200, and recovers."""

import asyncio
from typing import Final

from .houses import House, house
from .orders import HANDICAPPED, Order, orders
from .verdicts import Verdict

FAULTS: Final = ("write", "sync", "full")


async def disk(made: House, order: Order, rate: float, duration_s: float) -> Verdict:
    """Good, then each fault, then good again."""
    figures: dict[str, object] = {}
    good = True
    for fault in ("", *FAULTS, "well again"):
        if fault in FAULTS:
            order.give(fault)
        else:
            order.all_well()
        outcome = await made.under(made.load(rate, duration_s, fresh=False, boot=f"disk {fault}"))
        good &= outcome.statuses == {"503" if fault in FAULTS else "200": outcome.sent}
        figures[fault or "well"] = outcome.statuses
    return Verdict("R9 disk that fails", good, figures)


async def killed_while_failing(made: House, order: Order, rate: float, duration_s: float) -> Verdict:
    """A sync fails, the process is killed, and the next one goes on with what it finds."""
    order.give("sync")
    failing = await made.under(made.load(rate, duration_s, fresh=False, boot="failing"))
    order.all_well()
    made.platform.kill()
    await asyncio.to_thread(made.platform.start)
    ready_s = made.platform.processor_s()
    again = await made.under(made.load(rate, duration_s, fresh=False, boot="again"))
    good = failing.statuses == {"503": failing.sent} and again.statuses == {"200": again.sent}
    return Verdict("R9 killed while its disk failed", good, {"cpu_to_be_ready_s": round(ready_s, 1)})


async def prove_disk(rate: float = 60, duration_s: float = 10) -> Verdict:
    with orders() as order:
        async with house(20, program=[str(HANDICAPPED)], PROOF_ORDERS=str(order.path)) as made:
            found = await disk(made, order, rate, duration_s)
            found = found.with_(await killed_while_failing(made, order, rate, duration_s))
            return found.with_(await made.counted())
