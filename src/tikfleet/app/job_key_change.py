"""The change of the key that vouches for jobs, with what it needs of the platform."""

import sys
from contextlib import AsyncExitStack

from tikfleet.adapters.files.signing import rotate
from tikfleet.app.clouds import Clouds
from tikfleet.app.job_keys import private_key, public_keys, shared_job_key
from tikfleet.app.processes.place import ALONE
from tikfleet.app.settings import Settings
from tikfleet.app.shared_job_key import SPREAD_S


async def rotated(settings: Settings, *, revoke: bool) -> str:
    """Sign with a new key from now on; gives its id. With `revoke` what older keys signed counts no more."""
    async with AsyncExitStack() as stack:
        clouds = Clouds(settings, stack)
        shared = shared_job_key(settings, ALONE, clouds.blobs(), clouds.vault(), clouds.cache())
        if shared is None:
            return await rotate(private_key(settings), public_keys(settings), revoke=revoke)
        if not revoke:
            print(f"Every process hears of the new key; it signs in {SPREAD_S:g} seconds.", file=sys.stderr)
        return await shared.rotate(revoke=revoke)
