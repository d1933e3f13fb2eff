"""Scripts of a library, for requests that name one instead of holding it. Another domain implements it."""

from typing import Protocol, runtime_checkable

from tikfleet.domains.jobs.schemas import JobCreate
from tikfleet.kernel.scopes import Actor, OrgScope


@runtime_checkable
class JobLibrary(Protocol):
    """The library, as jobs see it."""

    async def for_job(self, org: OrgScope, actor: Actor, create: JobCreate, *, may_read: bool) -> JobCreate:
        """The request with the script in it, when it names one; as it is when it does not.

        `may_read`: whether the credential may read the library.
        """
        ...
