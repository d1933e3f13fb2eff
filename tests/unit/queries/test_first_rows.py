"""The first answers of a query are read before the last router was asked."""

import asyncio
from typing import Any

from tikfleet.domains.jobs.public import JobTarget
from tikfleet.domains.live.public import LiveHub
from tikfleet.domains.queries.asking import Asking
from tikfleet.domains.queries.lines import EndLine, RowLine, UnansweredLine
from tikfleet.domains.queries.model import BOUNDS, FleetQuery, read_question
from tikfleet.domains.queries.turns import Places
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.routeros.rest.plan import Outcome
from tikfleet.routeros.rest.script_text import Stretch

DEVICES = [
    JobTarget(DeviceId(f"dev_{number}"), f"branch-{number}", OrganisationId("org_1"), "A", "online", "7.20.1")
    for number in range(400)
]


class PromptReads:
    """Routers that answer at once; `asked` counts them."""

    def __init__(self) -> None:
        self.asked = 0

    def script(self, *_: Any) -> str:
        return ":return 1"

    async def stretch(self, *_: Any) -> Stretch:
        self.asked += 1
        await asyncio.sleep(0)
        return Stretch(Outcome([{"name": "a"}], single=False), "a")


class EveryoneLive(LiveHub):
    """Holds a request of each device."""

    async def held_within(self, device_id: DeviceId, patience_s: float) -> bool:
        return True


async def test_the_first_row_comes_before_all_routers_were_asked() -> None:
    reads: Any = PromptReads()
    query = FleetQuery(question=read_question("/interface", secrets=False))
    asking = Asking(query, DEVICES, EveryoneLive(), reads, BOUNDS)
    asked_by_then, last = 0, None

    async for lines in asking.lines(Places(BOUNDS)):
        if not asked_by_then and any(isinstance(line, RowLine) for line in lines):
            asked_by_then = reads.asked
        last = lines[-1]

    assert 0 < asked_by_then < len(DEVICES) / 2
    assert isinstance(last, EndLine)
    assert (last.answered, last.rows) == (400, 400)


class FaultyReads(PromptReads):
    """What a fault of the platform's own looks like."""

    async def stretch(self, *_: Any) -> Stretch:
        raise TypeError("nobody thought of that")


async def test_a_fault_of_ours_is_a_device_without_an_answer_and_not_a_query_without_an_end() -> None:
    reads: Any = FaultyReads()
    query = FleetQuery(question=read_question("/interface", secrets=False))
    asking = Asking(query, DEVICES[:2], EveryoneLive(), reads, BOUNDS)

    lines = [line async for some in asking.lines(Places(BOUNDS)) for line in some]

    assert [line.detail for line in lines if isinstance(line, UnansweredLine)] == [
        "the platform could not read its answer"
    ] * 2
    assert isinstance(lines[-1], EndLine)
    assert not lines[-1].complete
