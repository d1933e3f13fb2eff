"""Reports that come within a moment share a call to the stream; the first waits for nobody."""

import asyncio
from typing import Any

from tikfleet.adapters.kinesis.writing import Writer
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.ports.inbox import Envelope


class Calls:
    """Takes everything, and notes how many records came with each call."""

    def __init__(self) -> None:
        self.records: list[int] = []

    async def call(self, operation: str, **values: Any) -> dict[str, Any]:
        assert operation == "put_records"
        self.records.append(len(values["Records"]))
        return {"Records": [{} for _ in values["Records"]]}


def envelope(number: int) -> Envelope:
    return Envelope(OrganisationId("org_x"), DeviceId(f"dev_{number}"), 1, "report", "", "192.0.2.1", b"{}")


async def taken(gather_s: float) -> list[int]:
    """One report, then ten, each at a later turn of the loop than the one before."""
    calls = Calls()
    writer = Writer(calls, "inbox", gather_s)  # type: ignore[arg-type]
    await writer.append(envelope(0))
    later = []
    for number in range(1, 11):
        later.append(asyncio.create_task(writer.append(envelope(number))))
        for _ in range(20):
            await asyncio.sleep(0)
    await asyncio.gather(*later)
    return calls.records


async def test_those_that_come_within_a_moment_share_a_call() -> None:
    assert await taken(1.0) == [1, 10]


async def test_without_that_moment_each_goes_as_it_comes() -> None:
    assert await taken(0) == [1] * 11
