"""Scripts that are kept in a library, for runs that name one instead of holding it. Another domain implements it."""

from typing import Protocol, runtime_checkable

from tikfleet.domains.runs.schemas import RunCreate
from tikfleet.kernel.scopes import Actor, OrgScope


@runtime_checkable
class RunLibrary(Protocol):
    """The library, as runs see it."""

    async def for_run(self, org: OrgScope, actor: Actor, create: RunCreate, *, may_read: bool) -> RunCreate:
        """The request with script and parameters in it, when it names a script; as it is when it does not.

        `may_read`: whether the credential may read the library.
        """
        ...
