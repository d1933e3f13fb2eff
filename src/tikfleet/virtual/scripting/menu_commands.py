"""Commands of menus: a script's arguments become a request, the answer becomes typed values.

`find` gives ids, `get` a value or all of them, `print` a table on the screen, an array with `as-value`, a number with
`count-only`; `add` gives the new id. Times of `print` that repeat (`follow`, `interval`) print once.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from tikfleet.routeros.script.tree import (
    Block,
    Call,
    Command,
    Condition,
    Group,
    Node,
    Operation,
    Substitution,
    Text,
    Unset,
    Variable,
    Word,
)
from tikfleet.virtual.menus.request import Answer, Request, Row
from tikfleet.virtual.menus.schema import Kind
from tikfleet.virtual.scripting.compilation import block_text
from tikfleet.virtual.scripting.errors import RosError
from tikfleet.virtual.scripting.evaluation import Run
from tikfleet.virtual.scripting.notation import decoded, encoded, spelled, typed
from tikfleet.virtual.scripting.operators import truth
from tikfleet.virtual.scripting.pinging import pinged
from tikfleet.virtual.scripting.scope import Scope
from tikfleet.virtual.scripting.values import NIL, NOTHING, Array, Empty, Id, Value, literal, text
from tikfleet.virtual.servers.terminal import shown

_NUMBERS: Final = ("numbers", "number")
_PLACES: Final = frozenset({*_NUMBERS, "place-before", "destination"})
_PINGS: Final = frozenset({"/ping", "/tool/ping"})
# Kinds of what commands outside of menus' items answer.
_ANSWERED: Final = {
    "downloaded": Kind.NUMBER,
    "uploaded": Kind.NUMBER,
    "total": Kind.NUMBER,
    "duration": Kind.DURATION,
    "numbers": Kind.ID,
    "size": Kind.SIZE,
}
# Seen on 7.21: the time of day is a time, the date a string.
_TIMES: Final = frozenset({("/system/clock", "time")})


def perform(run: Run, command: Command, scope: Scope) -> Value:
    """Run a command of a menu."""
    menu, _, name = command.path.rpartition("/")
    if menu == "/terminal" or command.path == "/beep":
        return NIL
    request = Request(menu, name, caller=run.caller)
    if name == "export" and menu:
        # Every menu has an `export`; one handler answers them all.
        request = Request("", name, {"path": menu}, run.caller)
    request.where = _where(run, command, scope, menu)
    numbers = _arguments(run, command, scope, request)
    if numbers == "" and name != "get":
        # Seen on 7.21: an empty list of items is no error, and nothing happens.
        return NIL
    if name == "get":
        return _got(run, request)
    run.meter.paused()
    try:
        answer = run.host.menus.perform(request)
    finally:
        run.meter.resumed()
    return _answered(run, command, request, answer)


def _arguments(run: Run, command: Command, scope: Scope, request: Request) -> str | None:
    """Fill in the arguments; the text of `numbers`, `None` where there is none."""
    absent = set()
    numbers: str | None = None
    seen: set[int] = set()
    for name, node in command.arguments.items():
        if name == "where":
            continue
        # A flag shares the value of the argument before it, or has one that was written nowhere.
        if id(node) in seen or (isinstance(node, Word) and not node.raw and node.value):
            request.arguments[name] = _flag(run, request.menu, name)
            continue
        seen.add(id(node))
        if isinstance(node, Unset):
            absent.add(name)
            continue
        given = _given(run, command, name, node, scope)
        if name in _PLACES and run.interactive and given.replace(",", "").isdigit():
            given = _at_places(run, request.menu, given)
        if name in _NUMBERS:
            numbers = given
        request.arguments[name] = given
    request.absent = frozenset(absent)
    return numbers


def _at_places(run: Run, menu: str, given: str) -> str:
    """Ids for numbers of a list: a person's `set 0`, and that of an export. Numbers past its end stay."""
    ids = [row.get(".id", "") for row in run.host.menus.perform(Request(menu, "print", caller=run.caller)).rows]
    words = [ids[int(word)] if word and int(word) < len(ids) else word for word in given.split(",")]
    return ",".join(words)


def _flag(run: Run, menu: str, name: str) -> str:
    """A property that is named alone is true; any other flag is only there."""
    schema = run.host.menus.store.schemas.get(menu)
    return "true" if schema is not None and name in schema.properties else ""


def _given(run: Run, command: Command, name: str, node: Node, scope: Scope) -> str:
    if isinstance(node, Word):
        return decoded(node.raw)
    if isinstance(node, Block):
        return decoded(block_text(run.source, command.places.get(name, command.at), run.host.profile.version))
    value = run.value(node, scope)
    if isinstance(value, Array) and name == "http-header-field":
        return decoded("\n".join([text(item) for item in value.values()]))
    return spelled(value)


def _where(run: Run, command: Command, scope: Scope, menu: str) -> Callable[[Row], bool] | None:
    """A condition as a function of a row: its properties are variables, typed by their kind."""
    condition = command.arguments.get("where")
    if not isinstance(condition, Condition) or condition.expression is None:
        return None
    expression, known = condition.expression, frozenset(condition.properties)
    used = [name for name in sorted(set(_names(expression))) if name in known]
    kinds = {name: run.host.menus.kind(menu, name) for name in used}

    def holds(row: Row) -> bool:
        values: dict[str, Any] = {name: _property(row, name, kinds[name]) for name in used}
        value = run.value(expression, scope.inner(values))
        return False if isinstance(value, Empty) else _held(value)

    return holds


def _held(value: Value) -> bool:
    """A condition that names only a property holds where the property says something. [unverified]."""
    return value != "" if isinstance(value, str) else truth(value)


def _property(row: Row, name: str, kind: Kind) -> Value:
    given = row.get(name)
    if given is None:
        return False if kind is Kind.BOOLEAN else NOTHING
    return typed(given, kind)


def _names(node: Any) -> Iterator[str]:
    """The variables that an expression uses."""
    match node:
        case Variable():
            yield node.name
        case Group():
            yield from _names(node.inner)
        case Operation():
            for operand in node.operands:
                yield from _names(operand)
        case Text():
            for part in node.parts:
                yield from _names(part)
        case Substitution() | Block():
            for statement in node.statements:
                yield from _names(statement)
        case Command():
            for value in node.arguments.values():
                yield from _names(value)
        case Call():
            for value in (node.callee, *node.positional, *node.named.values()):
                yield from _names(value)
        case Condition():
            yield from _names(node.expression)


def _got(run: Run, request: Request) -> Value:
    """`get`: one property of one item, or all of them."""
    number = request.arguments.get("number")
    single = run.host.menus.is_single(request.menu)
    wanted = request.arguments.get("value-name")
    if single and wanted is None and number is not None:
        wanted = request.arguments.pop("number")
        request.arguments["value-name"] = wanted
    if not single and number is None:
        raise RosError("missing value(s) of argument(s) number")
    if number is not None and (not number or (number[0] == "*" and "," in number)):
        raise RosError("invalid internal item number")
    answer = run.host.menus.perform(request)
    row = answer.rows[0] if answer.rows else {}
    if wanted is not None:
        found = answer.ret if answer.ret is not None else row.get(wanted)
        kind = Kind.DURATION if (request.menu, wanted) in _TIMES else run.host.menus.kind(request.menu, wanted)
        return NOTHING if found is None else _value(found, kind)
    return _item(run, request.menu, row)


def _value(found: str, kind: Kind) -> Value:
    """A property without a value has none of its type either. [unverified for text, which is empty here]."""
    return NOTHING if not found and kind not in (Kind.TEXT, Kind.LIST) else typed(found, kind)


def _item(run: Run, menu: str, row: Row) -> Array:
    kinds = run.host.menus
    return Array([], {name: _shown(name, value, kinds.kind(menu, name)) for name, value in row.items()})


def _shown(name: str, value: str, kind: Kind) -> Value:
    if name == "http-headers":
        return Array([encoded(line) for line in value.split("\n")])
    return typed(value, _kind(kind, name))


def _kind(kind: Kind, name: str) -> Kind:
    return Kind.ID if name == ".id" else _ANSWERED.get(name, kind) if kind is Kind.TEXT else kind


def _answered(run: Run, command: Command, request: Request, answer: Answer) -> Value:
    if request.command == "find":
        return _found(answer)
    if "count-only" in request.arguments and answer.ret is not None:
        if "as-value" not in request.arguments and not run.brackets:
            run.output.line(answer.ret)
        return literal(answer.ret)
    if "as-value" in request.arguments:
        return _as_value(run, request, answer)
    if request.path in _PINGS:
        run.output.write(pinged(answer.rows))
        return literal(answer.rows[-1].get("received", "0")) if answer.rows else 0
    if answer.rows or (request.command == "print" and answer.ret is None):
        _print(run, request, answer.rows)
        return NIL
    if answer.ret is None:
        return NIL
    return Id(answer.ret) if answer.ret.startswith("*") else typed(answer.ret, Kind.TEXT)


def _print(run: Run, request: Request, rows: list[Row]) -> None:
    """Show rows, or write them to the file that `file=` names."""
    single = _single(run, request.menu)
    made = shown(request, rows, run.host.profile, single=single, width=run.width)
    name = request.arguments.get("file")
    if name is None:
        run.output.write(encoded(made))
    else:
        path = name if name.endswith(".txt") else f"{name}.txt"
        run.host.files.write(path, made.encode("utf-8", "surrogateescape"))


def _single(run: Run, menu: str) -> bool:
    return menu == "" or run.host.menus.is_single(menu)


def _found(answer: Answer) -> Array:
    """The ids: of rows, or of a list in the answer's value."""
    if answer.rows:
        return Array([Id(row[".id"]) for row in answer.rows if ".id" in row])
    ids = (answer.ret or "").replace(";", ",")
    return Array([Id(part) for part in ids.split(",") if part])


def _as_value(run: Run, request: Request, answer: Answer) -> Value:
    """An array of arrays; one array for a single set of values and for commands that are no `print`."""
    rows = [_item(run, request.menu, row) for row in answer.rows]
    if request.command == "print" and not _single(run, request.menu):
        return Array(rows)
    return rows[0] if len(rows) == 1 else Array(rows)
