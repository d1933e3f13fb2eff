"""Read the text of `/export`, of any release and form: compact, verbose, terse, wrapped, with secrets or without.

The form was learned from recorded exports of RouterOS 6.4x to 7.18 and from the manual's page on configuration
management. It is a small part of the script language, read here without the console's catalogue, so that menus of
any release and package can be read, and quickly.
"""

import re
from collections.abc import Iterator
from typing import Final

from tikfleet.routeros.export.model import (
    NOTHING,
    Configuration,
    Header,
    Item,
    Selector,
    Unexported,
    Unread,
    Value,
    Verb,
)

_STRING: Final = r'"((?:[^"\\]++|\\.)*+)"'
_TOKEN: Final = re.compile(
    rf'(!?\.?[a-z0-9][a-z0-9./-]*)(?:(=)(?:{_STRING}|([^\s"]\S*+)?))?(?=\s|$)'  # name, =, quoted, bare
    rf'|\[\s*find\b((?:[^"\]]++|"(?:[^"\\]++|\\.)*+")*+)\]'  # conditions
    rf"|{_STRING}(?=\s|$)"  # a quoted name
    r"|(\S++)",  # what is none of these
    re.DOTALL | re.ASCII,
)
_SECTION: Final = re.compile(r"/[a-z0-9](?:[a-z0-9 /-]*[a-z0-9])?")
_TERSE: Final = re.compile(r"(/[a-z0-9](?:[a-z0-9 /-]*?[a-z0-9])?)[ /](add|set)(?:\s+(.*))?", re.DOTALL)
_COMMAND: Final = re.compile(r"(add|set)(?:\s+(.*))?", re.DOTALL)
_ERROR: Final = re.compile(r'#\s*error exporting "?(/[^"(]*?)"?\s*(?:\((.*)\))?\s*')
_INTERRUPTED: Final = re.compile(r"#\s*interrupted\s*")
_WRITTEN: Final = re.compile(r"#\s*(?:(\S+ \S+) )?by RouterOS (\S+)")
_FACT: Final = re.compile(r"#\s*(software id|model|serial number)\s*=\s*(.*?)\s*")
_ESCAPE: Final = re.compile(r'\\(?:([0-9A-Fa-f]{2})|([nrtabfv_"\\$?]))')
_LETTERS: Final = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "_": " "}
_ODD_BACKSLASHES: Final = re.compile(r"(?<!\\)(?:\\\\)*\\$")
_WORD: Final = re.compile(r"[A-Za-z0-9*][^\s=]*")
# A string that is not closed on its line may go on; more lines than this and the export is broken.
_LONGEST_STRING: Final = 2_000


def read(text: str | bytes) -> Configuration:
    """The configuration that an export describes. Never raises: what is not understood is in `unread`."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    reader = _Reader()
    for number, line in _logical_lines(data.decode("utf-8", "surrogateescape")):
        reader.take(number, line)
    found = reader.configuration
    found.header = Header(**reader.facts)
    found.menus = {menu: items for menu, items in found.menus.items() if items}
    return found


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, wrapped ones joined: a wrap drops the blanks before what follows."""
    pieces: list[str] = []
    first = 0
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.removesuffix("\r")
        if pieces:
            line = line.lstrip(" \t")
        elif line.startswith("#"):
            yield number, line
            continue
        else:
            first = number
        if line.endswith("\\") and _ODD_BACKSLASHES.search(line):
            pieces.append(line[:-1])
        elif pieces:
            yield first, "".join([*pieces, line])
            pieces = []
        else:
            yield number, line
    if pieces:
        yield first, "".join(pieces)


class _Reader:
    """Where in the export we are."""

    def __init__(self) -> None:
        self.configuration = Configuration()
        self.facts: dict[str, str] = {}
        self._items: list[Item] | None = None
        self._settings: dict[tuple[int, Selector], Item] = {}
        self._open: tuple[int, list[str]] | None = None

    def take(self, number: int, line: str) -> None:
        if self._open is not None:
            self._continue(line)
            return
        if line.startswith(("add ", "set ")) or line in ("add", "set"):
            match = _COMMAND.fullmatch(line)
        else:
            stripped = line.strip(" \t")
            if not stripped:
                return
            if stripped.startswith("#"):
                self._comment(stripped)
                return
            match = None if stripped.startswith("/") else _COMMAND.fullmatch(stripped)
            if match is None:
                self._section(number, stripped)
                return
        if match is None or self._items is None or not self._item(self._items, match[1], match[2], number):
            self._unread(number, line)

    def _continue(self, line: str) -> None:
        """Another line of a string that holds line breaks."""
        assert self._open is not None
        number, lines = self._open
        lines.append(line)
        if line.count('"') % 2 == 0 and len(lines) < _LONGEST_STRING:
            return
        self._open = None
        before = len(self.configuration.unread)
        self.take(number, "\n".join(lines))
        if self._open is not None or len(self.configuration.unread) > before:
            self._open = None
            del self.configuration.unread[before:]
            self.configuration.unread.append(Unread(number, lines[0]))

    def _comment(self, line: str) -> None:
        error = _ERROR.fullmatch(line)
        if error is not None:
            self.configuration.unexported.append(Unexported(_path(error[1]), error[2] or ""))
            return
        if _INTERRUPTED.fullmatch(line):
            self.configuration.interrupted = True
        elif (written := _WRITTEN.match(line)) is not None and "version" not in self.facts:
            self.facts |= {"written": written[1] or "", "version": written[2]}
        elif (fact := _FACT.fullmatch(line)) is not None:
            name = {"software id": "software_id", "serial number": "serial"}.get(fact[1], fact[1])
            self.facts.setdefault(name, fact[2])

    def _section(self, number: int, line: str) -> None:
        if (terse := _TERSE.fullmatch(line)) is not None:
            items = self._menu(_path(terse[1]))
            if not self._item(items, terse[2], terse[3], number):
                self._unread(number, line)
        elif _SECTION.fullmatch(line):
            self._items = self._menu(_path(line))
        else:
            self._unread(number, line)

    def _menu(self, path: str) -> list[Item]:
        return self.configuration.menus.setdefault(path, [])

    def _item(self, items: list[Item], verb: str, rest: str | None, number: int) -> bool:
        """Read the arguments of one command into the menu; whether they are understood."""
        values: dict[str, Value] = {}
        selector: Selector | None = NOTHING if verb == Verb.ADD else None
        prefix = ""
        for name, equals, quoted, bare, conditions, text, other in _TOKEN.findall(rest or ""):
            if equals:
                if name[0] == ".":
                    name = prefix + name  # noqa: PLW2901 - the name that stands for the short one
                prefix = name.rpartition(".")[0]
                value = bare or quoted
                values[name] = unescaped(value) if "\\" in value else value
            elif name and name[0] == "!":
                values.pop(name[1:], None)
            elif selector is None and not values and not text and (conditions or name or _WORD.fullmatch(other)):
                selector = _conditions(conditions) if conditions else (("", name or other),)
            elif selector is None and text:
                selector = (("", unescaped(text)),)
            elif name:
                values[name] = None
            elif other and '"' in other and other.count('"') % 2 and self._open is None:
                self._open = (number, [f"{verb} {rest}"])
                self._items = items
                return True
            elif other or text or conditions:
                return False
        if verb == Verb.ADD:
            items.append(Item(Verb.ADD, NOTHING, values, number))
        else:
            self._set(items, selector or NOTHING, values, number)
        return True

    def _set(self, items: list[Item], selector: Selector, values: dict[str, Value], number: int) -> None:
        """A later `set` of the same thing adds to the earlier."""
        known = self._settings.get((id(items), selector))
        if known is not None:
            known.values.update(values)
            return
        item = self._settings[id(items), selector] = Item(Verb.SET, selector, values, number)
        items.append(item)

    def _unread(self, number: int, line: str) -> None:
        self.configuration.unread.append(Unread(number, line))


def unescaped(text: str) -> str:
    """The text that a quoted string stands for; bytes that are no UTF-8 become surrogates."""
    if "\\" not in text:
        return text
    raw = text.encode("utf-8", "surrogateescape").decode("latin-1")
    return _ESCAPE.sub(_unescape, raw).encode("latin-1").decode("utf-8", "surrogateescape")


def _unescape(match: re.Match[str]) -> str:
    code, letter = match.groups()
    return chr(int(code, 16)) if code is not None else _LETTERS.get(letter, letter)


def _path(text: str) -> str:
    return "/" + "/".join(text.replace("/", " ").split())


def _conditions(text: str) -> Selector:
    """`default-name=ether1` as pairs. An empty `[ find ]`, which means every item, is a pair without name or value."""
    found = [
        (name, unescaped(quoted) if quoted else bare)
        for name, equals, quoted, bare, *_ in _TOKEN.findall(text)
        if equals
    ]
    return tuple(found) or (("", ""),)
