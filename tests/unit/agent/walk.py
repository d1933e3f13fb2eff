"""Walks over parsed scripts: every node, every command, and which variables a place can see."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from tikfleet.routeros.script.tree import Block, Command, Condition, Text, UnknownCommand, Variable, Word

LOOPS = {"/foreach", "/for"}


def nodes(node: Any) -> Iterator[Any]:
    """The node and all below it."""
    if isinstance(node, list | tuple):
        for item in node:
            yield from nodes(item)
    elif isinstance(node, dict):
        yield from nodes(list(node.values()))
    elif is_dataclass(node):
        yield node
        for part in fields(node):
            yield from nodes(getattr(node, part.name))


def commands(node: Any) -> list[Command]:
    return [item for item in nodes(node) if isinstance(item, Command)]


def unknown(node: Any) -> list[str]:
    return [item.name for item in nodes(node) if isinstance(item, UnknownCommand)]


def texts(node: Any) -> Iterator[str]:
    """Every string that interpolates nothing."""
    for item in nodes(node):
        if isinstance(item, Text) and all(isinstance(part, str) for part in item.parts):
            yield "".join(str(part) for part in item.parts)


def unseen(node: Any, known: frozenset[str] = frozenset()) -> list[str]:
    """Variables that are used where no declaration reaches, as RouterOS scopes them.

    A block sees what is declared before it around it; a function (`:local name do={}`) sees nothing from outside.
    A variable that hides a property inside a `where` is named too, as `where NAME`.
    """
    found: list[str] = []
    _visit(node, set(known), found)
    return found


def _visit(node: Any, scope: set[str], found: list[str]) -> None:
    if isinstance(node, Variable):
        if not node.name.isdigit() and node.name not in scope:
            found.append(node.name)
    elif isinstance(node, Block):
        inner = set(scope)
        for statement in node.statements:
            _visit(statement, inner, found)
    elif isinstance(node, Condition):
        found += [f"where {name}" for name in node.properties if name in scope]
        _visit(node.expression, scope | set(node.properties), found)
    elif isinstance(node, Command):
        _command(node, scope, found)
    elif isinstance(node, list | tuple):
        for item in node:
            _visit(item, scope, found)
    elif isinstance(node, dict):
        _visit(list(node.values()), scope, found)
    elif is_dataclass(node):
        for part in fields(node):
            _visit(getattr(node, part.name), scope, found)


def _command(node: Command, scope: set[str], found: list[str]) -> None:
    if node.path in {"/local", "/global"}:
        name = _name(node.arguments["name"])
        if isinstance(node.arguments.get("do"), Block):
            _visit(node.arguments["do"], set(), found)
        else:
            _visit([value for key, value in node.arguments.items() if key != "name"], scope, found)
        scope.add(name)
    elif node.path in LOOPS:
        _visit(node.arguments["in"], scope, found)
        counter = node.arguments["counter"]
        names = {_name(item) for item in nodes(counter) if isinstance(item, Word | Variable | Text)}
        _visit(node.arguments["do"], scope | names, found)
    elif node.path == "/onerror":
        _visit(node.arguments["in"], scope, found)
        _visit(node.arguments["do"], scope | {_name(node.arguments["error"])}, found)
    elif node.path == "/set":
        target = node.arguments["name"]
        if isinstance(target, Word | Text):
            if _name(target) not in scope:
                found.append(_name(target))
        else:
            _visit(target, scope, found)
        _visit([value for key, value in node.arguments.items() if key != "name"], scope, found)
    else:
        _visit(node.arguments, scope, found)


def _name(node: Any) -> str:
    match node:
        case Word():
            return node.raw
        case Variable():
            return node.name
        case Text():
            return "".join(str(part) for part in node.parts)
    raise TypeError(node)
