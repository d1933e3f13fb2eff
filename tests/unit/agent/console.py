"""A small RouterOS console: enough of the language and the menus to run the agent against a server of the test.

It is no authority on RouterOS (`docs/reference/agent.md` says what is); it shows that the scripts do what we mean.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, reduce
from typing import Any

from tikfleet.routeros.script.errors import ScriptError
from tikfleet.routeros.script.parser import parse
from tikfleet.routeros.script.tree import (
    Array,
    Block,
    Call,
    Command,
    Group,
    Navigation,
    Operation,
    Substitution,
    Text,
    UnknownCommand,
    Variable,
    Word,
)
from tikfleet.routeros.values import format_script_time, parse_duration_s

_SPAN = re.compile(r"(\d+(ms|us|ns|[wdhms]))+|\d+:\d+:\d+")


class RosError(Exception):
    """What a router would log."""


class Returned(Exception):
    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


@dataclass
class Code:
    """A function or the result of `:parse`."""

    statements: list[Any]


@dataclass
class Scope:
    values: dict[str, Any] = field(default_factory=dict)
    outer: "Scope | None" = None
    shared: set[str] = field(default_factory=set)

    def holder(self, name: str) -> "Scope | None":
        here: Scope | None = self
        while here is not None and name not in here.values and name not in here.shared:
            here = here.outer
        return here


@cache
def _parsed(source: str) -> Any:
    return parse(source)


def typename(value: Any) -> str:
    kinds = {type(None): "nothing", bool: "bool", int: "num", timedelta: "time", dict: "array", Code: "code"}
    return kinds.get(type(value), "str")


def text_of(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case timedelta():
            return format_script_time(value.total_seconds())
        case dict():
            return ";".join(
                text_of(item) if isinstance(key, int) else f"{key}={text_of(item)}" for key, item in value.items()
            )
    return str(value)


def typed(word: Word) -> Any:
    if word.value in {"true", "false"}:
        return word.value == "true"
    if re.fullmatch(r"-?\d+", word.raw):
        return int(word.raw)
    if _SPAN.fullmatch(word.raw):
        return timedelta(seconds=parse_duration_s(word.raw) or 0)
    return word.value


class Console:
    """Runs scripts. `menu(path, arguments, where)` answers every command that is not of the language itself."""

    def __init__(self, menu: Callable[["Console", str, dict[str, Any], Callable[[dict[str, Any]], bool]], Any]) -> None:
        self.globals: dict[str, Any] = {}
        self.printed: list[str] = []
        self.logged: list[str] = []
        self.slept_s = 0.0
        self._menu = menu

    def run(self, source: str) -> Any:
        try:
            script = _parsed(source)
        except ScriptError as cause:
            raise RosError(str(cause)) from cause
        return self.call(Code(script.statements), [])

    def call(self, code: Code, arguments: list[Any]) -> Any:
        scope = Scope({str(place): value for place, value in enumerate(arguments, 1)})
        try:
            return self.statements(code.statements, scope)
        except Returned as end:
            return end.value

    def statements(self, found: list[Any], scope: Scope) -> Any:
        value = None
        for statement in found:
            value = self.value(statement, scope)
        return value

    def block(self, node: Block, scope: Scope, names: dict[str, Any] | None = None) -> Any:
        return self.statements(node.statements, Scope(dict(names or {}), scope))

    def value(self, node: Any, scope: Scope) -> Any:
        match node:
            case Word():
                return typed(node)
            case Text():
                return "".join(
                    part if isinstance(part, str) else text_of(self.value(part, scope)) for part in node.parts
                )
            case Variable():
                return self.look(node.name, scope)
            case Group():
                return self.value(node.inner, scope)
            case Array():
                return self.array(node, scope)
            case Operation():
                return self.operation(node.operator, node.operands, scope)
            case Substitution():
                return self.statements(node.statements, scope)
            case Block():
                return self.block(node, scope)
            case Call():
                callee = self.value(node.callee, scope)
                if not isinstance(callee, Code):
                    raise RosError(f"not a function: {node.callee}")
                return self.call(callee, [self.value(item, scope) for item in node.positional])
            case Command():
                return self.command(node, scope)
            case UnknownCommand():
                raise RosError(f"bad command name {node.name}")
            case Navigation() | None:
                return None
        raise TypeError(node)

    def look(self, name: str, scope: Scope) -> Any:
        holder = scope.holder(name)
        if holder is None:
            return None
        return self.globals.get(name) if name in holder.shared else holder.values[name]

    def assign(self, name: str, value: Any, scope: Scope) -> None:
        holder = scope.holder(name)
        if holder is None:
            raise RosError(f"undeclared {name}")
        target = self.globals if name in holder.shared else holder.values
        target[name] = value

    def array(self, node: Array, scope: Scope) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        for key, item in node.items:
            made[len(made) if key is None else self.value(key, scope)] = self.value(item, scope)
        return made

    def operation(self, operator: str, operands: list[Any], scope: Scope) -> Any:
        if operator == "and":
            return all(self.value(item, scope) is True for item in operands)
        if operator == "or":
            return any(self.value(item, scope) is True for item in operands)
        values = [self.value(item, scope) for item in operands]
        if operator == "!":
            return not values[0]
        return reduce(OPERATORS[operator], values)

    def command(self, node: Command, scope: Scope) -> Any:
        language = LANGUAGE.get(node.path)
        if language is not None:
            return language(self, node.arguments, scope)
        if node.path.startswith("/log/"):
            self.logged.append(text_of(self.value(node.arguments["message"], scope)))
            return None
        condition = node.arguments.get("where")
        plain = {key: self.value(item, scope) for key, item in node.arguments.items() if key != "where"}

        def where(item: dict[str, Any]) -> bool:
            if condition is None:
                return True
            bound = dict.fromkeys(condition.properties) | item
            return self.value(condition.expression, Scope(bound, scope)) is True

        return self._menu(self, node.path, plain, where)


def _arrow(left: Any, right: Any) -> Any:
    return left.get(right) if isinstance(left, dict) else None


def _less(left: Any, right: Any) -> bool:
    return left is not None and right is not None and left < right


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    ".": lambda left, right: text_of(left) + text_of(right),
    "=": lambda left, right: left == right or text_of(left) == text_of(right) != "",
    "!=": lambda left, right: not (left == right or text_of(left) == text_of(right)),
    "<": _less,
    ">": lambda left, right: _less(right, left),
    ">=": lambda left, right: not _less(left, right),
    "<=": lambda left, right: not _less(right, left),
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: int(left / right),
    "->": _arrow,
    "~": lambda left, right: re.search(right, text_of(left)) is not None,
}


def _declare(console: Console, given: dict[str, Any], scope: Scope) -> None:
    name, body = given["name"].name, given.get("do")
    value = Code(body.statements) if isinstance(body, Block) else console.value(given.get("value"), scope)
    scope.values[name] = value


def _global(console: Console, given: dict[str, Any], scope: Scope) -> None:
    name = given["name"].name
    scope.shared.add(name)
    if "value" in given:
        console.globals[name] = console.value(given["value"], scope)


def _set(console: Console, given: dict[str, Any], scope: Scope) -> None:
    target, value = given["name"], console.value(given.get("value"), scope)
    if isinstance(target, Variable):
        console.assign(target.name, value, scope)
        return
    base, key = target.inner.operands
    console.value(base, scope)[console.value(key, scope)] = value


def _if(console: Console, given: dict[str, Any], scope: Scope) -> Any:
    held = console.value(given["condition"], scope)
    if not isinstance(held, bool):
        raise RosError("conditional not boolean")
    branch = given.get("do") if held else given.get("else")
    return console.block(branch, scope) if branch is not None else None


def _while(console: Console, given: dict[str, Any], scope: Scope) -> None:
    for _ in range(100_000):
        if console.value(given["condition"], scope) is not True:
            return
        console.block(given["do"], scope)
    raise AssertionError("a loop without an end")


def _foreach(console: Console, given: dict[str, Any], scope: Scope) -> None:
    counter = given["counter"]
    names = [item.name for item in (counter.operands if isinstance(counter, Operation) else [counter])]
    found = console.value(given["in"], scope)
    for key, item in list((found or {}).items()):
        console.block(given["do"], scope, {names[0]: key, names[1]: item} if len(names) > 1 else {names[0]: item})


def _do(console: Console, given: dict[str, Any], scope: Scope) -> None:
    try:
        console.block(given["command"], scope)
    except RosError:
        console.block(given["on-error"], scope)


def _onerror(console: Console, given: dict[str, Any], scope: Scope) -> None:
    try:
        console.block(given["in"], scope)
    except RosError as error:
        console.block(given["do"], scope, {given["error"].name: str(error)})


def _find(console: Console, given: dict[str, Any], scope: Scope) -> int | None:
    place = text_of(console.value(given["in"], scope)).find(text_of(console.value(given["key"], scope)))
    return place if place >= 0 else None


def _pick(console: Console, given: dict[str, Any], scope: Scope) -> str | None:
    text = console.value(given["counter"], scope)
    begin, end = console.value(given["begin"], scope), console.value(given["end"], scope)
    return text_of(text)[begin:end] if text is not None else None


def _number(console: Console, given: dict[str, Any], scope: Scope) -> int | None:
    text = text_of(console.value(given["value"], scope))
    return int(text) if re.fullmatch(r"-?\d+", text) else None


def _parse(console: Console, given: dict[str, Any], scope: Scope) -> Code:
    try:
        return Code(_parsed(text_of(console.value(given["value"], scope))).statements)
    except ScriptError as cause:
        raise RosError(str(cause)) from cause


def _serialize(console: Console, given: dict[str, Any], scope: Scope) -> str:
    return json.dumps(console.value(given["value"], scope))


def _deserialize(console: Console, given: dict[str, Any], scope: Scope) -> Any:
    def arrays(value: Any) -> Any:
        if isinstance(value, list):
            return {place: arrays(item) for place, item in enumerate(value)}
        return {key: arrays(item) for key, item in value.items()} if isinstance(value, dict) else value

    try:
        return arrays(json.loads(text_of(console.value(given["value"], scope))))
    except json.JSONDecodeError as cause:
        raise RosError("failed to parse json") from cause


def _error(console: Console, given: dict[str, Any], scope: Scope) -> None:
    raise RosError(text_of(console.value(given["message"], scope)))


def _return(console: Console, given: dict[str, Any], scope: Scope) -> None:
    raise Returned(console.value(given.get("value"), scope))


def _put(console: Console, given: dict[str, Any], scope: Scope) -> None:
    console.printed.append(text_of(console.value(given["message"], scope)))


def _delay(console: Console, given: dict[str, Any], scope: Scope) -> None:
    console.slept_s += console.value(given["delay-time"], scope).total_seconds()


def _span(console: Console, given: dict[str, Any], scope: Scope) -> timedelta:
    return timedelta(seconds=parse_duration_s(text_of(console.value(given["value"], scope))) or 0)


LANGUAGE: dict[str, Callable[[Console, dict[str, Any], Scope], Any]] = {
    "/local": _declare,
    "/global": _global,
    "/set": _set,
    "/if": _if,
    "/while": _while,
    "/foreach": _foreach,
    "/do": _do,
    "/onerror": _onerror,
    "/find": _find,
    "/pick": _pick,
    "/parse": _parse,
    "/serialize": _serialize,
    "/deserialize": _deserialize,
    "/error": _error,
    "/return": _return,
    "/put": _put,
    "/delay": _delay,
    "/totime": _span,
    "/tonum": _number,
    "/tostr": lambda console, given, scope: text_of(console.value(given["value"], scope)),
    "/toarray": lambda console, given, scope: {},
    "/typeof": lambda console, given, scope: typename(console.value(given["value"], scope)),
    "/len": lambda console, given, scope: (
        len(value) if isinstance(value := console.value(given["value"], scope), dict) else len(text_of(value))
    ),
    "/rndstr": lambda console, given, scope: "r" * console.value(given["length"], scope),
}
