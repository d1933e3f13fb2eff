"""Answers kept for a day under their Idempotency-Key: sealed, since an answer may hold a fresh secret."""

from datetime import timedelta

import msgspec

from tikfleet.httpkit.idempotency import KEPT_S, Remembered
from tikfleet.kernel.clock import Clock, to_text
from tikfleet.kernel.ids import OrganisationId
from tikfleet.ports.database import Database
from tikfleet.ports.vault import Vault

_OWNER = OrganisationId("idempotency")
_PURPOSE = "idempotency"


class SealedAnswers:
    """Keeps `httpkit.idempotency.IdempotencyStore` in the database."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    async def begin(self, key: str, fresh: Remembered) -> Remembered | None:
        now = to_text(self._clock())
        async with self._database.write() as tx:
            rows = await tx.fetch("select expires_at, sealed from idempotency where key = :key", key=key)
            if rows and rows[0][0] > now:
                return await self._opened(key, bytes(rows[0][1]))
            await tx.execute("delete from idempotency where key = :key", key=key)
            await tx.execute(
                "insert into idempotency (key, expires_at, sealed) values (:key, :expires_at, :sealed)",
                key=key,
                expires_at=to_text(self._clock() + timedelta(minutes=2)),
                sealed=await self._sealed(key, fresh),
            )
        return None

    async def finish(self, key: str, answer: Remembered) -> None:
        async with self._database.write() as tx:
            await tx.execute(
                "update idempotency set expires_at = :expires_at, sealed = :sealed where key = :key",
                key=key,
                expires_at=to_text(self._clock() + timedelta(seconds=KEPT_S)),
                sealed=await self._sealed(key, answer),
            )

    async def abandon(self, key: str) -> None:
        async with self._database.write() as tx:
            await tx.execute("delete from idempotency where key = :key", key=key)

    async def sweep(self) -> int:
        """Forget what is older than a day; gives how many."""
        async with self._database.write() as tx:
            return await tx.execute("delete from idempotency where expires_at < :now", now=to_text(self._clock()))

    async def _sealed(self, key: str, answer: Remembered) -> bytes:
        return await self._vault.seal(_OWNER, _PURPOSE + key, msgspec.msgpack.encode(answer))

    async def _opened(self, key: str, sealed: bytes) -> Remembered:
        return msgspec.msgpack.decode(await self._vault.open(_OWNER, _PURPOSE + key, sealed), type=Remembered)
