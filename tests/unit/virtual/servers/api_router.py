"""A router for tests of the API server: a few tables that can be printed and changed, and commands that wait.

It does what `Router` promises with as little as that takes, so a failing test points at the server.
"""

import asyncio
import itertools
from collections.abc import Callable, Sequence

from tikfleet.routeros.values import RouterOSVersion
from tikfleet.virtual import waiting
from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.menus.request import POLICIES, Answer, Caller, Refused, Request, Row
from tikfleet.virtual.servers.router import Console, Files

PASSWORDS = {"admin": "x", "reader": "r", "Zoë": "pä§§"}
COMMANDS = {"print", "add", "set", "remove", "wait", "fail", "stubborn"}


class ApiRouter:
    """`/interface`, `/ip/address` and `/log`. `/interface/wait` waits `seconds`, `fail` is a mistake of ours."""

    def __init__(self, version: str = "7.20.8") -> None:
        self.profile = Profile(version=RouterOSVersion.parse(version))
        self.tables: dict[str, list[dict[str, str]]] = {
            "/interface": [
                {".id": f"*{number}", "name": f"ether{number}", "type": "ether", "mtu": "1500", "disabled": "false"}
                for number in (1, 2, 3)
            ],
            "/ip/address": [],
            "/log": [],
        }
        self.tables["/interface"].append({".id": "*4", "name": "vlan7", "type": "vlan", "mtu": "1400"})
        self.performed: list[Request] = []
        self.open_sessions = 0
        self.slow_login_s = 0.0
        self.interrupted = 0
        self._ids = itertools.count(16)
        self._listeners: dict[str, list[Callable[[Row], None]]] = {}

    @property
    def listeners(self) -> int:
        return sum(map(len, self._listeners.values()))

    def authenticate(self, user: str, password: str | None, via: str, address: str) -> Caller:
        if self.slow_login_s:
            waiting.wait(asyncio.sleep(self.slow_login_s))
        if PASSWORDS.get(user) != password:
            raise Refused("invalid user name or password (6)")
        policies = POLICIES if user != "reader" else frozenset({"api", "write"})
        return Caller(user, policies, via, address)

    def opened(self, caller: Caller) -> Callable[[], None]:
        self.open_sessions += 1

        def end() -> None:
            self.open_sessions -= 1

        return end

    def resolve(self, words: Sequence[str]) -> tuple[str, str]:
        *menu, command = words
        path = "".join(f"/{word}" for word in menu)
        if path not in self.tables:
            raise Refused("no such command prefix", 0)
        if command not in COMMANDS:
            raise Refused("no such command", 0)
        return path, command

    def perform(self, request: Request) -> Answer:
        self.performed.append(request)
        result: Answer = getattr(self, f"_{request.command}")(request)
        return result

    def tell(self, menu: str, row: Row) -> None:
        for listener in list(self._listeners.get(menu, ())):
            listener(row)

    def subscribe(self, menu: str, callback: Callable[[Row], None]) -> Callable[[], None]:
        listeners = self._listeners.setdefault(menu, [])
        listeners.append(callback)
        return lambda: listeners.remove(callback)

    def _print(self, request: Request) -> Answer:
        rows: list[Row] = [row for row in self.tables[request.menu] if request.where is None or request.where(row)]
        if "count-only" in request.arguments:
            return Answer(ret=str(len(rows)))
        names = request.arguments.get(".proplist")
        if names is not None:
            rows = [{name: row[name] for name in names.split(",") if name in row} for row in rows]
        return Answer(rows)

    def _add(self, request: Request) -> Answer:
        row = {".id": f"*{next(self._ids):X}", **request.arguments}
        self.tables[request.menu].append(row)
        self.tell(request.menu, row)
        return Answer(ret=row[".id"])

    def _set(self, request: Request) -> Answer:
        for row in self._items(request):
            row.update({name: value for name, value in request.arguments.items() if name != ".id"})
            for name in request.absent:
                row.pop(name, None)
            self.tell(request.menu, row)
        return Answer()

    def _remove(self, request: Request) -> Answer:
        for row in self._items(request):
            self.tables[request.menu].remove(row)
            self.tell(request.menu, {".id": row[".id"], ".dead": "yes"})
        return Answer()

    def _wait(self, request: Request) -> Answer:
        try:
            waiting.wait(asyncio.sleep(float(request.arguments["seconds"])))
        except asyncio.CancelledError:
            self.interrupted += 1
            raise
        return Answer([{"waited": request.arguments["seconds"]}])

    def _stubborn(self, request: Request) -> Answer:
        try:
            waiting.wait(asyncio.sleep(60))
        except asyncio.CancelledError:
            waiting.wait(asyncio.sleep(0.05))
        raise Refused("failure: gave up", 4)

    def _fail(self, request: Request) -> Answer:
        if "later" in request.arguments:
            waiting.wait(asyncio.sleep(0.01))
        raise ZeroDivisionError("a mistake in the virtual router")

    def _items(self, request: Request) -> list[dict[str, str]]:
        wanted = request.arguments.get(".id", "").split(",")
        found = [row for row in self.tables[request.menu] if row[".id"] in wanted or row.get("name") in wanted]
        if not found:
            raise Refused("no such item", 0)
        return found

    # What the API server never asks for: to be asked is a fault of the server.

    @property
    def files(self) -> Files:
        raise AssertionError("the API server has no use for it")

    def identity(self) -> str:
        raise AssertionError("the API server has no use for it")

    def ssh_keys(self, user: str) -> Sequence[str]:
        raise AssertionError("the API server has no use for it")

    def is_single(self, menu: str) -> bool:
        raise AssertionError("the API server has no use for it")

    def exists(self, menu: str) -> bool:
        raise AssertionError("the API server has no use for it")

    def console(self, caller: Caller) -> Console:
        raise AssertionError("the API server has no use for it")
