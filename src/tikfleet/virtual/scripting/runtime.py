"""Everything of one router that runs scripts, put together."""

import asyncio
from typing import Final

from tikfleet.routeros.script.quoting import quote
from tikfleet.virtual.menus.request import Caller
from tikfleet.virtual.scripting.console import Console, Order, Outcome, Session
from tikfleet.virtual.scripting.fetcher import Fetcher, Reach, loopback
from tikfleet.virtual.scripting.host import Host
from tikfleet.virtual.scripting.jobs import ScriptJobs
from tikfleet.virtual.scripting.limits import Limits
from tikfleet.virtual.scripting.schedule import Schedule
from tikfleet.virtual.scripting.system import SystemCommands

_AUTO: Final = ".auto.rsc"
# Scripts after a reset may take two minutes (reference §15.1).
_AFTER_RESET_S: Final = 120.0
_SYSTEM: Final = Caller(user="*sys", via="system")


class Scripting:
    """Answers the commands that run scripts, from the moment it is made; the scheduler runs from `boot` to `stop`."""

    def __init__(
        self, host: Host, limits: Limits | None = None, reach: Reach = loopback, builtin: str | None = None
    ) -> None:
        self.host = host
        self.console = Console(host, limits)
        self.jobs = ScriptJobs(self.console)
        self.schedule = Schedule(self.jobs)
        self.system = SystemCommands(self.console)
        self.fetcher = Fetcher(host, reach, builtin)

    def boot(self) -> None:
        """The router has started. Needs a running event loop."""
        self.schedule.boot()

    async def stop(self) -> None:
        """The router goes down: nothing runs on, and globals are gone."""
        await self.schedule.stop()
        await self.jobs.stop()
        self.console.reboot()

    def session(self, caller: Caller, width: int = 80) -> Session:
        """A person's terminal."""
        return self.console.session(caller, width)

    async def run_after_reset(self, name: str) -> None:
        """Import the file that `run-after-reset` named, within the time that RouterOS gives it."""
        job = self.jobs.begin(self._importing(name))
        assert job.task is not None
        limit = asyncio.ensure_future(self.host.clock.sleep(_AFTER_RESET_S))
        await asyncio.wait({job.task, limit}, return_when=asyncio.FIRST_COMPLETED)
        limit.cancel()
        if not job.task.done():
            self.jobs.kill(job)
            self.host.menus.log("script,error", "runtime limit exceeded")
        elif job.task.result().error:
            self.host.menus.log("script,error", job.task.result().error or "")

    def uploaded(self, name: str) -> None:
        """A file has come by SFTP or FTP: `*.auto.rsc` is imported, and `*.auto.log` tells how it went."""
        if not name.endswith(_AUTO):
            return

        def told(outcome: Outcome) -> None:
            log = name.removesuffix(".rsc") + ".log"
            self.host.files.write(log, outcome.shown.encode("utf-8", "surrogateescape"))

        self.jobs.begin(self._importing(name), told)

    def _importing(self, name: str) -> Order:
        return Order(f"/import file-name={quote(name)}", _SYSTEM, name=name)
