"""`/console/inspect request=highlight`: the class of every byte of console input.

The names of the classes and the rule that one byte is the error, with nothing classified behind it, are from public
captures. Where the error is, the parser says; between, this reads words by the catalogue. [unverified: classes of
abbreviations, of arguments inside substitutions, and of names declared outside of the input]
"""

import re
from typing import Final

from tikfleet.routeros.script import catalogue
from tikfleet.routeros.script.catalogue import CommandSpec, Menu
from tikfleet.routeros.script.errors import ScriptError
from tikfleet.routeros.script.parser import parse

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+")
_ARGUMENT: Final = re.compile(r"!?([A-Za-z0-9.][A-Za-z0-9._-]*)")
_VARIABLE: Final = re.compile(r"[A-Za-z0-9]+")
_ESCAPE: Final = re.compile(r"\\(?:[0-9A-F]{2}|\r?\n[ \t]*|.)", re.DOTALL)
_LITERAL: Final = re.compile(r"[^\s;\"$\[\](){}=\\]+")
_DECLARES: Final = {
    "/local": "variable-local",
    "/global": "variable-global",
    "/for": "variable-auto",
    "/foreach": "variable-auto",
}
_OPENING: Final = "{[("
_CLOSING: Final = "}])"


def highlighted(text: str, path: str = "") -> list[str]:
    """One class for each byte of the input, as if typed in the menu that the words of `path` name."""
    source = text.encode("utf-8", "surrogateescape").decode("latin-1")
    menu = _menu(path)
    classes = _Highlighter(source, menu).classes if source else []
    placed = f"{menu.path}\n" if menu.path else ""
    try:
        parse((placed + source).encode("latin-1"))
    except ScriptError as fault:
        at = _offset(placed + source, fault) - len(placed)
        if at < len(source):
            classes[at:] = ["error", *["none"] * (len(source) - at - 1)]
    return classes


def _menu(path: str) -> Menu:
    menu = catalogue.root()
    for word in path.split(",") if path else []:
        entry = menu.entries.get(word)
        if isinstance(entry, Menu):
            menu = entry
    return menu


def _offset(source: str, fault: ScriptError) -> int:
    before = source.split("\n")[: fault.line - 1]
    return sum(len(line) + 1 for line in before) + fault.column - 1


class _Highlighter:
    """Reads once from left to right. A command lasts until its line, block or substitution ends."""

    def __init__(self, text: str, menu: Menu) -> None:
        self._text = text
        self._at = 0
        self._menu = menu
        self._command: CommandSpec | None = None
        self._starts = True
        self._variables: dict[str, str] = {}
        self._outer: list[tuple[Menu, CommandSpec | None]] = []
        self.classes = ["none"] * len(text)
        while self._at < len(text):
            self._next(text[self._at])

    def _mark(self, length: int, kind: str) -> None:
        self.classes[self._at : self._at + length] = [kind] * length
        self._at += length

    def _next(self, char: str) -> None:
        if char in ";\n":
            self._mark(1, "syntax-meta" if char == ";" else "none")
            self._starts, self._command = True, None
        elif char.isspace():
            self._at += 1
        elif char == "#" and self._starts:
            end = self._text.find("\n", self._at)
            self._mark((end if end >= 0 else len(self._text)) - self._at, "comment")
        elif char == '"':
            self._string()
        elif char == "$":
            self._variable()
        elif char in _OPENING:
            self._outer.append((self._menu, self._command))
            self._starts, self._command = char != "(", None
            self._mark(1, "syntax-meta")
        elif char in _CLOSING:
            self._menu, self._command = self._outer.pop() if self._outer else (self._menu, None)
            self._starts = False
            self._mark(1, "syntax-meta")
        elif char in "=,":
            self._mark(1, "syntax-meta")
        elif self._starts:
            self._name(char)
        else:
            self._argument()

    def _name(self, char: str) -> None:
        """A menu or command; slashes and the colon belong to the path."""
        if char in "/:":
            self._menu = catalogue.root() if char == "/" else self._menu
            self._mark(1, "dir")
            return
        match = _NAME.match(self._text, self._at)
        if match is None:
            self._at += 1
            return
        colon = self._at > 0 and self._text[self._at - 1] == ":"
        entry = None if colon else self._menu.entry(match[0])
        entry = entry or catalogue.root().entry(match[0])
        if isinstance(entry, Menu):
            self._mark(len(match[0]), "dir")
            self._menu = entry
            if self._text[self._at : self._at + 1] == "/":
                self._mark(1, "dir")
            return
        self._mark(len(match[0]), "cmd" if entry is not None else "obj-inactive")
        self._command, self._starts = entry, False

    def _argument(self) -> None:
        spec = self._command
        match = _ARGUMENT.match(self._text, self._at)
        if spec is not None and match is not None:
            name = spec.argument(match[1])
            valued = self._text[match.end() : match.end() + 1] == "="
            if spec.path in _DECLARES and not valued:
                self._variables.setdefault(match[1], _DECLARES[spec.path])
                self._mark(len(match[0]), self._variables[match[1]])
                return
            if name is not None and (valued or spec.arguments[name][0] in (catalogue.FREE, catalogue.WHERE)):
                self._mark(len(match[0]), "arg")
                return
            if valued or match[1] in spec.menu.properties:
                known = match[1] in spec.menu.properties
                self._mark(len(match[0]), "variable-local" if known else "obj-inactive")
                return
        literal = _LITERAL.match(self._text, self._at)
        self._at += len(literal[0]) if literal else 1

    def _variable(self) -> None:
        self._mark(1, "syntax-meta")
        match = _VARIABLE.match(self._text, self._at)
        if match is not None:
            self._mark(len(match[0]), self._variables.get(match[0], "variable-parameter"))

    def _string(self) -> None:
        self._mark(1, "syntax-meta")
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == '"':
                self._mark(1, "syntax-meta")
                return
            if char == "\\":
                match = _ESCAPE.match(self._text, self._at)
                self._mark(len(match[0]) if match else 1, "escaped")
            elif char == "$":
                self._variable()
            else:
                self._at += 1
