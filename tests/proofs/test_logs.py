"""Short form of R14: lines at a rate, a store that is away, and a control that loses lines unsaid."""

import pytest

from .houses import house
from .logs import Doors, Flow, at_rate, careless, store_away
from .orders import HANDICAPPED, orders

pytestmark = pytest.mark.slow


async def test_every_line_that_was_sent_is_stored_or_counted_as_dropped() -> None:
    doors = Doors()
    with orders() as order:
        environment = {"PROOF_ORDERS": str(order.path), **doors.environment(4)}
        async with house(1, program=[str(HANDICAPPED)], **environment) as made:
            await made.under(made.load(2, 1))
            verdicts = [
                await at_rate(made, doors, Flow(10_000, 10_000), Flow(10_000, 20_000)),
                await store_away(made, doors, order, Flow(8_000, 20_000, 1_000)),
            ]
            control = await careless(made, doors, order, Flow(2_000, 2_000))
    told = [verdict.line() for verdict in verdicts if not verdict.held]
    assert not told, "\n".join(told)
    assert not control.held, control.line()
