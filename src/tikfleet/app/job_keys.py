"""The keys that vouch for jobs: who holds which."""

from functools import partial
from pathlib import Path

from tikfleet.adapters.files.signing import FileSigner, drop_unused, open_signer, wait_for_key
from tikfleet.app.processes.place import Place, Role
from tikfleet.app.settings import Settings
from tikfleet.app.shared_job_key import SharedJobKey
from tikfleet.domains.jobs.public import forget_reach, keys_in_use, sign_waiting
from tikfleet.kernel.clock import utc_now
from tikfleet.ports.blobs import Blobs
from tikfleet.ports.cache import Cache
from tikfleet.ports.database import Database
from tikfleet.ports.vault import Vault


def private_key(settings: Settings) -> Path:
    """The file of the key that signs."""
    return Path(settings.job_key).absolute() if settings.job_key else public_keys(settings) / "job-signing.pem"


def public_keys(settings: Settings) -> Path:
    """The directory of the keys that verify."""
    return settings.directory / "keys"


async def open_job_key(settings: Settings, place: Place, database: Database) -> FileSigner | None:
    """What signs jobs in this process. An edge has nothing: it waits until there is a key to verify with."""
    if place.role is Role.EDGE:
        await wait_for_key(public_keys(settings))
        return None
    return await open_signer(private_key(settings), public_keys(settings), partial(sign_waiting, database))


def shared_job_key(settings: Settings, place: Place, blobs: Blobs, vault: Vault, cache: Cache) -> SharedJobKey | None:
    """The key among the objects, where objects and vault are such that processes without a common disk have them."""
    if not (settings.cloud.blobs and settings.cloud.vault):
        return None
    private = None if place.role is Role.EDGE else private_key(settings)
    return SharedJobKey(private, public_keys(settings), blobs, vault, cache)


async def tidy(settings: Settings, database: Database, shared: SharedJobKey | None) -> None:
    """Drop the public keys of which no job is left, and what limits count no more."""
    await forget_reach(database, utc_now())
    in_use = await keys_in_use(database)
    if shared:
        await shared.tidy(in_use)
    else:
        await drop_unused(private_key(settings), public_keys(settings), in_use)
