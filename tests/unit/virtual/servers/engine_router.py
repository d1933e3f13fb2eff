"""The real menus and the real script interpreter behind the servers' protocol."""

from collections.abc import Callable, Mapping, Sequence

from tikfleet.routeros.values import RouterOSVersion
from tikfleet.virtual.clock import MachineClock
from tikfleet.virtual.menus.behaviours import users
from tikfleet.virtual.menus.engine import Menus
from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.menus.request import Answer, Caller, Refused, Request, Row
from tikfleet.virtual.scripting.configuration import StoredConfiguration
from tikfleet.virtual.scripting.console import Console, Session
from tikfleet.virtual.scripting.files import StoredFiles
from tikfleet.virtual.scripting.host import Host
from tikfleet.virtual.scripting.jobs import ScriptJobs
from tikfleet.virtual.scripting.system import SystemCommands


class Power:
    """Nothing here is switched off."""

    def reboot(self) -> None: ...

    def shutdown(self) -> None: ...

    def reset(self, options: Mapping[str, str]) -> None: ...


class EngineRouter:
    def __init__(self, version: str = "7.20.8") -> None:
        self.profile = Profile(RouterOSVersion.parse(version))
        self.menus = Menus(self.profile, MachineClock())
        self.files = StoredFiles(self.menus.store)
        host = Host(
            self.profile, self.menus.store.clock, self.menus, self.files, Power(), StoredConfiguration(self.menus)
        )
        self.scripts = Console(host)
        self.jobs = ScriptJobs(self.scripts)
        self.system = SystemCommands(self.scripts)

    def identity(self) -> str:
        return self.menus.perform(Request("/system/identity", "print")).rows[0]["name"]

    def authenticate(self, user: str, password: str | None, via: str, address: str) -> Caller:
        caller = users.authenticate(self.menus.store, user, password or "", via, address)
        if caller is None or via not in caller.policies:
            raise Refused("invalid user name or password (6)")
        return caller

    def ssh_keys(self, user: str) -> Sequence[str]:
        return []

    def opened(self, caller: Caller) -> Callable[[], None]:
        return lambda: None

    def perform(self, request: Request) -> Answer:
        return self.menus.perform(request)

    def resolve(self, words: Sequence[str]) -> tuple[str, str]:
        menu = "".join(f"/{word}" for word in words[:-1])
        if not self.menus.exists(menu):
            raise Refused("no such command prefix", 0)
        if not words or words[-1] not in self.menus.commands(menu):
            raise Refused("no such command", 0)
        return menu, words[-1]

    def is_single(self, menu: str) -> bool:
        return self.menus.is_single(menu)

    def exists(self, menu: str) -> bool:
        return self.menus.exists(menu)

    def subscribe(self, menu: str, callback: Callable[[Row], None]) -> Callable[[], None]:
        return self.menus.subscribe(menu, callback)

    def console(self, caller: Caller, width: int = 80) -> Session:
        return self.scripts.session(caller)
