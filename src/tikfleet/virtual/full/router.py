"""One whole virtual router: menus, scripts, scheduler, network and servers, from power on to power off."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tikfleet.virtual import waiting
from tikfleet.virtual.clock import Clock, MachineClock
from tikfleet.virtual.full import keys
from tikfleet.virtual.full.services import Doors, Services
from tikfleet.virtual.full.uplink import Uplink
from tikfleet.virtual.menus.engine import Menus
from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.menus.request import GENERAL, MISSING, Answer, Caller, Refused, Request, Row
from tikfleet.virtual.scripting.configuration import StoredConfiguration
from tikfleet.virtual.scripting.console import Outcome, Session
from tikfleet.virtual.scripting.fetcher import Reach, loopback
from tikfleet.virtual.scripting.files import StoredFiles
from tikfleet.virtual.scripting.host import Host
from tikfleet.virtual.scripting.limits import Limits
from tikfleet.virtual.scripting.runtime import Scripting

_YES: Final = frozenset({"", "yes", "true"})
# Who came over the network is told before the line is cut.
_LAST_WORDS_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a router stands: its clock, what its fetches may reach, which authorities it is born with, its open ports.

    With an `uplink` its own configuration decides whether a fetch gets anywhere. `builtin_roots` is a PEM file that
    stands for the authorities that RouterOS 7.19 and later bring. `boot_s` is how long it is away when it reboots.
    """

    clock: Clock = field(default_factory=MachineClock)
    doors: Doors = field(default_factory=Doors)
    reach: Reach = loopback
    uplink: Uplink | None = None
    builtin_roots: str | None = None
    boot_s: float = 1.0
    limits: Limits = field(default_factory=Limits)


class VirtualRouter:
    """A router that is off until `start`. What it is asked in between needs a running event loop and `waiting.run`."""

    def __init__(self, profile: Profile, surroundings: Surroundings | None = None) -> None:
        around = surroundings or Surroundings()
        self.clock = around.clock
        self.menus = Menus(profile, around.clock)
        self.files = StoredFiles(self.menus.store)
        self.configuration = StoredConfiguration(self.menus)
        host = Host(profile, around.clock, self.menus, self.files, self, self.configuration)
        self.scripting = Scripting(host, around.limits, around.reach, around.builtin_roots)
        if around.uplink is not None:
            uplink, store = around.uplink, self.menus.store
            # Between the loading of a backup and the reboot nothing gets out (unverified: how long that is).
            loaded = self.configuration
            self.scripting.fetcher.is_connected = lambda port: not loaded.waits and uplink.passes(store, port)
        self.services = Services(self, around.doors)
        keys.attach(self.menus, self.files)
        self._boot_s = around.boot_s
        self._switching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Power on: servers listen, the scheduler runs what is due at startup."""
        await self.services.open()
        self.scripting.boot()

    async def stop(self) -> None:
        """Power off, whatever runs."""
        if self._switching is not None:
            self._switching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._switching
            self._switching = None
        await self._down()

    async def _down(self) -> None:
        # Scripts first: connections take their time to close, in which no script may go on.
        await self.scripting.stop()
        await self.services.close()

    async def run(self, source: str, caller: Caller | None = None) -> Outcome:
        """Run a script as a user (`admin` with all rights) at a terminal would."""
        return await waiting.run(self.scripting.console.run, source, caller or Caller())

    # What scripts and commands ask of the power.

    def reboot(self) -> None:
        """Off, and on again after a while. Returns before it happens."""
        self._switch(self._restart())

    def shutdown(self) -> None:
        """Off, until somebody calls `start`."""
        self._switch(self._off())

    def reset(self, options: Mapping[str, str]) -> None:
        """Forget the configuration, but the users with `keep-users`, reboot, and import `run-after-reset`."""
        self._switch(self._restart(dict(options)))

    def _switch(self, change: Coroutine[None, None, None]) -> None:
        if self._switching is not None and not self._switching.done():
            change.close()
            return
        self._switching = asyncio.get_running_loop().create_task(change)

    async def _off(self) -> None:
        await asyncio.sleep(_LAST_WORDS_S)
        await self._down()

    async def _restart(self, reset: dict[str, str] | None = None) -> None:
        # By the router's own clock: what it would do meanwhile, it does.
        await self.clock.sleep(_LAST_WORDS_S)
        await self._down()
        after = ""
        if reset is not None:
            after = self._forget(reset)
        self.configuration.waits = False
        self.menus.reboot()
        await self.clock.sleep(self._boot_s)
        await self.start()
        if after:
            await self.scripting.run_after_reset(after)

    def _forget(self, options: dict[str, str]) -> str:
        """Reset, and give the name of the file that is to run afterwards. Files stay, as they do on a router."""
        store = self.menus.store
        users = [dict(item) for item in store.table("/user").items]
        held = {name: self.files.read(name) for name, size in self.files.sizes().items() if size >= 0}
        self.menus.reset()
        for name, contents in held.items():
            self.files.write(name, contents)
        if options.get("keep-users", "no") in _YES:
            table = store.emptied("/user")
            for user in users:
                table.insert(user)
        return options.get("run-after-reset", "")

    # What servers ask of a router (`servers/router.py`).

    @property
    def profile(self) -> Profile:
        return self.menus.profile

    def identity(self) -> str:
        return self.menus.store.table("/system/identity").values.get("name") or "MikroTik"

    def authenticate(self, user: str, password: str | None, via: str, address: str) -> Caller:
        """Who logs in; raises `Refused` for whoever may not come in by this way."""
        if password is None:
            known = self.menus.store.table("/user").named(user)
            password = "" if known is None else known.get("_password", "")
        caller = self.menus.authenticate(user, password, via, address)
        if caller is None or via not in caller.policies:
            raise Refused("invalid user name or password (6)", GENERAL)
        return caller

    def ssh_keys(self, user: str) -> Sequence[str]:
        return keys.of(self.menus, user)

    def opened(self, caller: Caller) -> Callable[[], None]:
        return self.menus.opened(caller)

    def perform(self, request: Request) -> Answer:
        return self.menus.perform(request)

    def resolve(self, words: Sequence[str]) -> tuple[str, str]:
        """Menu and command of a path's words; raises `Refused` for what this release does not have."""
        menu = "".join(f"/{word}" for word in words[:-1])
        if not words or not self.menus.exists(menu):
            raise Refused("no such command prefix", MISSING)
        if words[-1] not in self.menus.commands(menu):
            raise Refused("no such command", MISSING)
        return menu, words[-1]

    def is_single(self, menu: str) -> bool:
        return self.menus.is_single(menu)

    def exists(self, menu: str) -> bool:
        return self.menus.exists(menu)

    def subscribe(self, menu: str, callback: Callable[[Row], None]) -> Callable[[], None]:
        return self.menus.subscribe(menu, callback)

    def console(self, caller: Caller, width: int = 80) -> Session:
        return self.scripting.session(caller, width)
