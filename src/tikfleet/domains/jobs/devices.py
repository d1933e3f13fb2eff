"""What jobs need to know of devices, and how a job becomes a script. Others implement both."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from tikfleet.domains.inventory.public import Selection
from tikfleet.domains.jobs.model import Kind
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.kernel.scopes import OrgScope


class JobTarget(msgspec.Struct, frozen=True):
    """A device that may take a job. `tier` is the agent's (`A` to `D`), None while it is not known.

    `version` is RouterOS's as the device says it (`7.16.2 (stable)`), empty while it is not known.
    """

    id: DeviceId
    name: str
    org_id: OrganisationId
    tier: str | None
    status: str
    version: str = ""


class JobTargets(Protocol):
    """The devices of a scope."""

    async def find(self, org: OrgScope, wanted: Sequence[DeviceId] | Selection, limit: int) -> Sequence[JobTarget]:
        """The devices that are named or selected, within the scope, at most `limit`. Unknown ids are left out."""
        ...

    async def versions(self, org: OrgScope, selection: Selection) -> Mapping[str, int]:
        """How many of the devices that match say that they run which version of RouterOS; empty text for unknown."""
        ...


class JobScripts(Protocol):
    """Writes jobs as RouterOS text. It depends on the kind, the parameters and the device's tier, on nothing else."""

    def render(self, kind: Kind, parameters: Mapping[str, Any], device: JobTarget) -> str:
        """The script for this device, whose tier is known. Raises ValueError, with the reason, when there is none.

        `parameters`: those of the typed kind, with their secrets open; `source` of a script as the operator gave it.
        """
        ...

    def guarded(self, script: str, device: JobTarget, within_s: int, timeout_s: int) -> str:
        """The script after what makes its device undo the change unless it is confirmed `within_s` after it."""
        ...
