"""`/console/inspect`: what the console's parser knows of menus, commands and arguments.

The four kinds of answers and their fields are those that public captures of 7.9 to 7.24 show. The catalogue has no
help texts and the values of few arguments, so `syntax` explains by kind alone and `completion` offers names.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from tikfleet.routeros.script import catalogue
from tikfleet.routeros.script.catalogue import CommandSpec, Menu
from tikfleet.virtual.menus.request import ARGUMENT, Refused, Row
from tikfleet.virtual.servers.rest_highlight import highlighted

Node: TypeAlias = Menu | CommandSpec | str

# Every capture calls these menus `path` and all others `dir`.
_PATHS: Final = frozenset({"/file", "/interface", "/ip", "/ipv6", "/system", "/tool", "/user"})
_NOTATIONS: Final = {
    catalogue.ADDRESS: "A.B.C.D    (IP address)",
    catalogue.DURATION: "time interval",
    catalogue.TEXT: "string value",
    catalogue.ANYTHING: "see documentation",
    catalogue.BLOCK: "script",
}
_LONGEST_INPUT_BYTES: Final = 32_767
_COMMAND_START: Final = re.compile(r"[;{\[\n]\s*")
_WORD: Final = re.compile(r"[^\s/]*\Z")
_REQUESTS: Final = frozenset({"child", "completion", "error", "highlight", "self", "syntax"})


def inspected(arguments: Mapping[str, str]) -> list[Row]:
    """The records for `request`, `path` (words joined by commas) and `input`; an unknown path has none."""
    request, path, text = (arguments.get(name, "") for name in ("request", "path", "input"))
    if request not in _REQUESTS:
        raise Refused("input does not match any value of request", ARGUMENT)
    if len(text.encode("utf-8", "surrogateescape")) > _LONGEST_INPUT_BYTES:
        raise Refused("input too long", ARGUMENT)
    if request == "highlight":
        return [{"highlight": ",".join(highlighted(text, path)), "type": "highlight"}]
    node = _node(path)
    if node is None:
        return []
    match request:
        case "child":
            return [_named(node, "self"), *(_named(child, "child") for child in _children(node))] if path else _roots()
        case "syntax":
            return list(_syntax(node))
        case "completion" if not isinstance(node, str):
            return list(_completions(node, text))
        case _:
            return []


def _roots() -> list[Row]:
    return [_named(child, "child") for child in _children(catalogue.root())]


def _node(path: str) -> "Node | None":
    """What a path names; an argument is given as its command's path and its own name, `/ip/address/add address`."""
    node: Node | None = catalogue.root()
    for word in path.split(",") if path else []:
        if isinstance(node, Menu):
            node = node.entries.get(word)
        elif isinstance(node, CommandSpec) and word in node.arguments:
            node = f"{node.path} {word}"
        else:
            return None
    return node


def _children(node: Node) -> "list[Node]":
    if isinstance(node, Menu):
        return [node.entries[name] for name in sorted(node.entries)]
    if isinstance(node, CommandSpec):
        return [f"{node.path} {name}" for name in sorted(node.arguments)]
    return []


def _named(node: Node, relation: str) -> Row:
    if isinstance(node, str):
        return {"name": node.rpartition(" ")[2], "node-type": "arg", "type": relation}
    name = node.path.rpartition("/")[2]
    if isinstance(node, CommandSpec):
        return {"name": name, "node-type": "cmd", "type": relation}
    return {"name": name, "node-type": "path" if node.path in _PATHS else "dir", "type": relation}


def _syntax(node: Node) -> Iterator[Row]:
    if isinstance(node, str):
        path, _, name = node.rpartition(" ")
        spec = _node(path[1:].replace("/", ","))
        yield _explained("definition", "", _notation(spec, name) if isinstance(spec, CommandSpec) else "", nested=0)
        return
    yield _explained("collection", "", "", nested=0)
    for child in _children(node):
        yield _explained("explanation", _named(child, "child")["name"], "", nested=1)


def _notation(spec: CommandSpec, name: str) -> str:
    return _NOTATIONS.get(spec.arguments[name][:1], "")


def _explained(kind: str, symbol: str, text: str, *, nested: int) -> Row:
    nonorm = "true" if kind == "collection" else "false"
    return {
        "symbol": symbol,
        "symbol-type": kind,
        "text": text,
        "nested": str(nested),
        "nonorm": nonorm,
        "type": "syntax",
    }


def _completions(start: Menu | CommandSpec, text: str) -> Iterator[Row]:
    """Candidates for the last word of the input, which counts in bytes."""
    begins = [match.end() for match in _COMMAND_START.finditer(text)]
    at = begins[-1] if begins else len(text) - len(text.lstrip())
    node, at = (catalogue.root(), at + 1) if text[at : at + 1] in ("/", ":") else (start, at)
    word_at = len(text) - len(_word(text, at))
    found: Menu | CommandSpec | None = node
    for word in text[at:word_at].replace("/", " ").split():
        if isinstance(found, Menu):
            found = found.entry(word)
    if found is None:
        return
    word = text[word_at:]
    offset = len(text[:word_at].encode("utf-8", "surrogateescape"))
    name, equals, value = word.partition("=")
    if isinstance(found, Menu):
        yield from _offered(sorted(found.entries), word, offset, found)
    elif not equals:
        yield from _offered(sorted(found.arguments), word, offset, found)
    else:
        full = found.argument(name)
        kind = found.arguments[full] if full else ""
        yield from _values(kind, value, offset + len(name.encode("utf-8", "surrogateescape")) + 1)


def _word(text: str, at: int) -> str:
    match = _WORD.search(text, at)
    return match[0] if match else ""


def _offered(names: list[str], word: str, offset: int, node: Menu | CommandSpec) -> Iterator[Row]:
    fitting = [name for name in names if name.startswith(word)]
    for name in fitting:
        entry = node.entries[name] if isinstance(node, Menu) else None
        style = "arg" if entry is None else "dir" if isinstance(entry, Menu) else "cmd"
        yield _candidate(name, offset, 96, style=style)
    if len(fitting) != 1:
        kind = "command" if isinstance(node, Menu) else "parameter"
        yield _candidate("", offset, -20, style="obj-inactive", text=f"unknown {kind}", show=False)


def _values(kind: str, word: str, offset: int) -> Iterator[Row]:
    words = sorted(kind[1:].split("|")) if len(kind) > 1 else ["no", "yes"] if kind == catalogue.BOOLEAN else []
    for value in words:
        if value.startswith(word):
            yield _candidate(value, offset, 96, style="none")
    yield _candidate("<value>", offset, -1, style="none", text=_NOTATIONS.get(kind[:1], "literal value"), show=False)


def _candidate(name: str, offset: int, rank: int, *, style: str, text: str = "", show: bool = True) -> Row:
    return {
        "completion": name,
        "offset": str(offset),
        "preference": str(rank),
        "show": "true" if show else "false",
        "style": style,
        "text": text,
        "type": "completion",
    }
