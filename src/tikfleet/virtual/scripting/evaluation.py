"""Working out the tree of a script.

A run is plain code that may wait, so it is started through `waiting.run`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from tikfleet.routeros.script.tree import (
    Array as ArrayNode,
)
from tikfleet.routeros.script.tree import (
    Block,
    Call,
    Command,
    Condition,
    Group,
    Navigation,
    Node,
    Operation,
    Substitution,
    Text,
    UnknownCommand,
    Unset,
    Variable,
    Word,
)
from tikfleet.virtual.menus.request import Caller, Refused
from tikfleet.virtual.scripting.errors import Left, Returned, RosError, ScriptFailed
from tikfleet.virtual.scripting.host import Host
from tikfleet.virtual.scripting.limits import Meter, Output
from tikfleet.virtual.scripting.notation import encoded
from tikfleet.virtual.scripting.operators import BINARY, UNARY, inverted
from tikfleet.virtual.scripting.scope import Scope
from tikfleet.virtual.scripting.values import (
    NIL,
    NOTHING,
    Array,
    Code,
    Function,
    Quoted,
    Value,
    bounded,
    literal,
    text,
)

Handler: TypeAlias = Callable[["Run", Command, Scope], Value]
MAX_CALLS: Final = 200


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The commands of the language by path, and what takes every other command."""

    language: Mapping[str, Handler]
    other: Handler


class Run:
    """One script while it runs: its place in the source, its output, its user's globals."""

    def __init__(
        self,
        host: Host,
        caller: Caller,
        variables: dict[str, Value],
        meter: Meter,
        output: Output,
        vocabulary: Vocabulary,
    ) -> None:
        self.host = host
        self.vocabulary = vocabulary
        self.caller = caller
        self.globals = variables
        self.meter = meter
        self.output = output
        self.menu = ""
        self.name = ""
        self.job = ""
        self.source = ""
        # A person's session and an import may name items by their place in a list.
        self.interactive = False
        # Characters of the terminal: long details are folded there.
        self.width = 80
        # How many brackets a command stands in: its value goes to them and not to the screen.
        self.brackets = 0
        self._calls = 0

    def script(self, code: Code, values: Mapping[str, Value] | None = None) -> Value:
        """Run a whole script in a scope of its own; its value is that of `:return` or of its last command."""
        outer, self.source = self.source, code.source
        scope = Scope(None, self.globals, dict(values or {}), frozenset(values or ()))
        try:
            return self.statements(code.statements, scope)
        except Returned as end:
            return end.value
        except Left:
            return NIL
        except RecursionError as cause:
            raise RosError("nested too deeply") from cause
        finally:
            self.source = outer

    def statements(self, found: Sequence[Node], scope: Scope) -> Value:
        value: Value = NIL
        for statement in found:
            value = self.value(statement, scope)
        return value

    def block(self, node: Node | None, scope: Scope, values: dict[str, Any] | None = None) -> Value:
        """What a `do=` holds: a block, or a value that is called."""
        if isinstance(node, Block):
            return self.statements(node.statements, scope.inner(values))
        if node is None:
            return NIL
        value = self.value(node, scope)
        return self.call(value, [], {}) if isinstance(value, Code) else value

    def value(self, node: Node, scope: Scope) -> Value:
        meter = self.meter
        meter.steps += 1
        if meter.steps > meter.due:
            meter.check()
        return _NODES[type(node)](self, node, scope)

    def given(self, command: Command, name: str, scope: Scope, default: Value = NOTHING) -> Value:
        """The value of an argument of a command of the language."""
        node = command.arguments.get(name)
        if node is None:
            return default
        if isinstance(node, Word):
            return _given_word(node)
        return Function(node.statements, self.source) if isinstance(node, Block) else self.value(node, scope)

    def needed(self, command: Command, name: str, scope: Scope) -> Value:
        """The value of an argument that has to be there."""
        if name not in command.arguments:
            raise RosError(f"missing value(s) of argument(s) {name}")
        return self.given(command, name, scope)

    def call(self, callee: Value, positional: Sequence[Value], named: Mapping[str, Value]) -> Value:
        """Call a function, code or a quoted expression. What is none of these answers itself."""
        if isinstance(callee, Quoted):
            return self.value(callee.node, Scope(None, self.globals))
        if not isinstance(callee, Code):
            return callee
        values: dict[str, Any] = {str(place): value for place, value in enumerate(positional, 1)}
        values.update(named)
        scope = Scope(None, self.globals, values, frozenset(values))
        values["0"] = callee
        self._calls += 1
        outer, self.source = self.source, callee.source or self.source
        try:
            if self._calls > MAX_CALLS:
                raise RosError("nested too deeply")
            return self.statements(callee.statements, scope)
        except Returned as end:
            return end.value
        except RecursionError as cause:
            raise RosError("nested too deeply") from cause
        finally:
            self.source = outer
            self._calls -= 1

    def line(self, at: int) -> int:
        return self.source.count("\n", 0, at) + 1


def _word(run: Run, node: Word, scope: Scope) -> Value:
    value = node.value
    return _short_literal(value) if len(value) < _SHORT else literal(value)


# Words repeat as loops turn; a long one could fill the memory.
_SHORT: Final = 40
_short_literal: Final = lru_cache(maxsize=4_096)(literal)


def _given_word(node: Word) -> Value:
    """A word given to an argument: commas part the elements of an array."""
    if "," in node.raw and len(node.raw) > 1:
        return Array([literal(part) for part in node.value.split(";")])
    return _short_literal(node.value) if len(node.value) < _SHORT else literal(node.value)


def _text(run: Run, node: Text, scope: Scope) -> Value:
    parts = node.parts
    if len(parts) == 1 and isinstance(parts[0], str):
        return parts[0]
    return bounded("".join([part if isinstance(part, str) else text(run.value(part, scope)) for part in parts]))


def _variable(run: Run, node: Variable, scope: Scope) -> Value:
    return scope.get(node.name)


def _group(run: Run, node: Group, scope: Scope) -> Value:
    inner = node.inner
    if isinstance(inner, Word) and not inner.raw:
        return NIL
    return run.value(inner, scope)


def _operation(run: Run, node: Operation, scope: Scope) -> Value:
    operator, operands = node.operator, node.operands
    if len(operands) == 1:
        return _unary(run, operator, operands[0], scope)
    if operator == "<%%":
        return _spread(run, operands, scope)
    apply = BINARY.get(operator)
    if apply is None:
        raise RosError(f"unknown operator {operator}")
    value = run.value(operands[0], scope)
    for operand in operands[1:]:
        value = apply(value, run.value(operand, scope))
    return value


def _unary(run: Run, operator: str, operand: Node, scope: Scope) -> Value:
    if operator == ">":
        return Quoted(operand)
    value = run.value(operand, scope)
    return UNARY.get(operator, inverted)(value)


def _spread(run: Run, operands: list[Node], scope: Scope) -> Value:
    """`$f <%% {1; name=x}`: a call with the elements of an array as arguments."""
    callee = run.value(operands[0], scope)
    given = run.value(operands[1], scope)
    if isinstance(given, Array):
        return run.call(callee, given.items, given.keyed)
    return run.call(callee, [given], {})


def _array(run: Run, node: ArrayNode, scope: Scope) -> Value:
    items: list[Value] = []
    keyed: dict[str, Value] = {}
    for key, item in node.items:
        value = run.value(item, scope)
        if key is None:
            items.append(value)
        else:
            keyed[key.raw if isinstance(key, Word) else text(run.value(key, scope))] = value
    return Array(items, keyed)


def _substitution(run: Run, node: Substitution, scope: Scope) -> Value:
    # Seen on 7.21: `[:if (true) do={ :return "a" }]` is "a", and the script goes on.
    run.brackets += 1
    try:
        return run.statements(node.statements, scope)
    except Returned as end:
        return end.value
    finally:
        run.brackets -= 1


def _block(run: Run, node: Block, scope: Scope) -> Value:
    return run.statements(node.statements, scope.inner())


def _call(run: Run, node: Call, scope: Scope) -> Value:
    callee = run.value(node.callee, scope)
    positional = [run.value(item, scope) for item in node.positional]
    named = {
        name: Function(item.statements, run.source) if isinstance(item, Block) else run.value(item, scope)
        for name, item in node.named.items()
    }
    return run.call(callee, positional, named)


def _navigation(run: Run, node: Navigation, scope: Scope) -> Value:
    if node.written:
        run.menu = node.menu
    return NIL


def _condition(run: Run, node: Condition, scope: Scope) -> Value:
    return NIL if node.expression is None else run.value(node.expression, scope)


def _unset(run: Run, node: Unset, scope: Scope) -> Value:
    return NOTHING


def _unknown(run: Run, node: UnknownCommand, scope: Scope) -> Value:
    error = RosError(f"bad command name {node.name} (line {node.line} column {node.column})")
    error.placed = True
    raise error


def _command(run: Run, node: Command, scope: Scope) -> Value:
    fault = node.fault
    try:
        if fault is not None:
            raise RosError(f"bad parameter {fault.name} (line {fault.line} column {fault.column})")
        return run.vocabulary.language.get(node.path, run.vocabulary.other)(run, node, scope)
    except RosError as error:
        place(run, error, node)
        raise
    except Refused as refused:
        refusal = RosError(encoded(refused.message), getattr(refused, "attributes", None))
        refusal.placed = isinstance(refused, ScriptFailed)
        place(run, refusal, node)
        raise refusal from refused


def place(run: Run, error: RosError, node: Command) -> None:
    """Say where, as RouterOS 7 does: `(/tool/fetch; line 1)`, `(:error; line 2)`. Version 6 says nothing."""
    if run.host.profile.version.major >= 7:  # noqa: PLR2004 - a release
        path = node.path if node.path.count("/") > 1 or node.path in _MENU_ROOT else ":" + node.path[1:]
        error.at(path, run.line(node.at))
    error.placed = True


_MENU_ROOT: Final = frozenset({"/import", "/export", "/ping", "/quit", "/undo", "/redo", "/password", "/beep"})
_NODES: Final[dict[type, Callable[[Run, Any, Scope], Value]]] = {
    Word: _word,
    Text: _text,
    Variable: _variable,
    Group: _group,
    Operation: _operation,
    ArrayNode: _array,
    Substitution: _substitution,
    Block: _block,
    Call: _call,
    Navigation: _navigation,
    Condition: _condition,
    Unset: _unset,
    UnknownCommand: _unknown,
    Command: _command,
}
