"""Dead letters: work that was given up, for those who run the installation to look at, to replay and to discard."""

import asyncio
import time
from collections.abc import Sequence
from typing import ClassVar, Final, Literal

import msgspec

from tikfleet.app.infra import Infra
from tikfleet.app.settings import Settings
from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.identity.public import Lineage
from tikfleet.kernel.errors import Conflict, NotFound
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.queue import Message, Queue

LetterQueue = Literal["callbacks", "work", "failures"]
# `work` and `failures` are of `deploy/aws/parts/streams.py`; in `failures` are calls of functions that AWS gave up.
QUEUES: Final[tuple[LetterQueue, ...]] = ("callbacks", "work", "failures")
_NOT_AGAIN: Final = "failures"
_AT_ONCE: Final = 100
_SHOWN: Final = 200
# SQS hides for two seconds what was looked at.
_HIDDEN_BY_SQS_S: Final = 2.5
_REMEMBERED_S: Final = 60.0


class LetterNotFound(NotFound):
    """No dead letter has this id; it may have been replayed or discarded."""

    code: ClassVar[str] = "letter.not-found"
    remedy: ClassVar[str] = "List them again: one that somebody else looks at is back some seconds later."


class LetterNotReplayable(Conflict):
    """What the letter tells of is over: there is nothing to be done again."""

    code: ClassVar[str] = "letter.not-replayable"
    title: ClassVar[str] = "This cannot be done again"
    remedy: ClassVar[str] = "Read what it says and the function's log of that time, then discard it."


class Letter(msgspec.Struct, frozen=True):
    """A dead letter; `id` begins with its queue, and `text` is the beginning of its content on one line."""

    id: str
    queue: LetterQueue
    text: str
    size_bytes: int
    replayable: bool


class LetterContent(Letter, frozen=True):
    """A dead letter with all of its content; bytes that are no text are shown as U+FFFD."""

    content: str


class LettersReplayed(msgspec.Struct, frozen=True):
    """How many letters wait to be worked on again."""

    replayed: int


class DeadLetters:
    """Those of the installation: an organisation that is below another one has none. Raises Unavailable."""

    def __init__(self, queue: Queue, lineage: Lineage, audit: AuditTrail, hidden_s: float = 0) -> None:
        """`hidden_s` is for how long the queue hides what was looked at."""
        self._queue = queue
        self._lineage = lineage
        self._audit = audit
        self._hidden_s = hidden_s
        self._listed: tuple[float, Sequence[Message]] = (-_REMEMBERED_S, ())
        self._one_at_a_time = asyncio.Lock()

    async def listed(self, org: OrgScope) -> list[Letter]:
        """Up to a hundred of each queue."""
        if not await self._lineage.is_top(org.org_id):
            return []
        async with self._one_at_a_time:
            return [_letter(message) for message in await self._all()]

    async def get(self, org: OrgScope, letter_id: str) -> LetterContent:
        """Raises LetterNotFound."""
        async with self._one_at_a_time:
            message = await self._found(org, letter_id)
        shown = msgspec.structs.asdict(_letter(message))
        return LetterContent(**shown, content=message.body.decode(errors="replace"))

    async def replay(self, org: OrgScope, actor: Actor, letter_id: str) -> None:
        """Have it worked on again. Raises LetterNotFound and LetterNotReplayable."""
        async with self._one_at_a_time:
            message = await self._found(org, letter_id)
            if message.topic == _NOT_AGAIN:
                raise LetterNotReplayable("a call of a function that AWS gave up cannot be sent again")
            await self._queue.revive(message)
            self._forget(message)
        await self._note(org, actor, "letter.replayed", message)

    async def replay_all(self, org: OrgScope, actor: Actor) -> LettersReplayed:
        """All that can be: what fails again is back after five times."""
        if not await self._lineage.is_top(org.org_id):
            return LettersReplayed(0)
        async with self._one_at_a_time:
            await self._until_shown()
            replayed = await self._revived()
            self._listed = (-_REMEMBERED_S, ())
        for message in replayed:
            await self._note(org, actor, "letter.replayed", message)
        return LettersReplayed(len(replayed))

    async def discard(self, org: OrgScope, actor: Actor, letter_id: str) -> None:
        """Remove it for ever. Raises LetterNotFound."""
        async with self._one_at_a_time:
            message = await self._found(org, letter_id)
            await self._queue.discard(message)
            self._forget(message)
        await self._note(org, actor, "letter.discarded", message)

    async def _revived(self) -> list[Message]:
        seen: dict[str, Message] = {}
        for queue in QUEUES:
            if queue == _NOT_AGAIN:
                continue
            while fresh := [one for one in await self._queue.dead(queue, _AT_ONCE) if one.id not in seen]:
                for message in fresh:
                    await self._queue.revive(message)
                    seen[message.id] = message
        return list(seen.values())

    async def _all(self) -> Sequence[Message]:
        looked_s, known = self._listed
        if time.monotonic() - looked_s >= self._hidden_s:
            known = [message for queue in QUEUES for message in await self._queue.dead(queue, _AT_ONCE)]
            self._listed = (time.monotonic(), known)
        return known

    async def _found(self, org: OrgScope, letter_id: str) -> Message:
        queue, _, _ = letter_id.partition("-")
        if queue in QUEUES and await self._lineage.is_top(org.org_id):
            looked_s, known = self._listed
            if time.monotonic() - looked_s < _REMEMBERED_S and any(_id(one) == letter_id for one in known):
                await self._until_shown()
            dead = await self._queue.dead(queue, _AT_ONCE)
            self._listed = (time.monotonic(), [*(one for one in self._listed[1] if one.topic != queue), *dead])
            for message in dead:
                if _id(message) == letter_id:
                    return message
        raise LetterNotFound("there is no such dead letter")

    async def _until_shown(self) -> None:
        """Wait until what this process looked at is there for another look."""
        await asyncio.sleep(max(0.0, self._listed[0] + self._hidden_s - time.monotonic()))

    def _forget(self, gone: Message) -> None:
        looked_s, known = self._listed
        self._listed = (looked_s, [message for message in known if message.id != gone.id])

    async def _note(self, org: OrgScope, actor: Actor, action: str, message: Message) -> None:
        target = Target("letter", _id(message), message.topic)
        await self._audit.record(org.org_id, actor, action, target, {"text": _line(message.body)}, None)


def dead_letters_of(settings: Settings, infra: Infra, audit: AuditTrail) -> DeadLetters:
    """Those of the queue that the settings name."""
    hidden_s = _HIDDEN_BY_SQS_S if settings.cloud.queue else 0
    return DeadLetters(infra.queue, Lineage(infra.database), audit, hidden_s)


def _letter(message: Message) -> Letter:
    queue: LetterQueue = next(name for name in QUEUES if name == message.topic)
    return Letter(_id(message), queue, _line(message.body), len(message.body), queue != _NOT_AGAIN)


def _id(message: Message) -> str:
    return f"{message.topic}-{message.id}"


def _line(body: bytes) -> str:
    text = "".join(letter if letter.isprintable() else " " for letter in body.decode(errors="replace"))
    return text[:_SHOWN] + ("…" if len(text) > _SHOWN else "")
