"""Commands that make up the language: variables, conditions, loops, errors.

Sources: the manual's scripting page; what 7.21 was seen to do (no short cut in conditions, `:for` counting down by
itself, `:onerror` answering whether there was an error); reference §2 for the rest.
"""

from typing import Any, Final, Self

from tikfleet.routeros.script.tree import Block, Command, Group, Node, Operation, Variable
from tikfleet.virtual.scripting.conversion import to_array, to_time
from tikfleet.virtual.scripting.errors import Halted, Left, Returned, RosError
from tikfleet.virtual.scripting.evaluation import Handler, Run
from tikfleet.virtual.scripting.operators import truth
from tikfleet.virtual.scripting.scope import Scope
from tikfleet.virtual.scripting.values import NIL, NOTHING, Array, Empty, Function, Time, Value, text, wrapped
from tikfleet.virtual.waiting import wait

_NS: Final = 1_000_000_000


def _name(command: Command, argument: str, run: Run, scope: Scope) -> str:
    """The variable that a command names: a bare or quoted name, or a text that is put together."""
    node = command.arguments.get(argument)
    if node is None:
        raise RosError(f"missing value(s) of argument(s) {argument}")
    return node.name if isinstance(node, Variable) else text(run.value(node, scope))


def _names(node: Node | None) -> list[str]:
    if isinstance(node, Operation):
        return [operand.name for operand in node.operands if isinstance(operand, Variable)]
    return [node.name] if isinstance(node, Variable) else []


def _body(run: Run, command: Command, scope: Scope) -> Value:
    """The value that a variable is declared with: `do={...}` makes a function."""
    body = command.arguments.get("do")
    if isinstance(body, Block):
        return Function(body.statements, run.source)
    return run.given(command, "value", scope)


def local(run: Run, command: Command, scope: Scope) -> Value:
    scope.declare(_name(command, "name", run, scope), _body(run, command, scope))
    return NIL


def declare_global(run: Run, command: Command, scope: Scope) -> Value:
    name = _name(command, "name", run, scope)
    bound = scope.declare_global(name)
    if "value" in command.arguments or "do" in command.arguments:
        value = _body(run, command, scope)
        if bound:
            scope.set_global(name, value)
        else:
            scope.declare(name, value)
    return NIL


def assign(run: Run, command: Command, scope: Scope) -> Value:
    """`:set name value`, `:set ($array->"key") value`; without a value the variable or element goes."""
    target = command.arguments.get("name")
    value = _body(run, command, scope)
    while isinstance(target, Group):
        target = target.inner
    if isinstance(target, Operation) and target.operator == "->":
        _assign_element(run, target, value, scope)
        return NIL
    name = _name(command, "name", run, scope)
    if not scope.assign(name, value):
        # Undeclared names are refused by the compiler; one that was put together at run time is not seen by it.
        raise RosError(f"no such variable {name}")
    return NIL


def _assign_element(run: Run, target: Operation, value: Value, scope: Scope) -> None:
    """Set an element, however deep, and put the changed arrays back on the way up."""
    root, *keys = _path(target)
    if not isinstance(root, Variable):
        raise RosError("cannot assign to this")
    wanted = [run.value(key, scope) for key in keys]
    holder = scope.get(root.name)
    chain = [holder]
    for key in wanted[:-1]:
        held = chain[-1]
        chain.append(held.get(key) if isinstance(held, Array) else NOTHING)
    changed = value
    for held, key in zip(reversed(chain), reversed(wanted), strict=True):
        changed = (held if isinstance(held, Array) else _fresh(held)).put(key, changed)
    if not scope.assign(root.name, changed):
        raise RosError(f"no such variable {root.name}")


def _fresh(held: Value) -> Array:
    """Seen on 7.21: an element can be set in an empty variable, which becomes an array."""
    if isinstance(held, Empty) or held == "":
        return Array()
    raise RosError("cannot set an element of what is no array")


def _path(node: Operation) -> list[Node]:
    """The variable and the keys of `$a->"x"->"y"`, whichever way the operators were grouped."""
    found: list[Node] = []
    for operand in node.operands:
        plain = operand
        while not found and isinstance(plain, Group):
            plain = plain.inner
        if not found and isinstance(plain, Operation) and plain.operator == "->":
            found.extend(_path(plain))
        else:
            found.append(plain if not found else operand)
    return found


def branch(run: Run, command: Command, scope: Scope) -> Value:
    held = truth(run.given(command, "condition", scope, NIL))
    return run.block(command.arguments.get("do" if held else "else"), scope)


def repeat_while(run: Run, command: Command, scope: Scope) -> Value:
    while truth(run.given(command, "condition", scope, NIL)):
        if not _round(run, command.arguments.get("do"), scope, None):
            break
    return NIL


def _round(run: Run, body: Node | None, scope: Scope, values: dict[str, Any] | None) -> bool:
    """One turn of a loop; false when it was left."""
    # An empty body costs a step too, so that no loop escapes the limit.
    run.meter.steps += 1
    if run.meter.steps > run.meter.due:
        run.meter.check()
    try:
        run.block(body, scope, values)
    except Left as left:
        return left.again
    return True


def count(run: Run, command: Command, scope: Scope) -> Value:
    """`:for`: counts to the last number inclusive, downwards by itself when it is smaller (seen on 7.21)."""
    name = _names(command.arguments.get("counter"))[0]
    first, last = _whole(run, command, "from", scope), _whole(run, command, "to", scope)
    step = _whole(run, command, "step", scope) if "step" in command.arguments else 1
    if step == 0:
        raise RosError("invalid value for argument step")
    if last < first and step > 0:
        step = -step
    here = first
    with _caught(run, command, scope) as guard:
        while (here <= last) if step > 0 else (here >= last):
            if not _round(run, command.arguments.get("do"), scope, {name: here}):
                break
            here = wrapped(here + step)
    return guard.value


def _whole(run: Run, command: Command, name: str, scope: Scope) -> int:
    value = run.needed(command, name, scope)
    if isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    if type(value) is not int:
        raise RosError(f"invalid value for argument {name}")
    return value


def each(run: Run, command: Command, scope: Scope) -> Value:
    """`:foreach item in=` or `:foreach key,item in=`; a single value is walked as one item."""
    names = _names(command.arguments.get("counter"))
    found = run.needed(command, "in", scope)
    if isinstance(found, Empty) or found == "":
        return NIL
    array = found if isinstance(found, Array) else to_array(Array([found]))
    with _caught(run, command, scope) as guard:
        for key, item in array.pairs():
            values = {names[0]: item} if len(names) == 1 else {names[0]: key, names[1]: item}
            if not _round(run, command.arguments.get("do"), scope, values):
                break
    return guard.value


class _caught:  # noqa: N801 - used as a statement
    """Runs `on-error=` of a command, if it has one, when an error comes out."""

    def __init__(self, run: Run, command: Command, scope: Scope) -> None:
        self._run, self._body, self._scope = run, command.arguments.get("on-error"), scope
        self.value: Value = NIL

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if self._body is None or not isinstance(error, RosError):
            return False
        self.value = self._run.block(self._body, self._scope)
        return True


def do(run: Run, command: Command, scope: Scope) -> Value:
    """`:do {...} while=(...)`, `:do {...} on-error={...}`."""
    value: Value = NIL
    with _caught(run, command, scope) as guard:
        if "if" in command.arguments and not truth(run.given(command, "if", scope)):
            return NIL
        while True:
            try:
                value = run.block(command.arguments.get("command"), scope)
            except Left as left:
                if "while" not in command.arguments:
                    raise
                if not left.again:
                    break
            run.meter.steps += 1
            if "while" not in command.arguments or not truth(run.given(command, "while", scope)):
                return value
    return guard.value


def onerror(run: Run, command: Command, scope: Scope) -> Value:
    """Whether there was an error; its text, and from 7.21 its attributes, are variables in `do=`.

    `:return` inside does not leave the function around it: it becomes the answer (manual, field notes of 7.24).
    """
    names = _names(command.arguments.get("error"))
    try:
        run.block(command.arguments.get("in"), scope)
    except RosError as error:
        values: dict[str, Any] = {names[0]: error.message} if names else {}
        if len(names) > 1 and run.host.profile.at_least("7.21"):
            values[names[1]] = Array([], dict(error.attributes or {}))
        return _answered(run, command.arguments.get("do"), scope, values, answer=True)
    except Returned as end:
        return end.value
    return False


def _answered(run: Run, body: Node | None, scope: Scope, values: dict[str, Any], *, answer: bool) -> Value:
    try:
        run.block(body, scope, values)
    except Returned as end:
        return end.value
    return answer


def retry(run: Run, command: Command, scope: Scope) -> Value:
    """Run a block until it succeeds, `max` times at most; then `on-error`, or the last error."""
    most, pause = _whole(run, command, "max", scope), _span(run, command, "delay", scope)
    last = RosError("failure: retry limit exceeded")
    for turn in range(most):
        try:
            return run.block(command.arguments.get("command"), scope)
        except RosError as error:
            last = error
            if turn < most - 1:
                sleep(run, pause)
    if "on-error" in command.arguments:
        return run.block(command.arguments.get("on-error"), scope)
    if most <= 0:
        return NIL
    raise last


def _span(run: Run, command: Command, name: str, scope: Scope) -> Time:
    found = to_time(run.needed(command, name, scope))
    if not isinstance(found, Time):
        raise RosError(f"invalid value for argument {name}")
    return found


def sleep(run: Run, span: Time) -> None:
    run.meter.paused()
    try:
        wait(run.host.clock.sleep(max(0, span.ns) / _NS))
    finally:
        run.meter.resumed()


def delay(run: Run, command: Command, scope: Scope) -> Value:
    sleep(run, _span(run, command, "delay-time", scope))
    return NIL


def error(run: Run, command: Command, scope: Scope) -> Value:
    raise RosError(text(run.given(command, "message", scope)))


def give_back(run: Run, command: Command, scope: Scope) -> Value:
    raise Returned(run.needed(command, "value", scope))


def stop(run: Run, command: Command, scope: Scope) -> Value:
    """`:quit` and `:exit`: the script ends, and no `on-error` hears of it."""
    raise Halted


def leave(*, again: bool) -> Handler:
    def handler(run: Run, command: Command, scope: Scope) -> Value:
        raise Left(again=again)

    return handler


def put(run: Run, command: Command, scope: Scope) -> Value:
    """Print a value, and give it (seen on 7.13)."""
    value = run.given(command, "message", scope)
    run.output.line(text(value))
    return value


def measure(run: Run, command: Command, scope: Scope) -> Value:
    begun_s = run.host.clock.elapsed_s()
    run.block(command.arguments.get("command"), scope)
    return Time(round((run.host.clock.elapsed_s() - begun_s) * _NS))


def nothing(run: Run, command: Command, scope: Scope) -> Value:
    return NOTHING


LANGUAGE: Final[dict[str, Handler]] = {
    "/local": local,
    "/global": declare_global,
    "/set": assign,
    "/if": branch,
    "/while": repeat_while,
    "/for": count,
    "/foreach": each,
    "/do": do,
    "/onerror": onerror,
    "/retry": retry,
    "/delay": delay,
    "/error": error,
    "/return": give_back,
    "/quit": stop,
    "/exit": stop,
    "/break": leave(again=False),
    "/continue": leave(again=True),
    "/put": put,
    "/time": measure,
    "/nothing": nothing,
}
