"""The script console of one router: everything that runs scripts comes through here.

All of it is plain code that may wait, so it is called through `waiting.run`.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from tikfleet.virtual.menus.request import Caller
from tikfleet.virtual.scripting.compilation import compiled
from tikfleet.virtual.scripting.environment import ENVIRONMENT
from tikfleet.virtual.scripting.errors import Halted, RosError
from tikfleet.virtual.scripting.evaluation import Run, Vocabulary
from tikfleet.virtual.scripting.host import Host
from tikfleet.virtual.scripting.language import LANGUAGE
from tikfleet.virtual.scripting.limits import Limits, Meter, Output
from tikfleet.virtual.scripting.menu_commands import perform
from tikfleet.virtual.scripting.notation import decoded, encoded
from tikfleet.virtual.scripting.texts import TEXTS
from tikfleet.virtual.scripting.values import NIL, Code, Value

VOCABULARY: Final = Vocabulary({**LANGUAGE, **TEXTS, **ENVIRONMENT}, perform)
_CURRENT: Final[ContextVar[Run | None]] = ContextVar("run", default=None)


@dataclass(slots=True)
class Outcome:
    """How a script ended: what it printed, what it returned, and the error that ended it, in RouterOS's words."""

    printed: str
    value: Value = NIL
    error: str | None = None

    @property
    def shown(self) -> str:
        """What a terminal would show: the output and the error behind it."""
        return self.printed + (f"{self.error}\n" if self.error else "")


@dataclass(slots=True)
class Order:
    """What to run, for whom, and under which name; `menu` is where it starts."""

    source: str
    caller: Caller
    name: str = ""
    job: str = ""
    menu: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    interactive: bool = False
    output: Output | None = None
    width: int = 80


class Console:
    """Runs scripts for any caller. Globals belong to a user and live until a reboot."""

    def __init__(self, host: Host, limits: Limits | None = None) -> None:
        self.host = host
        self.limits = limits or Limits()
        self.globals: dict[str, dict[str, Value]] = {}

    def variables(self, user: str) -> dict[str, Value]:
        """The globals of a user."""
        return self.globals.setdefault(user, {})

    def reboot(self) -> None:
        """Forget what does not outlive a reboot."""
        self.globals.clear()

    def run(self, source: str, caller: Caller) -> Outcome:
        """Run a script. Raises nothing of RouterOS's: errors are part of the outcome."""
        return self.carry_out(Order(source, caller))

    def carry_out(self, order: Order, meter: Meter | None = None) -> Outcome:
        """Compile and run."""
        output = order.output or Output(self.limits.output_bytes)
        try:
            value = self.evaluate(order, output, meter)
        except RosError as error:
            return Outcome(decoded(output.taken()), error=decoded(error.message))
        except Halted as halt:
            return Outcome(decoded(output.taken()), error=halt.message or None)
        return Outcome(decoded(output.taken()), value)

    def evaluate(self, order: Order, output: Output, meter: Meter | None = None) -> Value:
        """The value of a script. Raises `RosError` for an error that nobody caught, and `Halted` for a stop."""
        code = compiled(encoded(order.source), self.host.profile.version, order.menu)
        return self.start(order, code, output, meter)[0]

    def start(self, order: Order, code: Code, output: Output, meter: Meter | None = None) -> tuple[Value, Run]:
        """Run code that is compiled; its value, and the run for what it left behind."""
        counted = meter or Meter(self.limits)
        run = Run(self.host, order.caller, self.variables(order.caller.user), counted, output, VOCABULARY)
        run.name, run.job, run.menu, run.interactive = order.name, order.job, order.menu, order.interactive
        run.width = order.width
        token = _CURRENT.set(run)
        try:
            return run.script(code, order.values), run
        finally:
            _CURRENT.reset(token)

    def session(self, caller: Caller, width: int = 80) -> "Session":
        return Session(self, caller, width)


def current() -> Run | None:
    """The script that the running command belongs to; `None` for commands of the API."""
    return _CURRENT.get()


class Session:
    """One person at a terminal: it stays in the menu that a line went to. Local variables end with their line."""

    def __init__(self, console: Console, caller: Caller, width: int) -> None:
        self._console = console
        self._caller = caller
        self._width = width
        self.menu = ""

    def run(self, line: str) -> str:
        """Run a line or a script and give what it printed, with the error if there was one."""
        output = Output(self._console.limits.output_bytes)
        order = Order(line, self._caller, menu=self.menu, interactive=True, width=self._width)
        error = ""
        try:
            code = compiled(encoded(line), self._console.host.profile.version, self.menu)
            _, run = self._console.start(order, code, output)
            self.menu = run.menu
        except RosError as cause:
            error = cause.message
        except Halted as halt:
            error = halt.message
        return decoded(output.taken() + (f"{error}\n" if error else ""))
