"""Short form of R5, and its control."""

from .deliveries import Hasty, prove_deliveries


async def test_jobs_take_effect_once_in_order_and_never_after_their_end() -> None:
    verdict = await prove_deliveries(150)

    assert verdict.held, verdict.line()
    assert verdict.figures["effects"] > 20


async def test_an_agent_that_does_not_wait_for_the_confirmed_start_breaks_the_promise() -> None:
    verdict = await prove_deliveries(300, Hasty)

    assert not verdict.held
    assert verdict.figures["unconfirmed"] > 0
