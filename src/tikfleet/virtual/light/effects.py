"""What a script does to a virtual router: a small model, enough for the jobs that people send most.

Statements are run in order; blocks are run as if their condition held. Known commands have their effect or their
output, other commands of menus that RouterOS has do nothing, and the rest is the error that RouterOS gives.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from tikfleet.virtual.light import sections, spelling
from tikfleet.virtual.light.export import export_text
from tikfleet.virtual.light.looking import pinged, traced, update_shown
from tikfleet.virtual.light.machine import Machine

_WORDS: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s"]+)', re.DOTALL)
_HEX: Final = re.compile(rb"\\([0-9A-F]{2})")
_ESCAPES: Final = {
    b'\\"': b'"', b"\\\\": b"\\", b"\\n": b"\n", b"\\r": b"\r", b"\\t": b"\t", b"\\$": b"$", b"\\_": b" ",
}  # fmt: skip
_ESCAPE: Final = re.compile(rb'\\["\\nrt$_]')
_MENUS: Final = frozenset(
    {
        "ip", "ipv6", "system", "interface", "routing", "tool", "user", "queue", "ppp", "certificate",
        "file", "log", "snmp", "port", "radius", "caps-man", "container", "disk", "import", "ping", "mpls",
        "password", "special-login", "partitions", "console", "iot", "zerotier", "tr069-client", "task",
    }
)  # fmt: skip
_SILENT: Final = frozenset(
    {
        ":local", ":global", ":set", ":if", ":do", ":foreach", ":for", ":while", ":delay", ":log",
        ":nothing", ":return", ":parse", ":onerror", ":retry", "do", "else", "on-error", ":beep",
        ":resolve", ":toarray", ":tostr", ":environment",
    }
)  # fmt: skip
_LONGEST_DELAY_S: Final = 30.0


@dataclass(slots=True)
class Effect:
    """What came of a script: its printed lines, what it left in a file, its error, and a reboot.

    `restarts_in_s` is 0 when the router went down inside the script, positive for a reboot that waits, else -1.
    """

    printed: list[str] = field(default_factory=list)
    error: str = ""
    filed: str = ""
    restarts_in_s: float = -1.0
    delay_s: float = 0.0

    @property
    def output(self) -> str:
        return "".join(line + "\n" for line in self.printed)


@dataclass(frozen=True, slots=True)
class Shell:
    """Where a script runs."""

    machine: Machine
    token: str


def run_script(machine: Machine, script: str, token: str) -> Effect:
    """`token` is the secret that an agent keeps on its router, where exports show it."""
    effect = Effect()
    for line, statement in _statements(script):
        _run(Shell(machine, token), statement, line, effect)
        if effect.error or effect.restarts_in_s == 0:
            break
    return effect


def unquote(text: str) -> str:
    """The value of the inside of a string literal."""
    data = _HEX.sub(lambda m: bytes([int(m[1], 16)]), text.encode())
    return _ESCAPE.sub(lambda m: _ESCAPES[m[0]], data).decode("utf-8", "replace")


def _statements(script: str) -> Iterator[tuple[int, str]]:
    """Statements with the number of their line: cut at line ends, semicolons and braces outside of strings."""
    current, line, quoted, escaped = "", 1, False, False
    for letter in script:
        if quoted or letter not in "\n;{}":
            current += letter
            quoted, escaped = (quoted != (letter == '"' and not escaped)), letter == "\\" and not escaped
        else:
            if current.strip() and not current.lstrip().startswith("#"):
                yield line, current.strip()
            current = ""
        line += letter == "\n"
    if current.strip() and not current.lstrip().startswith("#"):
        yield line, current.strip()


def _run(shell: Shell, statement: str, line: int, effect: Effect) -> None:
    head, _, rest = statement.partition(" ")
    if head == ":put":
        effect.printed.append(_value(shell.machine, rest.strip()))
    elif head == ":error":
        effect.error = _value(shell.machine, rest.strip())
    elif head == ":delay":
        effect.delay_s = min(_LONGEST_DELAY_S, effect.delay_s + _seconds(rest))
    elif head == ":execute":
        _execute(_argument(statement, "script"), effect)
    elif head in _SILENT or head.startswith(("$", "]", ")")):
        return
    elif not _command(shell, statement, effect):
        effect.error = f"bad command name {head.lstrip('/:').partition('/')[0]} (line {line} column 1)"


def _execute(script: str, effect: Effect) -> None:
    """A job in the background: of what it may do, a reboot after a while matters here."""
    if "reboot" in script:
        wait = _argument(script.replace(":delay ", "delay="), "delay")
        effect.restarts_in_s = max(1.0, _seconds(wait))


def _command(shell: Shell, statement: str, effect: Effect) -> bool:
    """Whether RouterOS would know the command."""
    machine = shell.machine
    path = " ".join(statement.lstrip(":").replace("/", " ").split())
    if path.startswith("system identity set"):
        machine.rename(_argument(statement, "name")[:64])
    elif path.startswith("system reboot"):
        effect.restarts_in_s = 0.0
    elif path.startswith("export"):
        text = export_text(machine, shell.token)
        if "file=" in statement:
            effect.filed = text
        else:
            effect.printed.append(text.rstrip("\n"))
    elif path.startswith("system identity print"):
        effect.printed.append(f"  name: {machine.identity}")
    elif path.startswith("system resource print"):
        effect.printed += _resource(machine)
    elif path.startswith("interface print"):
        effect.printed += _interfaces(machine)
    elif path.startswith("ip address print"):
        effect.printed += ["Columns: ADDRESS, INTERFACE", "#  ADDRESS           INTERFACE"]
        effect.printed.append(f"0  {sections.wan_address(machine)}  {machine.links[0].name}")
    elif path.startswith("system package update print"):
        effect.printed += update_shown(machine.version)
    elif host := _argument(statement, "address"):
        effect.printed += _looked(path, host, statement)
    return path.partition(" ")[0] in _MENUS or path.startswith("export")


def _looked(path: str, host: str, statement: str) -> Sequence[str]:
    if path.startswith(("ping ", "tool ping ")):
        return pinged(host, _count(statement, "count", 4), _count(statement, "size", 56))
    return traced(host, _count(statement, "count", 3)) if path.startswith("tool traceroute ") else ()


def _count(statement: str, name: str, otherwise: int) -> int:
    given = _argument(statement, name)
    return int(given) if given.isdecimal() else otherwise


def _resource(machine: Machine) -> list[str]:
    board = machine.blueprint.board
    shown = {
        "uptime": spelling.duration(machine.at - machine.boot_at),
        "version": machine.version,
        "free-memory": f"{machine.free_memory() / 1048576:.1f}MiB",
        "total-memory": f"{board.ram_mib}.0MiB",
        "cpu": board.chip.cpu,
        "cpu-count": str(board.chip.count),
        "cpu-load": f"{machine.load_percent()}%",
        "architecture-name": board.chip.architecture,
        "board-name": board.board_name,
        "platform": "MikroTik",
    }
    return [f"{key:>20}: {value}" for key, value in shown.items()]


def _interfaces(machine: Machine) -> list[str]:
    rows = ["Flags: R - RUNNING", "Columns: NAME, TYPE, ACTUAL-MTU", "#    NAME             TYPE    ACTUAL-MTU"]
    for place, link in enumerate(machine.links):
        rows.append(f"{place}  {'R' if machine.runs(place) else ' '} {link.name:<16} {link.kind:<7} {link.mtu}")
    return rows


def _value(machine: Machine, expression: str) -> str:
    if expression.startswith("["):
        path = " ".join(expression.strip("[]").replace("/", " ").split())
        known = {
            "system identity get name": machine.identity,
            "system resource get version": machine.version,
            "system resource get board-name": machine.blueprint.board.board_name,
            "system resource get uptime": spelling.duration(machine.at - machine.boot_at),
            "system routerboard get serial-number": machine.blueprint.serial,
        }
        return known.get(path, "")
    match = _WORDS.match(expression)
    return "" if match is None else unquote(match[1]) if match[1] is not None else match[2]


def _argument(statement: str, name: str) -> str:
    match = re.search(rf'\b{name}=(?:"((?:[^"\\]|\\.)*)"|(\S+))', statement, re.DOTALL)
    if match is None:
        return ""
    return unquote(match[1]) if match[1] is not None else match[2]


def _seconds(text: str) -> float:
    match = re.match(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m)?", text)
    return 0.0 if match is None else float(match[1]) * {"ms": 0.001, "m": 60.0}.get(match[2] or "s", 1.0)
