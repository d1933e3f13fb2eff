"""Reading from a router in live mode, a stretch of rows at a time."""

import time
from typing import Final

from tikfleet.domains.inventory.public import DeviceNotFound
from tikfleet.domains.jobs.public import JobTarget, JobTargets
from tikfleet.domains.live.public import LiveHub
from tikfleet.domains.routeros.errors import RouterNotReady
from tikfleet.domains.routeros.translation import RestScripts, refused
from tikfleet.kernel.ids import DeviceId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.routeros.rest.call import RestRefused
from tikfleet.routeros.rest.plan import Outcome, Plan
from tikfleet.routeros.rest.rows import Row
from tikfleet.routeros.rest.script_text import Stretch, Unreadable, read_question

_MOST_STRETCHES: Final = 60
_NOT_READY: Final = frozenset({"pending", "removing"})


async def device_of(targets: JobTargets, org: OrgScope, device_id: DeviceId) -> JobTarget:
    """The device, when it may be asked. Raises DeviceNotFound and RouterNotReady."""
    found = [one for one in await targets.find(org, [device_id], 1) if one.org_id in org]
    if not found:
        raise DeviceNotFound("there is no such device")
    if found[0].status in _NOT_READY or found[0].tier is None:
        raise RouterNotReady(f"the device is {found[0].status}")
    return found[0]


class RouterReads:
    """Asks routers plans that only read."""

    def __init__(self, hub: LiveHub, scripts: RestScripts) -> None:
        self._hub = hub
        self._scripts = scripts

    def script(self, device: JobTarget, plan: Plan, start: int) -> str:
        """What asks for the rows from `start` on; the same for all devices of a tier."""
        return self._scripts.question(plan, device.tier or "D", start)

    async def whole(self, device: JobTarget, plan: Plan, ends_s: float) -> tuple[Outcome, str]:
        """All that a menu shows, a stretch at a time until the moment `ends_s` (monotonic), and the text of it.

        Raises DeviceSilent and RestRefused.
        """
        rows: list[Row] = []
        texts: list[str] = []
        start = 0
        for _ in range(_MOST_STRETCHES):
            script = self.script(device, plan, start)
            stretch = await self.stretch(device, plan, script, max(0.05, ends_s - time.monotonic()))
            rows += stretch.outcome.rows
            texts.append(stretch.text)
            if stretch.following is None:
                return Outcome(rows, stretch.outcome.single, stretch.outcome.ret), "".join(texts)
            if stretch.following <= start:
                break
            start = stretch.following
        raise RestRefused(400, "there is more than can be read at once: ask with a filter, or with .proplist")

    async def stretch(self, device: JobTarget, plan: Plan, script: str, patience_s: float) -> Stretch:
        """The rows that the script asks for, as many as fit into one answer.

        Raises DeviceSilent and DeviceCrowded, and RestRefused with the router's own refusal.
        """
        said = await self._hub.ask(device.id, script, patience_s)
        if said.error:
            raise refused(plan, device.version, said.error)
        try:
            return read_question(said.result)
        except Unreadable as cause:
            raise RestRefused(502, str(cause)) from cause
