"""The key that signs jobs where processes share no disk: an object that the vault sealed, a file on each machine."""

import asyncio
import os
from pathlib import Path
from typing import Final

from tikfleet.adapters.files.signing import make_key
from tikfleet.kernel.ids import OrganisationId
from tikfleet.ports.blobs import Blobs
from tikfleet.ports.cache import Cache
from tikfleet.ports.signing import SigningKeyBroken
from tikfleet.ports.vault import Vault

# Nobody's: an organisation's id begins otherwise.
_OWNER: Final = OrganisationId("platform")
_NAME: Final = "platform/keys/job-signing"
_PURPOSE: Final = "job-signing-key"
_TURN_S: Final = 30.0
_LOOK_S: Final = 0.5
_LOOKS: Final = 60


async def fetch_job_key(private: Path, blobs: Blobs, vault: Vault, cache: Cache) -> None:
    """Put the key into its file where that is not there; of all processes one makes it, once for ever.

    Raises SigningKeyBroken when it is neither there nor comes, SealBroken, and Unavailable.
    """
    if await asyncio.to_thread(private.exists):
        return
    for _ in range(_LOOKS):
        sealed = await blobs.get(_NAME)
        if sealed is None and await cache.add(_NAME, b"", _TURN_S):
            # Whoever had the turn before may have stored it since the look.
            sealed = await blobs.get(_NAME)
            if sealed is None:
                sealed = await vault.seal(_OWNER, _PURPOSE, make_key())
                await blobs.put(_NAME, sealed)
        if sealed is not None:
            await asyncio.to_thread(_write, private, await vault.open(_OWNER, _PURPOSE, sealed))
            return
        await asyncio.sleep(_LOOK_S)
    raise SigningKeyBroken("another process makes the key that signs jobs, and does not come to its end")


def _write(path: Path, pem: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
