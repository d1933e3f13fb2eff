"""Whose data a statement may touch. Only authentication makes a scope, so code without one cannot ask."""

from typing import Literal

import msgspec

from tikfleet.kernel.ids import OrganisationId

ActorKind = Literal["person", "token", "device", "system"]


class OrgScope(msgspec.Struct, frozen=True):
    """One organisation and those nested in it.

    `org_id` is the organisation that the credential acts in: what is created goes there.
    `org_ids` is everything that it may see: itself first, then its descendants.
    """

    org_id: OrganisationId
    org_ids: tuple[OrganisationId, ...]

    @classmethod
    def only(cls, org_id: OrganisationId) -> "OrgScope":
        """The scope of one organisation without its descendants."""
        return cls(org_id, (org_id,))

    def __contains__(self, org_id: object) -> bool:
        return org_id in self.org_ids


class Actor(msgspec.Struct, frozen=True):
    """Who does something: a person, an API token, a device, or the platform itself."""

    kind: ActorKind
    id: str
    name: str
    source_address: str = ""


SYSTEM = Actor("system", "tikfleet", "Tikfleet")
