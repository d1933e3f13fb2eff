"""A router small enough to know by heart: a few menus with rows, and a console that prints them.

It does what `Router` promises with as little as that takes, so a failing test points at the server.
"""

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence

from tikfleet.routeros.script import catalogue, parser
from tikfleet.routeros.script.errors import ScriptError
from tikfleet.routeros.script.tree import Command, Navigation, Text, UnknownCommand, Word
from tikfleet.routeros.values import RouterOSVersion
from tikfleet.virtual import waiting
from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.menus.request import POLICIES, Answer, Caller, Refused, Request, Row
from tikfleet.virtual.servers.terminal import Table, printed

USERS = {
    "admin": ("secret", POLICIES),
    "reader": ("r", frozenset({"read", "api", "rest-api", "ssh"})),
    "half": ("h", frozenset({"read", "rest-api"})),
    "none": ("n", frozenset({"read"})),
}
ROWS: dict[str, list[dict[str, str]]] = {
    "/ip/address": [
        {
            ".id": "*1",
            "address": "192.168.88.1/24",
            "network": "192.168.88.0",
            "interface": "ether1",
            "disabled": "false",
            "dynamic": "false",
            "invalid": "false",
            "comment": "defconf",
        },
        {
            ".id": "*2",
            "address": "10.0.0.2/30",
            "network": "10.0.0.0",
            "interface": "ether2",
            "disabled": "true",
            "dynamic": "false",
            "invalid": "false",
        },
    ],
    "/interface": [
        {
            ".id": "*A",
            "name": "ether1",
            "default-name": "ether1",
            "type": "ether",
            "mtu": "1500",
            "actual-mtu": "1500",
            "l2mtu": "1598",
            "mac-address": "00:0C:42:00:00:01",
            "running": "true",
            "disabled": "false",
        },
        {".id": "*B", "name": "ether 2/x", "type": "ether", "mtu": "1500", "running": "false", "disabled": "false"},
    ],
    "/ip/firewall/filter": [{".id": "*1", "chain": "input", "action": "accept", "comment": "all"}],
    "/file": [],
}
SINGLES: dict[str, dict[str, str]] = {
    "/system/identity": {"name": "Test"},
    "/system/resource": {"uptime": "1d7h44m20s", "version": "7.20.8 (stable)", "free-memory": "123456789"},
}


class MemoryFiles:
    def __init__(self) -> None:
        self.held: dict[str, bytes] = {"flash/readme.txt": b"hello"}

    def sizes(self) -> Mapping[str, int]:
        return {"flash": -1, **{name: len(data) for name, data in self.held.items()}}

    def read(self, name: str) -> bytes:
        if name not in self.held:
            raise Refused("no such item", 0)
        return self.held[name]

    def write(self, name: str, contents: bytes) -> None:
        if len(contents) > 1_000_000:
            raise Refused("failure: not enough space", 4)
        self.held[name] = contents

    def remove(self, name: str) -> None:
        self.read(name)
        del self.held[name]


class SmallRouter:
    def __init__(self, version: str = "7.20.8") -> None:
        self.profile = Profile(version=RouterOSVersion.parse(version))
        self.files = MemoryFiles()
        self.tables = {menu: [dict(row) for row in rows] for menu, rows in ROWS.items()}
        self.singles = {menu: dict(row) for menu, row in SINGLES.items()}
        self.keys: dict[str, list[str]] = {}
        self.active: list[Caller] = []
        self.performed: list[Request] = []
        self.running = 0
        self.most_running = 0
        self._ids = itertools.count(24)
        self._policies = {user: policies for user, (_, policies) in USERS.items()}

    def identity(self) -> str:
        return self.singles["/system/identity"]["name"]

    def authenticate(self, user: str, password: str | None, via: str, address: str) -> Caller:
        known, _ = USERS.get(user, (None, frozenset()))
        policies = self._policies.get(user, frozenset())
        if known is None or (password is not None and password != known) or via not in policies:
            raise Refused("invalid user name or password (6)")
        return Caller(user, policies, via, address)

    def ssh_keys(self, user: str) -> Sequence[str]:
        return self.keys.get(user, [])

    def opened(self, caller: Caller) -> Callable[[], None]:
        self.active.append(caller)
        return lambda: self.active.remove(caller) if caller in self.active else None

    def perform(self, request: Request) -> Answer:
        self.performed.append(request)
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            return self._perform(request)
        finally:
            self.running -= 1

    def _perform(self, request: Request) -> Answer:
        match request.command:
            case _ if (
                request.menu not in self.tables and request.menu not in self.singles and request.command != "ping"
            ):
                raise Refused("no such command", 0)
            case "print" if "break" in request.arguments:
                raise ZeroDivisionError("a mistake in the virtual router")
            case "print":
                rows = [self.singles[request.menu]] if request.menu in self.singles else self.tables[request.menu]
                kept: list[Row] = [dict(row) for row in rows if request.where is None or request.where(row)]
                return Answer(ret=str(len(kept))) if "count-only" in request.arguments else Answer(kept)
            case "monitor-traffic" if "once" in request.arguments:
                return Answer([{"name": "ether1", "rx-bits-per-second": "512", ".section": "0"}])
            case "monitor-traffic" if "duration" in request.arguments:
                return Answer([{".section": str(number), "name": "ether1"} for number in range(3)])
            case "monitor-traffic" | "ping":
                waiting.wait(asyncio.sleep(float(request.arguments.get("count", "1000")) / 100))
                return Answer([{"host": request.arguments.get("address", ""), "received": "1"}])
            case _:
                return self._change(request)

    def _change(self, request: Request) -> Answer:
        if "write" not in request.caller.policies:
            raise Refused("not enough permissions (9)", 4)
        if request.menu in self.singles:
            self.singles[request.menu].update(request.arguments)
            return Answer()
        unknown = next((name for name in request.arguments if name == "bogus"), None)
        if unknown is not None:
            raise Refused(f"unknown parameter {unknown}", 1)
        table = self.tables[request.menu]
        if request.command == "add":
            row = {".id": f"*{next(self._ids):X}", **request.arguments}
            if any(known.get("address", "") == row.get("address", "-") for known in table):
                raise Refused("failure: already have such address", 4)
            table.append(row)
            return Answer(ret=row[".id"])
        number = request.arguments.get(".id") or request.arguments.get("numbers", "")
        found = next((row for row in table if number in (row[".id"], row.get("name"))), None)
        if found is None:
            raise Refused("no such item", 0)
        if request.command == "remove":
            table.remove(found)
        else:
            found.update({name: value for name, value in request.arguments.items() if name not in (".id", "numbers")})
        return Answer()

    def resolve(self, words: Sequence[str]) -> tuple[str, str]:
        node = catalogue.root()
        for word in words:
            entry = node.entries.get(word)
            if isinstance(entry, catalogue.CommandSpec):
                return node.path, word
            if entry is None:
                raise Refused("no such command prefix", 0)
            node = entry
        raise Refused("no such command", 0)

    def is_single(self, menu: str) -> bool:
        return menu in self.singles

    def exists(self, menu: str) -> bool:
        node = catalogue.root()
        for word in menu.split("/")[1:]:
            entry = node.entries.get(word)
            if not isinstance(entry, catalogue.Menu):
                return False
            node = entry
        return True

    def subscribe(self, menu: str, callback: Callable[[Row], None]) -> Callable[[], None]:
        return lambda: None

    def console(self, caller: Caller, width: int = 80) -> "SmallConsole":
        return SmallConsole(self, caller, width)


class SmallConsole:
    """Walks menus, prints tables, sets and adds with literal values."""

    def __init__(self, router: SmallRouter, caller: Caller, width: int) -> None:
        self._router = router
        self._caller = caller
        self._width = width
        self.menu = ""

    def run(self, line: str) -> str:
        if line == "break":
            raise ZeroDivisionError("a mistake in the virtual router")
        inside = self.menu.removeprefix("/").replace("/", " ")
        prefix = f"/{inside}\n" if inside else ""
        try:
            script = parser.parse(prefix + line)
        except ScriptError as fault:
            return f"{fault.reason} (line {fault.line - bool(prefix)} column {fault.column})\n"
        output = []
        for statement in script.statements:
            match statement:
                case Navigation(menu=menu, written=True):
                    self.menu = menu
                case UnknownCommand(name=name, line=at, column=column):
                    output.append(f"bad command name {name} (line {at - bool(prefix)} column {column})\n")
                case Command(path="/put", arguments={"message": Text() as text}):
                    output.append(f"{text.constant()}\n")
                case Command():
                    output.append(self._command(statement))
                case _:
                    pass
        return "".join(output)

    def _command(self, command: Command) -> str:
        menu, _, name = command.path.rpartition("/")
        given = {key: _text(value) for key, value in command.arguments.items()}
        try:
            answer = self._router.perform(Request(menu, name, given, self._caller))
        except Refused as refused:
            return f"{refused.message}\n"
        if name != "print":
            return ""
        single = self._router.is_single(menu)
        table = Table(menu, answer.rows, self._router.profile, single=single, width=self._width)
        return printed(table, given.keys())


def _text(node: object) -> str:
    if isinstance(node, Word):
        return node.raw
    return (node.constant() or "") if isinstance(node, Text) else ""
