"""The function that SQS calls with messages: `tikfleet.app.lambdas.work.handler`.

Its event source mapping reports failures of items. A message that fails comes again, five times in all.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import structlog

from tikfleet.adapters.sqs.queue import SqsQueue
from tikfleet.adapters.sqs.wire import handed_over
from tikfleet.app.compose import Platform
from tikfleet.app.lambdas.assembled import follow_keys, platform_of
from tikfleet.app.lambdas.start import Function
from tikfleet.app.lambdas.sweeps import SWEEPS, TOPIC
from tikfleet.ports.inbox import Inbox
from tikfleet.ports.queue import Message, Queue

_HIDDEN_S: Final = 120.0
_BEAT_S: Final = 40.0
_TURN_S: Final = 300.0
_log = structlog.get_logger("tikfleet.lambdas")


async def _worked(platform: Platform, event: Mapping[str, Any]) -> dict[str, Any]:
    failures = []
    for record in event["Records"]:
        try:
            await _one(platform, record)
        except Exception:
            _log.exception("a message comes again", id=record.get("messageId"))
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


async def _one(platform: Platform, record: Mapping[str, Any]) -> None:
    queue = platform.infra.queue
    # The queue is called PREFIX-TOPIC, and a topic has no hyphen.
    arrived = handed_over(record["eventSourceARN"].rpartition("-")[2], record)
    if isinstance(queue, SqsQueue) and await queue.hold_back(arrived):
        return
    message = arrived.message
    if message.topic != TOPIC or message.body.decode(errors="replace") not in SWEEPS:
        raise ValueError(f"nobody works on such a message of {message.topic}")
    beating = asyncio.create_task(_kept(queue, message))
    try:
        await _swept(platform, message.body.decode())
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


async def _kept(queue: Queue, message: Message) -> None:
    """Keep others from a message while it is worked on."""
    while True:
        await asyncio.sleep(_BEAT_S)
        await queue.keep(message, _HIDDEN_S)


async def _swept(platform: Platform, name: str) -> None:
    """One kind of work at a time, wherever; who comes meanwhile has nothing to do."""
    sweep, cache, turn = SWEEPS[name], platform.infra.cache, f"sweep/{name}"
    if not await cache.add(turn, b"", _TURN_S):
        return
    try:
        await _look(platform.infra.inbox)
        await sweep.work(platform)
    finally:
        await cache.delete(turn)


async def _look(inbox: Inbox) -> None:
    """Who calls routers offline has to know whether reports wait."""
    look = getattr(inbox, "look", None)
    if look is not None:
        await look()


_function = Function("work", platform_of, lambda platform: platform.infra.feed, follow_keys)


def handler(event: Mapping[str, Any], context: object) -> Any:
    """Messages of a queue; what is answered names those that have to come again."""
    return _function.run(lambda platform: _worked(platform, event))
