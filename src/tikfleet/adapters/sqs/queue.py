"""The queue on SQS: for each topic a standard queue `PREFIX-TOPIC`, and `PREFIX-TOPIC-dead` for its dead letters.

Standard and not FIFO: a FIFO queue holds no single message back, and takes no confirmation once a message is visible
again. What FIFO would do about doubles, a shared cache does: a key is noted before its message is sent, and noted as
sent after it, so a sender that died between the two has not silenced those who try again.
"""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from tikfleet.adapters.aws.clients import Clients, CloudUnavailable, Refused, Service
from tikfleet.adapters.sqs import wire
from tikfleet.ports.cache import Cache
from tikfleet.ports.queue import Message

HAND_OUTS: Final = 5
_SAME_FOR_S: Final = 300.0
_SENDING_FOR_S: Final = 30.0
_LOOK_AGAIN_S: Final = 0.2
_LOOKS: Final = 15
_MOST: Final = 10
_ABSENT: Final = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
_INVALID: Final = (
    "ReceiptHandleIsInvalid",
    "InvalidParameterValue",
    "MessageNotInflight",
    "AWS.SimpleQueueService.MessageNotInflight",
)
_SENDING, _SENT = b"sending", b"sent"


class SqsQueue:
    """The queue port on SQS. Raises CloudUnavailable."""

    def __init__(
        self, clients: Clients, prefix: str, keys: Cache, now_s: Callable[[], float] = time.time, wait_s: int = 0
    ) -> None:
        """`keys` is shared by all who send. `take` waits `wait_s` (at most 20) for a first message."""
        self._sqs = Service(clients, "sqs")
        self._prefix = prefix
        self._keys = keys
        self._now_s = now_s
        self._wait_s = wait_s
        self._addresses: dict[str, str] = {}

    async def send(self, topic: str, body: bytes, *, delay_s: float = 0, dedupe_key: str = "") -> None:
        values = wire.sent(body, delay_s, self._now_s())
        key = f"queue/{self._prefix}/{topic}/{dedupe_key}"
        if dedupe_key and not await self._first(key):
            return
        try:
            await self._sqs.call("send_message", QueueUrl=await self._required(topic), **values)
        except CloudUnavailable:
            if dedupe_key:
                await self._keys.delete(key)
            raise
        if dedupe_key:
            await self._keys.put(key, _SENT, _SAME_FOR_S)

    async def _first(self, key: str) -> bool:
        """Whether nobody has sent this. Waits for one who is about to."""
        for _ in range(_LOOKS):
            if await self._keys.add(key, _SENDING, _SENDING_FOR_S):
                return True
            if await self._keys.get(key) == _SENT:
                return False
            await asyncio.sleep(_LOOK_AGAIN_S)
        raise CloudUnavailable("the same message is being sent by another, who has not said so yet", retry_after_s=30)

    async def take(self, topic: str, limit: int, visible_again_s: float) -> Sequence[Message]:
        address = await self._address(topic)
        found: list[Message] = []
        while address and len(found) < limit:
            waits_s = 0 if found else self._wait_s
            items = await self._received(address, min(_MOST, limit - len(found)), _hidden_s(visible_again_s), waits_s)
            if not items:
                break
            found += await self._due(topic, address, items)
        return found

    async def _received(self, address: str, most: int, hidden_s: int, waits_s: int) -> list[dict[str, Any]]:
        answer = await self._sqs.call(
            "receive_message",
            QueueUrl=address,
            MaxNumberOfMessages=most,
            VisibilityTimeout=hidden_s,
            WaitTimeSeconds=waits_s,
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
            MessageAttributeNames=["All"],
        )
        items: list[dict[str, Any]] = answer.get("Messages", [])
        return items

    async def _due(self, topic: str, address: str, items: Sequence[dict[str, Any]]) -> list[Message]:
        """Those of our form whose time has come; the others go back for some more minutes."""
        found = []
        for item in items:
            try:
                arrived = wire.arrived(topic, item)
            except ValueError:
                # It comes again and again until it is among the dead letters, where a person sees it.
                continue
            if not await self.hold_back(arrived):
                found.append(arrived.message)
        return found

    async def hold_back(self, arrived: wire.Arrived) -> bool:
        """Send a message on that is not due yet; whether it was so."""
        rest_s = arrived.due_ms / 1000 - self._now_s()
        if rest_s <= 0:
            return False
        await self.send(arrived.message.topic, arrived.message.body, delay_s=rest_s)
        await self.done(arrived.message)
        return True

    async def keep(self, message: Message, visible_again_s: float) -> bool:
        address = await self._address(message.topic)
        try:
            await self._sqs.call(
                "change_message_visibility",
                told=_INVALID,
                QueueUrl=address,
                ReceiptHandle=message.receipt,
                VisibilityTimeout=_hidden_s(visible_again_s),
            )
        except Refused:
            return False
        return True

    async def done(self, message: Message) -> None:
        await self._delete(await self._address(message.topic), message.receipt)

    async def dead(self, topic: str, limit: int) -> Sequence[Message]:
        address = await self._address(f"{topic}-dead")
        if not address or limit < 1:
            return []
        # Hidden for a moment, or one look would give the same messages again and again.
        items: dict[str, Message] = {}
        while len(items) < limit:
            received = await self._received(address, min(_MOST, limit - len(items)), 2, 0)
            fresh = [item for item in received if item["MessageId"] not in items]
            if not fresh:
                break
            items |= {item["MessageId"]: _corpse(topic, item) for item in fresh}
        return list(items.values())

    async def revive(self, message: Message) -> None:
        await self.send(message.topic, message.body)
        await self.discard(message)

    async def discard(self, message: Message) -> None:
        if address := await self._address(f"{message.topic}-dead"):
            await self._delete(address, message.receipt)

    async def prepare(self, topics: Sequence[str]) -> None:
        """Make the queues of some topics, where the stack did not: the shape that docs/guides/aws.md describes."""
        for topic in topics:
            dead = await self._sqs.call(
                "create_queue",
                QueueName=f"{self._prefix}-{topic}-dead",
                Attributes={"MessageRetentionPeriod": "1209600", "SqsManagedSseEnabled": "true"},
            )
            asked = await self._sqs.call("get_queue_attributes", QueueUrl=dead["QueueUrl"], AttributeNames=["QueueArn"])
            target = asked["Attributes"]["QueueArn"]
            redrive = f'{{"deadLetterTargetArn":"{target}","maxReceiveCount":"{HAND_OUTS}"}}'
            await self._sqs.call(
                "create_queue",
                QueueName=f"{self._prefix}-{topic}",
                Attributes={"RedrivePolicy": redrive, "SqsManagedSseEnabled": "true"},
            )

    async def close(self) -> None:
        """Nothing is held; the clients are closed by whoever opened them."""

    async def _delete(self, address: str, receipt: str) -> None:
        try:
            await self._sqs.call("delete_message", told=_INVALID, QueueUrl=address, ReceiptHandle=receipt)
        except Refused:
            return

    async def _required(self, topic: str) -> str:
        if address := await self._address(topic):
            return address
        raise CloudUnavailable(
            f"there is no queue {self._prefix}-{topic}",
            remedy="Deploy the stack again, or make the queue.",
            retry_after_s=60,
        )

    async def _address(self, topic: str) -> str:
        """The queue's URL; nothing where there is no such queue."""
        if topic not in self._addresses:
            try:
                answer = await self._sqs.call("get_queue_url", told=_ABSENT, QueueName=f"{self._prefix}-{topic}")
            except Refused:
                return ""
            self._addresses[topic] = answer["QueueUrl"]
        return self._addresses[topic]


def _hidden_s(visible_again_s: float) -> int:
    return max(0, min(wire.MAX_HIDDEN_S, math.ceil(visible_again_s)))


def _corpse(topic: str, item: dict[str, Any]) -> Message:
    try:
        message = wire.arrived(topic, item).message
    except ValueError:
        message = Message(item["MessageId"], topic, str(item.get("Body", "")).encode(), item["ReceiptHandle"], 0)
    return Message(message.id, topic, message.body, message.receipt, HAND_OUTS)
