"""Reading from a router in live mode, a stretch of rows at a time."""

from tikfleet.domains.jobs.public import JobTarget
from tikfleet.domains.live.public import LiveHub
from tikfleet.domains.routeros.translation import RestScripts, refused
from tikfleet.routeros.rest.call import RestRefused
from tikfleet.routeros.rest.plan import Plan
from tikfleet.routeros.rest.script_text import Stretch, Unreadable, read_question


class RouterReads:
    """Asks routers plans that only read."""

    def __init__(self, hub: LiveHub, scripts: RestScripts) -> None:
        self._hub = hub
        self._scripts = scripts

    def script(self, device: JobTarget, plan: Plan, start: int) -> str:
        """What asks for the rows from `start` on; the same for all devices of a tier."""
        return self._scripts.question(plan, device.tier or "D", start)

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
