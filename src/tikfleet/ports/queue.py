"""Work for later: messages that are handled at least once."""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class Message(msgspec.Struct, frozen=True):
    """One piece of work. `receipt` proves the hand-out; `attempts` counts them from 1."""

    id: str
    topic: str
    body: bytes
    receipt: str
    attempts: int


class Queue(Protocol):
    """Durable, at least once, roughly in order.

    `send` returns when the message would survive a power cut; the same `dedupe_key` within five minutes is one message.
    A message that was taken is hidden for `visible_again_s`; not confirmed by then it is given again, and after five
    hand-outs it goes to the dead letters, which `dead` lists. Raises `Unavailable`, and ValueError for a body larger
    than the queue takes (190,000 bytes always go).
    """

    async def send(self, topic: str, body: bytes, *, delay_s: float = 0, dedupe_key: str = "") -> None: ...

    async def take(self, topic: str, limit: int, visible_again_s: float) -> Sequence[Message]: ...

    async def keep(self, message: Message, visible_again_s: float) -> bool:
        """Hide a message for so long from now on: whoever works longer does so again and again.

        False when the hand-out is no longer the newest.
        """
        ...

    async def done(self, message: Message) -> None: ...

    async def dead(self, topic: str, limit: int) -> Sequence[Message]:
        """Some dead letters. Those just looked at may be missing from another look for some seconds."""
        ...

    async def revive(self, message: Message) -> None:
        """Make a message that `dead` gave wait again, as if it were new."""
        ...

    async def discard(self, message: Message) -> None:
        """Remove a message that `dead` gave; no error when it is gone."""
        ...
