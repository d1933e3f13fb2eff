"""A virtual router of menus and scripts, and nothing around it."""

import asyncio
from collections.abc import Mapping

from tikfleet.routeros.values import RouterOSVersion
from tikfleet.virtual import waiting
from tikfleet.virtual.clock import Clock, MachineClock
from tikfleet.virtual.menus.engine import Menus
from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.menus.request import Caller
from tikfleet.virtual.scripting.configuration import StoredConfiguration
from tikfleet.virtual.scripting.console import Outcome
from tikfleet.virtual.scripting.files import StoredFiles
from tikfleet.virtual.scripting.host import Host
from tikfleet.virtual.scripting.limits import Limits
from tikfleet.virtual.scripting.runtime import Scripting


class Power:
    """Remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def reboot(self) -> None:
        self.asked.append("reboot")

    def shutdown(self) -> None:
        self.asked.append("shutdown")

    def reset(self, options: Mapping[str, str]) -> None:
        self.asked.append("reset " + ",".join(options))


class SmallRouter:
    def __init__(
        self,
        version: str = "7.20.8",
        *,
        clock: Clock | None = None,
        limits: Limits | None = None,
        mode: str = "advanced",
    ) -> None:
        profile = Profile(RouterOSVersion.parse(version), device_mode=mode)
        self.clock = clock or MachineClock()
        self.menus = Menus(profile, self.clock)
        self.power = Power()
        self.files = StoredFiles(self.menus.store)
        self.host = Host(profile, self.clock, self.menus, self.files, self.power, StoredConfiguration(self.menus))
        self.scripting = Scripting(self.host, limits)
        self.console = self.scripting.console
        self.jobs = self.scripting.jobs
        self.schedule = self.scripting.schedule

    async def run(self, source: str, caller: Caller | None = None) -> Outcome:
        return await waiting.run(self.console.run, source, caller or Caller())

    async def shown(self, source: str) -> str:
        """What a terminal would show, without the last line's end."""
        return (await self.run(source)).shown.rstrip("\n")

    def logged(self) -> list[str]:
        return [f"{line.topics} {line.message}" for line in self.menus.store.journal.lines]


class HastyClock:
    """Time that jumps to where somebody sleeps to, so that nobody waits."""

    def __init__(self, start_s: float = 1_790_000_000.0) -> None:
        self._now_s = start_s

    def now_s(self) -> float:
        return self._now_s

    def elapsed_s(self) -> float:
        return self._now_s

    async def sleep(self, duration_s: float) -> None:
        self._now_s += max(0.0, duration_s)
        await asyncio.sleep(0)
