r"""Scripts with `${name}` in them: each stands for one whole value, written by the typed quoting and never pasted.

`${…}` is no RouterOS syntax outside of strings, so nothing else is taken for one. It may not stand inside quotes (write
`("Branch " . ${site})`), nor touch another word, nor lie in an argument that is a script of its own (`on-event`), where
quoting once is not enough. `\${` stays as it is. Whatever the values hold, the filled script has the same tree as one
with harmless values: that is looked at, by the parser, before it is used.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from tikfleet.routeros.check.walk import constants, nodes
from tikfleet.routeros.script.errors import ScriptError
from tikfleet.routeros.script.parser import parse
from tikfleet.routeros.script.quoting import Address, comma_list, literal, quote
from tikfleet.routeros.script.tree import Command, Node, Operation, Text, UnknownCommand, Variable, Word
from tikfleet.routeros.values import format_duration

Value = str | bool | int | list[str] | timedelta | Address

_PLACEHOLDER: Final = re.compile(r"\$\{([a-z][a-z0-9_.]{0,63})\}")
_BEFORE: Final = frozenset(" \t\r\n=([{;,!<>|&+*/~^")
_AFTER: Final = frozenset(" \t\r\n)]};,<>|&=+*/~^")
_COMMENT_AFTER: Final = frozenset(" \t\r\n{;")
_SENTINEL: Final = "tikfleetvalue"
_SCRIPTS: Final = frozenset(
    {"source", "on-event", "on-up", "on-down", "up-script", "down-script", "test-script", "script", "on-login",
     "on-logout", "lease-script", "on-error", "on-alert", "on-upgrade", "init-script", "on-master", "on-backup"}
)  # fmt: skip
_EVALUATED: Final = frozenset({"/parse", "/execute"})


class TemplateFault(ValueError):
    """A script can't take its values; the text says why, for the one who wrote it."""


class Template:
    """A script cut at its placeholders. Raises TemplateFault for one that stands where no value can."""

    def __init__(self, source: str) -> None:
        self._texts: list[str] = []
        self.names: list[str] = []
        start = 0
        for found in _found(source):
            self._texts.append(source[start : found.start()])
            self.names.append(found[1])
            start = found.end()
        self._texts.append(source[start:])
        self._shape: list[tuple[str, ...]] | None = None

    def fill(self, values: Mapping[str, Value]) -> str:
        """The script with its values. Raises TemplateFault for a value that is missing or has no literal."""
        if not self.names:
            return self._texts[0]
        missing = next((name for name in self.names if name not in values), None)
        if missing is not None:
            raise TemplateFault(f"there is no value for ${{{missing}}}")
        filled = self._join([literal_of(name, values[name]) for name in self.names])
        if any(isinstance(values[name], str | list) for name in self.names):
            self._compare(filled, values)
        return filled

    def _compare(self, filled: str, values: Mapping[str, Value]) -> None:
        """Bare values change no tree whatever they are; quoted ones must not either."""
        quoted = [isinstance(values[name], str | list) for name in self.names]
        harmless = [
            quote(_SENTINEL) if text else literal_of(name, values[name])
            for name, text in zip(self.names, quoted, strict=True)
        ]
        try:
            if self._shape is None:
                self._shape = _checked(parse(self._join(harmless)).statements)
            shape = _shape(parse(filled).statements)
        except ScriptError as cause:
            raise TemplateFault(f"no value can be put safely into a script that cannot be read: {cause}") from cause
        if shape != self._shape:
            raise TemplateFault("a value would change what the script does, not only what it says")

    def _join(self, literals: Sequence[str]) -> str:
        parts = [self._texts[0]]
        for text, after in zip(literals, self._texts[1:], strict=True):
            parts += [text, after]
        return "".join(parts)


def literal_of(name: str, value: Value) -> str:
    """The value in RouterOS's spelling. Raises TemplateFault."""
    try:
        return comma_list(value) if isinstance(value, list) else literal(value)
    except ValueError as cause:
        raise TemplateFault(f"${{{name}}}: {cause}") from cause


def expand(text: str, values: Mapping[str, Value]) -> str:
    """A *value* with others inside (`branch-${device.serial}`), to be quoted as a whole afterwards."""

    def one(found: re.Match[str]) -> str:
        if found[1] not in values:
            raise TemplateFault(f"there is no value for ${{{found[1]}}}")
        value = values[found[1]]
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, timedelta):
            return format_duration(value.total_seconds())
        return ",".join(value) if isinstance(value, list) else str(value)

    return _PLACEHOLDER.sub(one, text)


def _found(source: str) -> Iterator[re.Match[str]]:
    """The placeholders in code. Those in comments are left, those in strings refused."""
    inside: list[str] = []  # what is open: `"` for a string, a bracket for code inside one
    at = 0
    while at < len(source):
        character = source[at]
        found = _PLACEHOLDER.match(source, at)
        if inside and inside[-1] == '"':
            if found:
                raise TemplateFault(f'{found[0]} stands inside quotes: join it, as in ("text " . {found[0]})')
            at += _in_string(source, at, inside)
        elif character == "\\":
            at += 2
        elif found:
            _require_apart(source, found)
            yield found
            at = found.end()
        elif character == "#" and (at == 0 or source[at - 1] in _COMMENT_AFTER) and _begins(source, at):
            end = source.find("\n", at)
            at = len(source) if end < 0 else end
        else:
            _in_code(character, inside)
            at += 1


def _begins(source: str, at: int) -> bool:
    """Whether a statement may begin here: only then `#` begins a comment."""
    before = source[:at].rstrip(" \t")
    return not before or before[-1] in "\n\r{;"


def _in_string(source: str, at: int, inside: list[str]) -> int:
    """Step through a string; gives how many characters. `$[` and `$(` open code inside it."""
    if source[at] == "\\":
        return 2
    if source[at] == '"':
        inside.pop()
    elif source[at : at + 2] in ("$[", "$("):
        inside.append(source[at + 1])
        return 2
    return 1


def _in_code(character: str, inside: list[str]) -> None:
    if character == '"' or (inside and character in "[("):
        inside.append(character)
    elif inside and character in "])":
        inside.pop()


def _require_apart(source: str, found: re.Match[str]) -> None:
    before = source[found.start() - 1] if found.start() else " "
    after = source[found.end()] if found.end() < len(source) else " "
    if before not in _BEFORE or after not in _AFTER:
        raise TemplateFault(f"{found[0]} touches another word: put a blank between them, or join them with a dot")


def _shape(statements: Sequence[Node]) -> list[tuple[str, ...]]:
    """What a script does, without what it says: every node by its kind and the names in it."""
    shape: list[tuple[str, ...]] = []
    for node in nodes(statements):
        match node:
            case Command():
                shape.append(("command", node.path, *node.arguments))
            case UnknownCommand():
                shape.append(("unknown", node.menu, node.name, str(len(node.positional)), *node.named))
            case Variable():
                shape.append(("variable", node.name))
            case Operation():
                shape.append(("operation", node.operator))
            case Text() | Word():
                shape.append(("constant",))
            case _:
                shape.append((type(node).__name__,))
    return shape


def _checked(statements: Sequence[Node]) -> list[tuple[str, ...]]:
    """The shape of the harmless script. Raises TemplateFault where a value lies in a script within the script."""
    for node in nodes(statements):
        if not isinstance(node, Command):
            continue
        for name, argument in node.arguments.items():
            if (name in _SCRIPTS or node.path in _EVALUATED) and any(_SENTINEL in text for text in constants(argument)):
                raise TemplateFault(
                    f"a value stands in {name}, which is a script of its own: a value there would be code"
                )
    return _shape(statements)
