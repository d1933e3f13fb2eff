"""Source text for a parsed script: one spelling for what RouterOS reads as the same.

Full paths, full argument names, one command a line. Parsing the text again gives the same intermediate form, but for
the positions of unknown commands. Comments are not part of the tree and do not come back.
"""

import re
from itertools import zip_longest
from typing import Final

from tikfleet.routeros.script import catalogue
from tikfleet.routeros.script.catalogue import CommandSpec, Menu
from tikfleet.routeros.script.quoting import quote
from tikfleet.routeros.script.tree import (
    Array,
    Block,
    Call,
    Command,
    Condition,
    Group,
    Navigation,
    Node,
    Operation,
    Script,
    Substitution,
    Text,
    UnknownCommand,
    Unset,
    Variable,
    Word,
)

_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9]+")
_TIGHT: Final = "->"


def source(script: Script) -> str:
    """The text of a script."""
    return _lines(script.statements).encode("latin-1").decode("utf-8", "surrogateescape")


def _lines(statements: list[Node]) -> str:
    """Statements one a line; an empty one, which RouterOS notes, needs a `;` before it."""
    texts = [_print(statement) for statement in statements]
    if texts == [""]:
        return "\n"
    # Before an empty command the line goes on behind a `;`, and the last one needs no end of its own.
    ends = ["\n" if text else "; " for text in texts[1:]]
    if texts and texts[-1]:
        ends.append("\n")
    return "".join(text + end for text, end in zip_longest(texts, ends, fillvalue=""))


def _print(node: Node) -> str:
    match node:
        case Word():
            return node.raw or node.value or '""'
        case Variable():
            return f"${_name(node.name)}"
        case Text():
            return f'"{"".join(_piece(part) for part in node.parts)}"'
        case Group():
            return f"({_print(node.inner) if node.inner != Word('', '') else ''})"
        case Operation():
            return _operation(node)
        case Command():
            return _command(node)
        case Call():
            return " ".join([_print(node.callee), *_free_arguments(node)])
        case Substitution():
            return f"[{_lines(node.statements).removesuffix(chr(10))}]"
        case Block():
            return _block(node)
        case Navigation():
            return (node.menu or "/") if node.written else ""
        case Array():
            return _array(node)
        case Unset():
            return ""
        case Condition():
            return "" if node.expression is None else _print(node.expression)
        case UnknownCommand():
            return " ".join([f"{node.menu}/{node.name}", *_free_arguments(node)])


def _name(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else quote(name.encode("latin-1"))


def _piece(part: "str | Node") -> str:
    if isinstance(part, str):
        # A run of characters stood in the source as it is; a single one may have been an escape.
        return part if len(part) > 1 else quote(part.encode("latin-1"))[1:-1]
    if isinstance(part, Group | Substitution):
        return "$" + _print(part)
    return f"$({_print(part)})"


def _operation(node: Operation) -> str:
    operands = [_print(operand) for operand in node.operands]
    if len(operands) == 1:
        return node.operator + operands[0]
    if node.operator in (" ", _TIGHT):
        return node.operator.join(operands)
    return f" {node.operator} ".join(operands)


def _command(node: Command) -> str:
    spec = _spec(node.path)
    head = node.path if node.path.count("/") > 1 else ":" + node.path[1:]
    return " ".join([head, *(_argument(spec, name, value) for name, value in node.arguments.items())])


def _argument(spec: CommandSpec | None, name: str, value: Node) -> str:
    if isinstance(value, Unset):
        return f"!{name}"
    if isinstance(value, Condition):
        return f"{name} {_print(value)}".rstrip()
    kind = None if spec is None else spec.arguments.get(name)
    if kind == catalogue.FLAG:
        return name
    if kind == catalogue.NAME:
        if isinstance(value, Variable):
            return f"{name}={_name(value.name)}"
        if isinstance(value, Operation):
            return f"{name}={','.join(v.name for v in value.operands if isinstance(v, Variable))}"
    return f"{name}={_print(value)}"


def _free_arguments(node: Call | UnknownCommand) -> list[str]:
    words = [_print(value) for value in node.positional]
    return [*words, *(f"{name}={_print(value)}" for name, value in node.named.items())]


def _block(node: Block) -> str:
    head = "" if node.menu is None else f"{node.menu} "
    return f"{head}{{{_lines(node.statements)}}}"


def _array(node: Array) -> str:
    items = [_print(value) if key is None else f"{_print(key)}={_print(value)}" for key, value in node.items]
    return f"{{{';'.join(items)}}}"


def _spec(path: str) -> CommandSpec | None:
    """The catalogue's entry of a command, which tells names of variables from values."""
    entry: Menu | CommandSpec | None = catalogue.root()
    for name in path.split("/")[1:]:
        entry = entry.entry(name) if isinstance(entry, Menu) else None
    return entry if isinstance(entry, CommandSpec) else None
