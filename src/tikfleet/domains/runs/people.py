"""What runs need to know of people and organisations. Others implement it."""

from typing import Protocol

from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import Actor


class Approvals(Protocol):
    """Whether a second person has to agree, and who is behind a credential."""

    async def needed(self, org_id: OrganisationId) -> bool:
        """Whether the organisation's settings say that runs need approval."""
        ...

    async def person_behind(self, org_id: OrganisationId, actor: Actor) -> str:
        """The id of the person who acts: of a token, its maker. Empty when the token is gone and nobody knows."""
        ...
