"""Passwords: Argon2id, few at once, and the same time for an address that nobody has."""

import asyncio
import base64
import secrets
import unicodedata
from collections.abc import Callable
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tikfleet.domains.identity.errors import SignInThrottled

T = TypeVar("T")

_AT_ONCE: Final = 2
_MAX_WAITING: Final = 40
_RETRY_AFTER_S: Final = 5


class Passwords:
    """Hashes and verifies in threads. Each hash takes some 64 MiB and 50 ms, so few run and few wait."""

    def __init__(self, hasher: PasswordHasher | None = None, at_once: int = _AT_ONCE) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(at_once)
        self._waiting = 0
        self._nobody = _nobody(self._hasher)

    async def hash(self, password: str) -> str:
        """The hash to store. Raises SignInThrottled when too many wait."""
        return await self._in_turn(lambda: self._hasher.hash(_normal(password)))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password belongs to the stored hash; never where there is none. Raises SignInThrottled."""

        def check() -> bool:
            try:
                self._hasher.verify(self._nobody if stored is None else stored, _normal(password))
            except (VerificationError, InvalidHashError):
                return False
            return stored is not None

        return await self._in_turn(check)

    def outdated(self, stored: str) -> bool:
        """Whether a hash was made with other parameters than those in force."""
        return self._hasher.check_needs_rehash(stored)

    async def _in_turn(self, work: Callable[[], T]) -> T:
        if self._waiting >= _MAX_WAITING:
            raise SignInThrottled("too many people sign in at once", retry_after_s=_RETRY_AFTER_S)
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


def _nobody(hasher: PasswordHasher) -> str:
    """What an unknown address is verified against: by its parameters it takes the same time, and no password fits.

    Its form is that of argon2's reference implementation (`encode_string`): base64 without padding.
    """
    salt, digest = (_unpadded(length) for length in (hasher.salt_len, hasher.hash_len))
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"


def _unpadded(length: int) -> str:
    return base64.b64encode(secrets.token_bytes(length)).rstrip(b"=").decode()


def _normal(password: str) -> str:
    """One form for what different keyboards type for the same characters."""
    return unicodedata.normalize("NFKC", password)
