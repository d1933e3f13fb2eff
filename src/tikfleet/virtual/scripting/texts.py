"""Commands of the language that look into strings and arrays, and make them."""

import random
from collections.abc import Callable
from typing import Final

from tikfleet.routeros.script.tree import Command
from tikfleet.virtual.scripting.conversion import CONVERSIONS, to_array
from tikfleet.virtual.scripting.errors import RosError
from tikfleet.virtual.scripting.evaluation import Handler, Run
from tikfleet.virtual.scripting.operators import equal
from tikfleet.virtual.scripting.regex import compiled
from tikfleet.virtual.scripting.scope import Scope
from tikfleet.virtual.scripting.values import (
    MAX_ITEMS,
    MAX_TEXT,
    NIL,
    NOTHING,
    Array,
    Empty,
    Function,
    Value,
    bounded,
    text,
    too_long,
    typename,
)

_ALPHANUMERIC: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_DEFAULT_LENGTH: Final = 16


def whole(run: Run, command: Command, name: str, scope: Scope, default: int) -> int:
    """A number, or the default where the argument is absent or empty."""
    value = run.given(command, name, scope)
    if isinstance(value, Empty):
        return default
    if isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    if type(value) is not int:
        raise RosError(f"invalid value for argument {name}")
    return value


def length(run: Run, command: Command, scope: Scope) -> Value:
    """Elements of an array, else bytes of the printed form."""
    value = run.given(command, "value", scope)
    if isinstance(value, Function):
        return 2
    return len(value) if isinstance(value, Array) else len(text(value))


def kind(run: Run, command: Command, scope: Scope) -> Value:
    return typename(run.given(command, "value", scope))


def pick(run: Run, command: Command, scope: Scope) -> Value:
    """`:pick value begin end`: without an end one element. [unverified: an empty end means the rest]."""
    value = run.needed(command, "counter", scope)
    begin = max(0, whole(run, command, "begin", scope, 0))
    if isinstance(value, Empty):
        return value
    if "end" not in command.arguments:
        return _one(value, begin)
    end = whole(run, command, "end", scope, MAX_TEXT)
    end = max(begin, end)
    if not isinstance(value, Array):
        return text(value)[begin:end]
    items: list[Value] = []
    keyed: dict[str, Value] = {}
    for key, item in list(value.pairs())[begin:end]:
        if isinstance(key, str):
            keyed[key] = item
        else:
            items.append(item)
    return Array(items, keyed)


def _one(value: Value, place: int) -> Value:
    if isinstance(value, Array):
        found = list(value.values())
        return found[place] if place < len(found) else NOTHING
    return text(value)[place : place + 1]


def find(run: Run, command: Command, scope: Scope) -> Value:
    """Where something is, `nil` if nowhere; the search begins behind `from`."""
    value, wanted = run.needed(command, "in", scope), run.needed(command, "key", scope)
    begin = max(0, whole(run, command, "from", scope, -1) + 1)
    if isinstance(value, Array):
        for place, (key, item) in enumerate(value.pairs()):
            if place >= begin and equal(item, wanted):
                return key
        return NIL
    place = text(value).find(text(wanted), begin)
    return NIL if place < 0 else place


def array(run: Run, command: Command, scope: Scope) -> Value:
    delimiter = text(run.given(command, "delimiter", scope, ","))
    return to_array(run.given(command, "value", scope), delimiter)


def random_number(run: Run, command: Command, scope: Scope) -> Value:
    low, high = whole(run, command, "from", scope, 0), whole(run, command, "to", scope, (1 << 32) - 1)
    if low > high:
        raise RosError("invalid value for argument to")
    return random.randint(low, high)


def random_text(run: Run, command: Command, scope: Scope) -> Value:
    letters = text(run.given(command, "from", scope, _ALPHANUMERIC)) or _ALPHANUMERIC
    size = whole(run, command, "length", scope, _DEFAULT_LENGTH)
    if not 0 <= size <= MAX_TEXT:
        raise RosError("invalid value for argument length")
    return "".join(random.choices(letters, k=size))


def number_range(run: Run, command: Command, scope: Scope) -> Value:
    """The numbers from one to another, both included. [unverified]."""
    low, high = whole(run, command, "from", scope, 0), whole(run, command, "to", scope, 0)
    if abs(high - low) >= MAX_ITEMS:
        raise RosError(f"an array may hold {MAX_ITEMS} items")
    return Array(range(low, high + 1) if low <= high else range(low, high - 1, -1))


def crlf(run: Run, command: Command, scope: Scope) -> Value:
    return bounded(text(run.needed(command, "input", scope)).replace("\r\n", "\n").replace("\n", "\r\n"))


def lf(run: Run, command: Command, scope: Scope) -> Value:
    return text(run.needed(command, "input", scope)).replace("\r\n", "\n")


def grep(run: Run, command: Command, scope: Scope) -> Value:
    """The lines of a file, or of what a script prints, that match. [unverified: the form of the answer]."""
    pattern = compiled(text(run.needed(command, "pattern", scope)))
    if "filename" in command.arguments:
        name = text(run.given(command, "filename", scope))
        lines = run.host.files.read(name).decode("latin-1").splitlines()
    else:
        lines = _printed(run, command, scope).splitlines()
    before, after = whole(run, command, "before", scope, 0), whole(run, command, "after", scope, 0)
    wanted: set[int] = set()
    for place, line in enumerate(lines):
        if pattern.found(line):
            wanted.update(range(max(0, place - before), min(len(lines), place + after + 1)))
    found = [lines[place] for place in sorted(wanted)]
    if "as-array" in command.arguments:
        return Array(found)
    result = "\n".join(found)
    if len(result) > MAX_TEXT:
        raise too_long()
    run.output.line(result)
    return result


def _printed(run: Run, command: Command, scope: Scope) -> str:
    node = command.arguments.get("script")
    if node is None:
        raise RosError("missing value(s) of argument(s) script")
    value = run.given(command, "script", scope)
    return text(run.call(value, [], {})) if isinstance(value, Function) else text(value)


def _converting(change: Callable[[Value], Value]) -> Handler:
    def handler(run: Run, command: Command, scope: Scope) -> Value:
        return change(run.given(command, "value", scope))

    return handler


TEXTS: Final[dict[str, Handler]] = {
    "/len": length,
    "/typeof": kind,
    "/pick": pick,
    "/find": find,
    "/toarray": array,
    "/rndnum": random_number,
    "/rndstr": random_text,
    "/range": number_range,
    "/tocrlf": crlf,
    "/tolf": lf,
    "/grep": grep,
    **{path: _converting(change) for path, change in CONVERSIONS.items()},
}
