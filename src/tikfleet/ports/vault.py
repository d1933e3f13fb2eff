"""Secrets at rest: sealed with a key that the database does not hold."""

from typing import ClassVar, Protocol

from tikfleet.kernel.errors import TikfleetError, Unavailable
from tikfleet.kernel.ids import OrganisationId


class SealBroken(TikfleetError):
    """A sealed value was changed, or belongs to another organisation or key."""

    code: ClassVar[str] = "vault.seal-broken"
    title: ClassVar[str] = "A sealed secret cannot be opened"
    remedy: ClassVar[str] = "Restore the key file that belongs to this data directory."


class VaultUnavailable(Unavailable):
    """What holds the root key does not answer; nothing was sealed or opened."""

    code: ClassVar[str] = "vault.unavailable"
    title: ClassVar[str] = "The keeper of keys does not answer"


class Vault(Protocol):
    """Authenticated encryption with keys for each organisation (AES-256-GCM under a root key).

    `open` gives back exactly what `seal` was given for the same organisation and purpose, and raises `SealBroken`
    for anything else. Sealing twice gives different bytes. Both raise `VaultUnavailable` where the root key is kept
    elsewhere and can't be asked.
    """

    async def seal(self, org_id: OrganisationId, purpose: str, secret: bytes) -> bytes: ...

    async def open(self, org_id: OrganisationId, purpose: str, sealed: bytes) -> bytes: ...
