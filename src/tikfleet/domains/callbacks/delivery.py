"""Carries callbacks to their receivers: from what happened into the table, from there into the queue, from there out.

Each step may be done twice after a crash, and none is left out: a notice stays due until its callback is kept, a
callback waits until the queue has it, and what the queue lost is given to it again. Pauses are in the table, and the
queue has one message for each attempt: its own hand-outs count how often the platform ended in the middle of one.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
import structlog

from tikfleet.domains.callbacks import model, repository
from tikfleet.domains.callbacks.model import ATTEMPTS, Attempt, Callback, Notice, aim_of
from tikfleet.domains.callbacks.service import Seals
from tikfleet.domains.callbacks.sources import Source
from tikfleet.kernel.clock import Clock, to_text
from tikfleet.kernel.errors import TikfleetError
from tikfleet.kernel.ids import new_id
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.database import Database
from tikfleet.ports.outbound import AddressRefused, Outbound
from tikfleet.ports.queue import Message, Queue
from tikfleet.ports.vault import Vault

_BATCH: Final = 200
_AT_ONCE: Final = 64
# So that one organisation's slow receiver holds up nobody else's.
_AT_ONCE_OF_ONE: Final = 8
_HIDDEN_S: Final = 60.0
_TOPIC: Final = "callbacks"
_LOST_AFTER: Final = timedelta(minutes=15)
_LOOK_S: Final = 1.0
_TIDY_EVERY: Final = timedelta(minutes=1)
_log = structlog.get_logger("tikfleet.callbacks")


class CallbackPost:
    """Run `run` in one process; several do no harm beyond doubled requests."""

    def __init__(
        self,
        database: Database,
        queue: Queue,
        outbound: Outbound,
        vault: Vault,
        sources: Sequence[Source],
        clock: Clock,
    ) -> None:
        self._database = database
        self._queue = queue
        self._outbound = outbound
        self._seals = Seals(vault)
        self._sources = sources
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._tidied_at: datetime | None = None

    async def run(self) -> None:
        """Send for ever what is to be sent."""
        try:
            while True:
                try:
                    await self.turn()
                except TikfleetError as error:
                    _log.warning("callbacks wait", code=error.code)
                except Exception:
                    _log.exception("callbacks could not be sent")
                await asyncio.sleep(_LOOK_S)
        finally:
            for task in self._tasks:
                task.cancel()

    async def turn(self) -> None:
        """Do what is to be done now; what goes out goes on after it."""
        for source in self._sources:
            await self._keep(source)
        await self._hand_over()
        await self._begin()
        now = self._clock()
        if self._tidied_at is None or now - self._tidied_at >= _TIDY_EVERY:
            self._tidied_at = now
            await self._bury()
            async with self._database.write() as tx:
                await repository.forget(tx, to_text(now - timedelta(days=model.KEPT_DAYS)))

    async def ended(self) -> None:
        """Wait for all that is under way."""
        await asyncio.gather(*self._tasks)

    async def _keep(self, source: Source) -> None:
        while notices := await source.due(_BATCH):
            now = to_text(self._clock())
            async with self._database.write() as tx:
                await repository.add_callbacks(tx, [_callback(notice, now) for notice in notices])
            await source.told(notices)

    async def _hand_over(self) -> None:
        """Give the queue what is due, and what it had and lost, such as by the restore of a backup."""
        now = self._clock()
        async with self._database.read() as tx:
            lost = await repository.lost(tx, to_text(now - _LOST_AFTER), _BATCH)
            due = await repository.due_callbacks(tx, to_text(now), _AT_ONCE_OF_ONE)
        for before in [*lost, *due]:
            handed = msgspec.structs.replace(before, handed=1, round=before.round + before.handed, due_at=to_text(now))
            mark = f"{handed.id}/{handed.round}"
            await self._queue.send(_TOPIC, mark.encode(), dedupe_key=mark)
            async with self._database.write() as tx:
                await repository.change_callback(tx, before, handed)

    async def _begin(self) -> None:
        taken = await self._queue.take(_TOPIC, max(0, _AT_ONCE - len(self._tasks)), _HIDDEN_S)
        for message in taken:
            task = asyncio.create_task(self._deliver(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _bury(self) -> None:
        """What was handed out five times and never confirmed is tried no more."""
        for message in await self._queue.dead(_TOPIC, _BATCH):
            callback = await self._of(message)
            if callback is not None:
                await self._end(callback, callback, "dead", "the platform ended each time while it was being sent")
            await self._queue.discard(message)

    async def _deliver(self, message: Message) -> None:
        try:
            callback = await self._of(message)
            if callback is None:
                await self._queue.done(message)
                return
            attempt = await self._attempted(callback)
            await self._note(callback, message, attempt)
        except Exception:
            # The queue gives it again.
            _log.exception("a callback could not be sent")

    async def _of(self, message: Message) -> Callback | None:
        """The callback that a message is about, while it waits for that very message."""
        callback_id, _, number = message.body.decode().partition("/")
        async with self._database.read() as tx:
            callback = await repository.load_callback(tx, callback_id)
        current = callback is not None and callback.state == "waiting" and str(callback.round) == number
        return callback if current else None

    async def _attempted(self, callback: Callback) -> Attempt:
        now, began_s = self._clock(), time.monotonic()
        status: int | None = None
        error = ""
        try:
            status = await self._outbound.post(
                await self._seals.address(callback.aim), await self._headers(callback), callback.body.encode()
            )
            error = "" if model.is_delivered(status) else f"the receiver answered {status}"
        except TikfleetError as cause:
            error = cause.detail
            if isinstance(cause, AddressRefused):
                _log.warning("a callback's address was refused", callback=callback.id, reason=cause.detail)
        return Attempt(to_text(now), status, error, round((time.monotonic() - began_s) * 1000))

    async def _headers(self, callback: Callback) -> dict[str, str]:
        now, org_id = self._clock(), aim_of(callback.aim).org_id
        async with self._database.read() as tx:
            kept = await repository.secrets_of(tx, OrgScope.only(org_id))
        secrets = await self._seals.secrets_in_force(org_id, kept, now) if kept else []
        signed = model.signature(secrets, int(now.timestamp()), callback.body.encode())
        return {
            "Content-Type": "application/json",
            "User-Agent": "Tikfleet",
            "Tikfleet-Event": callback.event,
            "Tikfleet-Callback": callback.id,
            "Tikfleet-Signature": signed,
        }

    async def _note(self, callback: Callback, message: Message, attempt: Attempt) -> None:
        """Write what came of an attempt, then tell the queue."""
        attempts = callback.attempts + 1
        tried = msgspec.structs.replace(callback, attempts=attempts, error=attempt.error)
        async with self._database.write() as tx:
            await repository.add_attempt(tx, callback, attempt)
        if not attempt.error:
            await self._end(callback, tried, "delivered", "")
        elif model.is_given_up(attempt.status) or attempts >= ATTEMPTS:
            await self._end(callback, tried, "dead", attempt.error)
        else:
            due_at = to_text(self._clock() + timedelta(seconds=model.pause_s(attempts)))
            again = msgspec.structs.replace(tried, due_at=due_at, handed=0, round=callback.round + 1)
            async with self._database.write() as tx:
                await repository.change_callback(tx, callback, again)
        await self._queue.done(message)

    async def _end(self, before: Callback, tried: Callback, state: model.CallbackState, error: str) -> None:
        after = msgspec.structs.replace(tried, state=state, error=error, ended_at=to_text(self._clock()))
        async with self._database.write() as tx:
            await repository.change_callback(tx, before, after)
        if state == "dead":
            _log.warning("a callback is given up", callback=after.id, event_kind=after.event, error=error)


def _callback(notice: Notice, now: str) -> Callback:
    callback_id = new_id("cbk")
    body = {"id": callback_id, "event": notice.event, "occurred_at": notice.occurred_at} | notice.about
    return Callback(
        id=callback_id,
        source_key=notice.key,
        org_id=aim_of(notice.aim).org_id,
        event=notice.event,
        subject_id=notice.subject_id,
        aim=notice.aim,
        body=msgspec.json.encode(body).decode(),
        created_at=now,
        due_at=now,
    )
