"""What device tokens prove, and the state of their devices: one question to the database for all who wait."""

import asyncio
from collections.abc import Sequence
from itertools import islice
from typing import Final

from tikfleet.domains.enrolment.public import Credential, Enrolment
from tikfleet.domains.inventory.public import DeviceState, DeviceStates

TOGETHER: Final = 400
Found = tuple[Credential | None, DeviceState | None]


class Lookups:
    """A fleet that returns asks for thousands of tokens at once: who comes while others are read is read with the next.

    Alone each costs two readings of the database, 1.1 ms of processor time; together some twentieths of that.
    """

    def __init__(self, enrolment: Enrolment, states: DeviceStates) -> None:
        self._enrolment = enrolment
        self._states = states
        self._waiting: dict[str, asyncio.Future[Found]] = {}
        self._reader: asyncio.Task[None] | None = None

    async def of(self, secret: str) -> Found:
        """What one token proves and its device's state; None for what there is not. Raises what the database does."""
        waiting = self._waiting.get(secret)
        if waiting is None:
            waiting = self._waiting[secret] = asyncio.get_running_loop().create_future()
            # Who asked may be gone when it fails.
            waiting.add_done_callback(lambda one: one.cancelled() or one.exception())
            if self._reader is None or self._reader.done():
                self._reader = asyncio.create_task(self._read_waiting(), name="lookups")
        return await asyncio.shield(waiting)

    async def read(self, secrets: Sequence[str]) -> list[Found]:
        """The same for some, in their order."""
        credentials = await self._enrolment.credentials(secrets)
        states = await self._states.load([one.device_id for one in credentials.values()])
        found = (credentials.get(secret) for secret in secrets)
        return [(None, None) if one is None else (one, states.get(one.device_id)) for one in found]

    async def _read_waiting(self) -> None:
        while secrets := list(islice(self._waiting, TOGETHER)):
            futures = [self._waiting.pop(secret) for secret in secrets]
            try:
                for future, found in zip(futures, await self.read(secrets), strict=True):
                    future.set_result(found)
            except BaseException as error:
                for future in futures:
                    if isinstance(error, Exception):
                        future.set_exception(error)
                    else:
                        future.cancel()
                if not isinstance(error, Exception):
                    raise
