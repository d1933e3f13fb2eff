"""The queue within one process: what waits is gone with it."""

import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from tikfleet.kernel.ids import new_id
from tikfleet.ports.queue import Message

_HAND_OUTS: Final = 5
_SAME_FOR_S: Final = 300.0


class _Waiting(msgspec.Struct):
    id: str
    topic: str
    body: bytes
    visible_at_s: float
    receipt: str = ""
    attempts: int = 0

    def message(self) -> Message:
        return Message(self.id, self.topic, self.body, self.receipt, self.attempts)


class MemoryQueue:
    """The queue port for tests and for what may be lost."""

    def __init__(self, now_s: Callable[[], float] = time.time) -> None:
        self._now_s = now_s
        self._waiting: dict[str, _Waiting] = {}
        self._sent: dict[tuple[str, str], float] = {}

    async def send(self, topic: str, body: bytes, *, delay_s: float = 0, dedupe_key: str = "") -> None:
        now_s = self._now_s()
        self._sent = {key: until_s for key, until_s in self._sent.items() if until_s > now_s}
        if dedupe_key:
            if (topic, dedupe_key) in self._sent:
                return
            self._sent[topic, dedupe_key] = now_s + _SAME_FOR_S
        waiting = _Waiting(new_id("msg"), topic, body, now_s + delay_s)
        self._waiting[waiting.id] = waiting

    async def take(self, topic: str, limit: int, visible_again_s: float) -> Sequence[Message]:
        now_s = self._now_s()
        ready = [
            item
            for item in self._waiting.values()
            if item.topic == topic and item.visible_at_s <= now_s and item.attempts < _HAND_OUTS
        ][:limit]
        for item in ready:
            item.receipt, item.attempts, item.visible_at_s = new_id("rcp"), item.attempts + 1, now_s + visible_again_s
        return [item.message() for item in ready]

    async def keep(self, message: Message, visible_again_s: float) -> bool:
        waiting = self._waiting.get(message.id)
        if waiting is None or waiting.receipt != message.receipt:
            return False
        waiting.visible_at_s = self._now_s() + visible_again_s
        return True

    async def done(self, message: Message) -> None:
        waiting = self._waiting.get(message.id)
        if waiting is not None and waiting.receipt == message.receipt:
            del self._waiting[message.id]

    async def dead(self, topic: str, limit: int) -> Sequence[Message]:
        now_s = self._now_s()
        return [
            item.message()
            for item in self._waiting.values()
            if item.topic == topic and item.visible_at_s <= now_s and item.attempts >= _HAND_OUTS
        ][:limit]

    async def revive(self, message: Message) -> None:
        waiting = self._waiting.get(message.id)
        if waiting is not None and waiting.attempts >= _HAND_OUTS:
            waiting.attempts, waiting.visible_at_s = 0, self._now_s()

    async def discard(self, message: Message) -> None:
        waiting = self._waiting.get(message.id)
        if waiting is not None and waiting.attempts >= _HAND_OUTS:
            del self._waiting[message.id]
