"""The key that signs jobs where processes share no disk: objects that the vault sealed, files on each machine.

One object holds the private key, another one the public keys that count. A process looks at the latter every half
minute; a new key signs only when all have had the time to hear of it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import Final

import msgspec

from tikfleet.adapters.files.signing import id_of, make_key, public_of, publish, published, take_key, withdraw
from tikfleet.kernel.ids import OrganisationId
from tikfleet.ports.blobs import Blobs
from tikfleet.ports.cache import Cache
from tikfleet.ports.signing import SigningKeyBroken
from tikfleet.ports.vault import Vault

FOLLOW_S: Final = 30.0
# Two looks, and what a slow store takes.
SPREAD_S: Final = 75.0
# Nobody's: an organisation's id begins otherwise.
_OWNER: Final = OrganisationId("platform")
_NAME: Final = "platform/keys/job-signing"
_RING: Final = "platform/keys/job-public"
_PURPOSE: Final = "job-signing-key"
_RING_PURPOSE: Final = "job-public-keys"
_TURN_S: Final = 30.0
_LOOK_S: Final = 0.5
_LOOKS: Final = 60
# A process that has not looked for so long has ended.
_GRACE_S: Final = 86_400.0


class PublicKey(msgspec.Struct, frozen=True):
    """A key that counts; `replaced_s` is when another took its place (seconds since 1970), 0 for none yet."""

    public: bytes
    replaced_s: float = 0


class Ring(msgspec.Struct, frozen=True):
    """The keys that count by their ids, and the id of the one that signs."""

    signs: str
    keys: dict[str, PublicKey]


class SharedJobKey:
    """Files of one process, kept as objects say. Raises SigningKeyBroken, SealBroken and Unavailable."""

    def __init__(self, private: Path | None, directory: Path, blobs: Blobs, vault: Vault, cache: Cache) -> None:
        """`private` is the file of the key that signs, None where none may be; `directory` has the public ones."""
        self._private = private
        self._directory = directory
        self._blobs = blobs
        self._vault = vault
        self._cache = cache
        self._looked_s: float | None = None

    async def fetch(self) -> None:
        """Put the key into its files where it is not there; of all processes one makes it, once for ever."""
        if self._private is not None:
            there = await asyncio.to_thread(_content, self._private)
            found = await self._fetched(there)
            if not there:
                await self._take(found)
        await self.follow()

    async def follow(self) -> None:
        """Take over what was changed, unless it is less than `FOLLOW_S` since the last look."""
        now_s = time.monotonic()
        if self._looked_s is not None and now_s - self._looked_s < FOLLOW_S:
            return
        self._looked_s = now_s
        ring = await self._ring()
        if ring is None:
            return
        for key in ring.keys.values():
            await asyncio.to_thread(publish, self._directory, key.public)
        kept = set(ring.keys)
        if self._private is not None:
            pem = await asyncio.to_thread(_content, self._private)
            if not pem or id_of(public_of(pem)) != ring.signs:
                pem = await self._fetched(pem)
                await self._take(pem)
            kept.add(id_of(public_of(pem)))
        await asyncio.to_thread(withdraw, self._directory, kept)

    async def rotate(self, *, revoke: bool = False, wait: Callable[[float], Awaitable[None]] = asyncio.sleep) -> str:
        """Put a new key in the old one's place, after `SPREAD_S`; gives its id. What older ones signed stays valid.

        With `revoke` it does not, and nothing is waited for.
        """
        if not await self._cache.add(_RING, b"", SPREAD_S + _TURN_S):
            raise SigningKeyBroken("somebody else is changing the key", remedy="Wait two minutes and run it again.")
        try:
            return await self._rotated(revoke=revoke, wait=wait)
        finally:
            await self._cache.delete(_RING)

    async def _rotated(self, *, revoke: bool, wait: Callable[[float], Awaitable[None]]) -> str:
        old, fresh = await self._opened(_NAME, _PURPOSE), make_key()
        if old is None:
            raise SigningKeyBroken("no key was made yet", remedy="Start the platform once: it makes the first one.")
        signs, was = id_of(public_of(fresh)), id_of(public_of(old))
        ring = await self._ring() or Ring(was, {})
        keys = {**_as_ring(await asyncio.to_thread(published, self._directory)), **ring.keys}
        keys = {} if revoke else {**keys, was: PublicKey(public_of(old))}
        keys[signs] = PublicKey(public_of(fresh))
        if not revoke:
            await self._put_ring(Ring(was, keys))
            await wait(SPREAD_S)
            keys[was] = PublicKey(public_of(old), time.time())
        await self._blobs.put(_NAME, await self._vault.seal(_OWNER, _PURPOSE, fresh))
        await self._put_ring(Ring(signs, keys))
        return signs

    async def tidy(self, in_use: Collection[str], now_s: float | None = None) -> None:
        """Let keys go that were replaced a day ago or longer and that nothing in `in_use` names."""
        if not await self._cache.add(_RING, b"", _TURN_S):
            return
        try:
            ring = await self._ring()
            if ring is not None and (kept := _needed(ring, in_use, now_s or time.time())) != ring.keys:
                await self._put_ring(Ring(ring.signs, kept))
        finally:
            await self._cache.delete(_RING)

    async def _fetched(self, own: bytes) -> bytes:
        """The private key that all use. Where there is none it becomes `own`, or one that one process makes."""
        for _ in range(_LOOKS):
            found = await self._opened(_NAME, _PURPOSE)
            if found is None and await self._cache.add(_NAME, b"", _TURN_S):
                # Whoever had the turn before may have stored it since the look.
                found = await self._opened(_NAME, _PURPOSE)
                if found is None:
                    found = own or make_key()
                    await self._first(found)
            if found is not None:
                return found
            await asyncio.sleep(_LOOK_S)
        raise SigningKeyBroken("another process makes the key that signs jobs, and does not come to its end")

    async def _first(self, pem: bytes) -> None:
        counts = _as_ring(await asyncio.to_thread(published, self._directory))
        public = public_of(pem)
        # Before the key signs: who has it may rely on that all know it.
        await self._put_ring(Ring(id_of(public), {**counts, id_of(public): PublicKey(public)}))
        await self._blobs.put(_NAME, await self._vault.seal(_OWNER, _PURPOSE, pem))

    async def _take(self, pem: bytes) -> None:
        if self._private is not None:
            await asyncio.to_thread(take_key, self._private, self._directory, pem)

    async def _ring(self) -> Ring | None:
        found = await self._opened(_RING, _RING_PURPOSE)
        return None if found is None else msgspec.msgpack.decode(found, type=Ring)

    async def _put_ring(self, ring: Ring) -> None:
        await self._blobs.put(_RING, await self._vault.seal(_OWNER, _RING_PURPOSE, msgspec.msgpack.encode(ring)))

    async def _opened(self, name: str, purpose: str) -> bytes | None:
        sealed = await self._blobs.get(name)
        return None if sealed is None else await self._vault.open(_OWNER, purpose, sealed)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _needed(ring: Ring, in_use: Collection[str], now_s: float) -> dict[str, PublicKey]:
    return {
        key_id: key
        for key_id, key in ring.keys.items()
        if key_id in {ring.signs, *in_use} or not key.replaced_s or now_s - key.replaced_s <= _GRACE_S
    }


def _as_ring(published_keys: dict[str, bytes]) -> dict[str, PublicKey]:
    return {key_id: PublicKey(public, time.time()) for key_id, public in published_keys.items()}
