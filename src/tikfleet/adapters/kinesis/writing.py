"""Many appends in one PutRecords, in which each device has one record at most.

PutRecords may store some records of a call and refuse others: one that is refused goes again with the next call, and
what its device sent after it waits until then, so a device's records never change their order.
"""

import asyncio
import time
from collections import deque
from typing import Any, Final

from tikfleet.adapters.aws.clients import Service
from tikfleet.adapters.kinesis.wire import MAX_RECORD_BYTES, to_record
from tikfleet.ports.inbox import Envelope, InboxUnavailable

_MAX_RECORDS: Final = 500
_MAX_CALL_BYTES: Final = 4_500_000
_MAX_WAITING_BYTES: Final = 64 << 20
_PAUSES_S: Final = (0.05, 0.1, 0.2, 0.4, 0.8)


class Waiting:
    """An envelope on its way: its key in the stream, its data, and who waits for it."""

    def __init__(self, envelope: Envelope, data: bytes, done: "asyncio.Future[None]") -> None:
        self.key = str(envelope.device_id)
        self.data = data
        self.size_bytes = len(envelope.body)
        self.done = done
        self.refusals = 0


class Writer:
    """Appends to one stream. While a call is under way, and `gather_s` longer, the next one gathers."""

    def __init__(self, kinesis: Service, stream: str, gather_s: float = 0) -> None:
        self._kinesis = kinesis
        self._gather_s = gather_s
        self._next_s = 0.0
        self._stream = stream
        self._waiting: deque[Waiting] = deque()
        self._waiting_bytes = 0
        self._sending: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many envelopes are on their way."""
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """Whether more would be too much for the memory."""
        return self._waiting_bytes > _MAX_WAITING_BYTES

    async def append(self, envelope: Envelope) -> None:
        """Return when Kinesis has stored it. Raises InboxUnavailable."""
        data = to_record(envelope)
        if len(data) > MAX_RECORD_BYTES:
            raise InboxUnavailable(f"a report of {len(data)} bytes is more than a record of the stream may have")
        item = Waiting(envelope, data, asyncio.get_running_loop().create_future())
        self._waiting.append(item)
        self._waiting_bytes += item.size_bytes
        if self._sending is None:
            self._sending = asyncio.create_task(self._send_all(), name="kinesis-writer")
        await item.done

    async def drain(self) -> None:
        """Return when nothing is on its way."""
        while self._sending is not None:
            await asyncio.wait([self._sending])

    async def _send_all(self) -> None:
        try:
            while self._waiting:
                # At least the other requests of this turn of the loop join the call, which costs as much processor
                # time as fifteen reports.
                await asyncio.sleep(max(0.0, self._next_s - time.monotonic()))
                await self._send(self._next())
                self._next_s = time.monotonic() + self._gather_s
        finally:
            self._sending = None

    def _next(self) -> list[Waiting]:
        """The first of each device, as many as a call takes; the rest stays in its order."""
        taken: list[Waiting] = []
        kept: deque[Waiting] = deque()
        keys: set[str] = set()
        size = 0
        for item in self._waiting:
            size_bytes = len(item.data) + len(item.key)
            if item.key in keys or len(taken) == _MAX_RECORDS or (taken and size + size_bytes > _MAX_CALL_BYTES):
                kept.append(item)
            else:
                taken.append(item)
                size += size_bytes
            # Also of those that stay: nothing overtakes what its device sent before.
            keys.add(item.key)
        self._waiting = kept
        return taken

    async def _send(self, items: list[Waiting]) -> None:
        records = [{"Data": item.data, "PartitionKey": item.key} for item in items]
        try:
            answer = await self._kinesis.call("put_records", StreamName=self._stream, Records=records)
        except Exception as error:
            problem = error if isinstance(error, InboxUnavailable) else InboxUnavailable("the stream takes no reports")
            for item in items:
                self._end(item, problem)
            return
        refused = []
        for item, result in zip(items, answer["Records"], strict=True):
            if not result.get("ErrorCode"):
                self._end(item, None)
            elif item.refusals >= len(_PAUSES_S) - 1:
                self._end(item, _too_much(result))
            else:
                refused.append(item)
        if refused:
            await self._again(refused)

    async def _again(self, refused: list[Waiting]) -> None:
        for item in reversed(refused):
            item.refusals += 1
            self._waiting.appendleft(item)
        await asyncio.sleep(_PAUSES_S[max(item.refusals for item in refused) - 1])

    def _end(self, item: Waiting, problem: Exception | None) -> None:
        self._waiting_bytes -= item.size_bytes
        if item.done.done():
            return
        if problem is None:
            item.done.set_result(None)
        else:
            item.done.set_exception(problem)


def _too_much(result: dict[str, Any]) -> InboxUnavailable:
    return InboxUnavailable(f"the stream takes no more reports at the moment: {result['ErrorCode']}", retry_after_s=10)
