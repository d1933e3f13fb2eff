"""Attempts to sign in: each source, each pair of source and account, and each account wait longer and longer."""

import hashlib
import ipaddress
from typing import Final

import msgspec

from tikfleet.domains.identity.errors import SignInThrottled
from tikfleet.kernel.clock import Clock
from tikfleet.ports.cache import Cache

_WINDOW_S: Final = 900.0
_KNOWN_S: Final = 30 * 86_400.0


class Gate(msgspec.Struct, frozen=True):
    """How many attempts pass freely in a quarter of an hour; then each waits twice as long as the one before."""

    free: int
    longest_s: int

    def delay_s(self, attempt: int) -> int:
        """How long nobody passes after the attempt of this number (from 1)."""
        return 0 if attempt <= self.free else min(self.longest_s, 2 ** min(attempt - self.free, 20))


SOURCE: Final = Gate(free=30, longest_s=300)
PAIR: Final = Gate(free=5, longest_s=60)
# Strangers can slow down an account, but only by seconds, and never for a source that it signed in from before.
ACCOUNT: Final = Gate(free=50, longest_s=10)


class SignInThrottle:
    """Counts attempts before they are looked at, so that many at once can't slip through."""

    def __init__(self, cache: Cache, clock: Clock) -> None:
        self._cache = cache
        self._clock = clock

    async def admit(self, email: str, source_address: str) -> None:
        """Count an attempt. Raises SignInThrottled, with the time to wait, when it comes too early."""
        account, source = _account(email), _source(source_address)
        gates = [(f"signin/source/{source}", SOURCE), (f"signin/pair/{account}/{source}", PAIR)]
        if await self._cache.get(f"signin/known/{account}/{source}") is None:
            gates.append((f"signin/account/{account}", ACCOUNT))
        for key, _ in gates:
            await self._refuse_if_early(key)
        for key, gate in gates:
            delay_s = gate.delay_s(await self._cache.count(key, _WINDOW_S))
            until = str(self._clock().timestamp() + delay_s).encode()
            if delay_s and not await self._cache.add(f"{key}/wait", until, delay_s):
                await self._refuse_if_early(key)

    async def succeeded(self, email: str, source_address: str) -> None:
        """Remember that this source knows this account's password."""
        account, source = _account(email), _source(source_address)
        await self._cache.delete(f"signin/pair/{account}/{source}")
        await self._cache.delete(f"signin/pair/{account}/{source}/wait")
        await self._cache.put(f"signin/known/{account}/{source}", b"1", _KNOWN_S)

    async def _refuse_if_early(self, key: str) -> None:
        until = await self._cache.get(f"{key}/wait")
        if until is not None:
            wait_s = max(1.0, float(until) - self._clock().timestamp())
            raise SignInThrottled("there were too many attempts to sign in", retry_after_s=wait_s)


def _account(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()[:32]


def _source(address: str) -> str:
    """An address as one source: IPv6 hosts own a /64, so that counts as one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False).network_address)
    return str(found)
