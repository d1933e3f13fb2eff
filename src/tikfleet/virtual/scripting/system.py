"""Commands of the router as a whole: files of commands, backups, resets and reboots.

Sources: the manual's pages on import and backup, reference §2.1 and §15. [unverified: the words for a missing file, a
broken backup and a wrong password; that before 7.16 a syntax error in an imported file only shows.]
"""

from collections.abc import Iterator
from typing import Any, Final

from tikfleet.routeros.script.tree import Block, Call, Command, Group, Operation, Substitution, UnknownCommand
from tikfleet.virtual.menus.behaviours.moments import local
from tikfleet.virtual.menus.request import GENERAL, Answer, Refused, Request
from tikfleet.virtual.scripting import backups
from tikfleet.virtual.scripting.compilation import compiled
from tikfleet.virtual.scripting.console import Console, Order, current
from tikfleet.virtual.scripting.errors import Halted, RosError, ScriptFailed
from tikfleet.virtual.scripting.limits import Output
from tikfleet.virtual.scripting.notation import encoded
from tikfleet.virtual.scripting.values import Code

_NO: Final = frozenset({"no", "false"})
_DONE: Final = "\nScript file loaded and executed successfully"
_ENDING: Final = ".backup"


class SystemCommands:
    """Answers `/import`, `/export`, `/system/backup`, `/system/reset-configuration`, `reboot` and `shutdown`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._host = console.host
        handle = self._host.menus.handle
        handle("/import", self.load_script, "write")
        handle("/export", self.export, "read")
        handle("/system/backup/save", self.save, "sensitive")
        handle("/system/backup/load", self.load, "sensitive")
        handle("/system/reset-configuration", self.reset, "policy")
        handle("/system/reboot", self.reboot, "reboot")
        handle("/system/shutdown", self.shutdown, "reboot")

    def _output(self) -> Output:
        running = current()
        return Output(self._console.limits.output_bytes, cut=True) if running is None else running.output

    def load_script(self, request: Request) -> Answer:
        """`/import`. Raises `ScriptFailed` with `Script Error: ` before what went wrong."""
        given = request.arguments
        name = given.get("file-name", "")
        if not name:
            raise Refused("missing value(s) of argument(s) file-name")
        source = encoded(self._text(name))
        first = int(given.get("from-line", "1")) if given.get("from-line", "1").isdigit() else 1
        lines = source.split("\n")
        source = "\n".join([""] * (min(first, len(lines) + 1) - 1) + lines[max(0, first - 1) :])
        verbose = given.get("verbose", "no") not in _NO
        output = self._output()
        if verbose:
            for number, line in enumerate(source.split("\n"), 1):
                output.line(f"#line {number}\n{line}")
        if verbose and given.get("dry-run", "no") not in _NO:
            self._dry_run(source, output)
            return Answer()
        self._executed(source, request, output, name)
        return Answer()

    def _text(self, name: str) -> str:
        try:
            return self._host.files.read(name).decode("utf-8", "surrogateescape")
        except Refused as cause:
            raise Refused("input does not match any value of file-name") from cause

    def _executed(self, source: str, request: Request, output: Output, name: str) -> None:
        running = current()
        order = Order("", request.caller, name=name, interactive=True)
        try:
            code = compiled(source, self._host.profile.version)
        except RosError as error:
            if not self._host.profile.at_least("7.16"):
                output.line(error.message)
                return
            raise _script_error(error) from error
        try:
            self._console.start(order, code, output, running.meter if running is not None else None)
        except RosError as error:
            raise _script_error(error) from error
        except Halted as halt:
            if halt.message:
                raise
        output.line(_DONE)

    def _dry_run(self, source: str, output: Output) -> None:
        try:
            faults = list(_faults(compiled(source, self._host.profile.version)))
        except RosError as error:
            faults = [error.message]
        for fault in faults:
            output.line(fault)
        if faults:
            raise ScriptFailed(RosError(f"Script Error: found {len(faults)} error(s) in import file"))

    def export(self, request: Request) -> Answer:
        """`/export`, to the console or with `file=` to a file ending in `.rsc`."""
        options = dict(request.arguments)
        name = options.pop("file", None)
        if "sensitive" not in request.caller.policies:
            options.pop("show-sensitive", None)
            options["hide-sensitive"] = ""
        made = self._exported(options.pop("path", ""), options)
        if name is None:
            running = current()
            if running is None:
                return Answer(ret=made)
            running.output.write(encoded(made))
            return Answer()
        path = name if name.endswith(".rsc") else f"{name}.rsc"
        self._host.files.write(path, made.encode("utf-8", "surrogateescape"))
        return Answer()

    def _exported(self, paths: str, options: dict[str, str]) -> str:
        """The whole, or menus named by `path=` (7.23; `!` is not followed), the header of the first for all."""
        menus = ["/" + path.strip("/").replace(" ", "/") for path in paths.split(",") if path]
        first, *others = [self._host.configuration.export(menu, options) for menu in menus or [""]]
        bodies = ["".join(line for line in other.splitlines(keepends=True) if line[0] != "#") for other in others]
        return first + "".join(bodies)

    def save(self, request: Request) -> Answer:
        given = request.arguments
        name = given.get("name") or self._default_name()
        password = "" if given.get("dont-encrypt", "no") not in _NO else given.get("password", "")
        if given.get("encryption") == "rc4":
            raise Refused("failure: this virtual router does not encrypt with rc4", GENERAL)
        path = name if name.endswith(_ENDING) else name + _ENDING
        self._host.files.write(path, backups.packed(self._host.configuration.snapshot(), password))
        self._output().line("Saving system configuration\nConfiguration backup saved")
        return Answer()

    def _default_name(self) -> str:
        store = self._host.menus.store
        identity = store.table("/system/identity").values.get("name", "MikroTik")
        return f"{identity}-{local(store, store.now_s()):%Y%m%d-%H%M}"

    def load(self, request: Request) -> Answer:
        """Take back a backup, and reboot. A script has to give `password`, if only an empty one (7.x)."""
        given = request.arguments
        missing = next((name for name in ("name", "password") if name not in given), None)
        if missing is not None:
            raise Refused(f"missing value(s) of argument(s) {missing}")
        name = given["name"]
        sizes = self._host.files.sizes()
        path = name if name in sizes else name + _ENDING
        if path not in sizes:
            raise Refused("input does not match any value of name")
        try:
            snapshot = backups.unpacked(self._host.files.read(path), given["password"])
            self._host.configuration.restore(snapshot)
        except PermissionError as cause:
            raise Refused("failure: incorrect password (6)", GENERAL) from cause
        except ValueError as cause:
            raise Refused("failure: bad backup file (6)", GENERAL) from cause
        self._output().line("Restoring system configuration\nSystem configuration restored, rebooting now")
        self._host.power.reboot()
        return Answer()

    def reset(self, request: Request) -> Answer:
        self._host.power.reset(dict(request.arguments))
        return Answer()

    def reboot(self, request: Request) -> Answer:
        self._host.menus.log("system,info", f"router rebooted by {request.caller.user}")
        self._host.power.reboot()
        return Answer()

    def shutdown(self, request: Request) -> Answer:
        self._host.power.shutdown()
        return Answer()


def _script_error(error: RosError) -> ScriptFailed:
    error.message = f"Script Error: {error.message}"
    return ScriptFailed(error)


def _faults(code: Code) -> Iterator[str]:
    """What a release does not know, anywhere in a script."""
    for statement in code.statements:
        yield from _faults_in(statement)


def _faults_in(node: Any) -> Iterator[str]:
    match node:
        case UnknownCommand():
            yield f"bad command name {node.name} (line {node.line} column {node.column})"
        case Command():
            if node.fault is not None:
                yield f"bad parameter {node.fault.name} (line {node.fault.line} column {node.fault.column})"
            for value in node.arguments.values():
                yield from _faults_in(value)
        case Block() | Substitution():
            for statement in node.statements:
                yield from _faults_in(statement)
        case Group():
            yield from _faults_in(node.inner)
        case Operation():
            for operand in node.operands:
                yield from _faults_in(operand)
        case Call():
            for value in (node.callee, *node.positional, *node.named.values()):
                yield from _faults_in(value)
