"""Every node of a parsed script, once."""

from collections.abc import Iterator, Sequence

from tikfleet.routeros.script.tree import (
    Array,
    Block,
    Call,
    Command,
    Condition,
    Group,
    Node,
    Operation,
    Substitution,
    Text,
    UnknownCommand,
    Word,
)


def nodes(statements: Sequence[Node]) -> Iterator[Node]:
    """All nodes in the order of the source. A value that two arguments share comes once."""
    seen: set[int] = set()
    waiting = list(reversed(statements))
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        waiting.extend(reversed(_below(node)))


def _below(node: Node) -> list[Node]:
    match node:
        case Text():
            return [part for part in node.parts if not isinstance(part, str)]
        case Operation():
            return node.operands
        case Group():
            return [node.inner]
        case Array():
            return [part for pair in node.items for part in pair if part is not None]
        case Condition():
            return [] if node.expression is None else [node.expression]
        case Command():
            return list(node.arguments.values())
        case Call():
            return [node.callee, *node.positional, *node.named.values()]
        case UnknownCommand():
            return [*node.positional, *node.named.values()]
        case Block() | Substitution():
            return node.statements
        case _:
            return []


def constant(node: Node | None) -> str | None:
    """The text of a value that is written out; `None` if it is computed."""
    text = node.raw if isinstance(node, Word) else node.constant() if isinstance(node, Text) else None
    return None if text is None else text.encode("latin-1", "replace").decode("utf-8", "replace")


def constants(node: Node) -> set[str]:
    """All texts written out anywhere in a node."""
    return {text for below in nodes([node]) if (text := constant(below)) is not None}
