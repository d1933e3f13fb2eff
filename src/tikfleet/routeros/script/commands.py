"""Commands: menus, arguments, blocks, and values called as functions."""

import re
from typing import Final

from tikfleet.routeros.script import catalogue, literals
from tikfleet.routeros.script.catalogue import CommandSpec, Menu
from tikfleet.routeros.script.expressions import Expressions, juxtaposed
from tikfleet.routeros.script.tree import (
    Call,
    Command,
    Condition,
    Fault,
    Navigation,
    Node,
    Operation,
    Text,
    UnknownCommand,
    Unset,
    Variable,
    Word,
)

_NAME: Final = re.compile(r"[a-z0-9.-][A-Za-z0-9._-]*")
_NAMED: Final = re.compile(r"([A-Za-z0-9_.-]+)=")
_ARGUMENT: Final = re.compile(r"!?([A-Za-z0-9.][A-Za-z0-9./-]*)(=?)")
_SUPERFLUOUS: Final = re.compile(r"(?<=\s)([A-Za-z0-9.-][A-Za-z0-9./-]*)(=?)")
_VALUE: Final = re.compile(r"[^\s;\"$\[\](){}='\\][^\s;\"$\[\](){}=\\]*")
_POSITIONAL: Final = re.compile(r"[^\s;\"$\[\](){}=:<>?`\\][^\s;\"$\[\](){}=<>\\]*")
_VARIABLE_NAMES: Final = re.compile(r"[A-Za-z0-9]+(?:,[A-Za-z0-9]+)*")
_ENDS: Final = frozenset({"", "\n", ";", "]", "}"})
# Kinds that a bare name may stand for: flags, and `where` before its condition.
_BARE: Final = frozenset({catalogue.FREE, catalogue.FLAG, catalogue.BOOLEAN, catalogue.WHERE})
_VALUE_STARTS: Final = frozenset('"$[({')
_TRUE: Final = Word("", "true")


class Commands(Expressions):
    """The parser: starts in the root menu and follows menus as the console does."""

    def __init__(self, text: str, *, strict: bool, root: Menu) -> None:
        super().__init__(text)
        self.strict: Final = strict
        self.root: Final = root
        self.menu = self.root

    def statements(self, closing: str) -> list[Node]:
        menu = self.menu
        found = [self.statement()]
        while (char := self.blanks()) != closing:
            if char in (";", "\n"):
                self.line_end()
                if self.peek() == closing:
                    break
                found.append(self.statement())
            elif char:
                self.fail("expected end of command")
            else:
                self.fail("missing closing brace" if closing == "}" else "missing closing bracket")
        self.pos += len(closing)
        self.menu = menu
        return found

    def statement(self) -> Node:
        char = self.comments()
        start = self.pos
        node = self._statement(char)
        if isinstance(node, Command):
            node.at = start
        return node

    def _statement(self, char: str) -> Node:
        if char in _ENDS:
            return Navigation(self.menu.path)
        if char == "{":
            return self.block()
        if char == "$":
            return self.call(self.variable())
        if char == "(":
            return self.call(self.group())
        if char == "[":
            return self.call(self.substitution())
        if char == ":":
            self.pos += 1
            return self.named(self.root, keep_menu=True)
        if char == "/":
            return self._absolute()
        return self.named(self.menu)

    def _absolute(self) -> Node:
        self.pos += 1
        if self.blanks() in _ENDS:
            self.menu = self.root
            return Navigation(self.root.path, written=True)
        return self.named(self.root)

    def named(self, menu: Menu, *, keep_menu: bool = False) -> Node:
        """A command or menu by name, first looked for in the given menu."""
        if menu is not self.root and self.text.startswith("..", self.pos):
            self.pos += 2
            return self._inside(self.parent(menu), adjacent=True)
        start = self.pos
        match = _NAME.match(self.text, start)
        if match is None:
            self.fail("expected command name")
        self.pos = match.end()
        entry = menu.entry(match[0])
        if entry is None and menu is not self.root:
            entry = self.root.entries.get(match[0])
            if isinstance(entry, Menu):
                entry = None
        if entry is None:
            return self.unknown(menu, match[0], start)
        return self._follow(entry, keep_menu=keep_menu)

    def _follow(self, entry: Menu | CommandSpec, *, keep_menu: bool) -> Node:
        if isinstance(entry, Menu):
            return self._inside(entry, keep_menu=keep_menu)
        return self.arguments(entry, keep_menu=keep_menu)

    def parent(self, menu: Menu) -> Menu:
        above: Menu = self.root
        for name in menu.path.split("/")[1:-1]:
            entry = above.entries[name]
            if isinstance(entry, Menu):
                above = entry
        return above

    def _inside(self, menu: Menu, *, adjacent: bool = False, keep_menu: bool = False) -> Node:
        """What follows the name of a menu: another name, a block, or the end."""
        start = self.pos
        char = self.blanks()
        if char == "/":
            self.pos += 1
            char = self.blanks()
        elif self.pos == start and char not in _ENDS and char != "{" and not adjacent:
            self.fail("expected command name")
        if char in _ENDS:
            self.menu = menu
            return Navigation(menu.path, written=True)
        if char == "{":
            outer, self.menu = self.menu, menu
            block = self.block()
            block.menu = menu.path
            self.menu = outer
            return block
        match = _NAME.match(self.text, self.pos)
        if match is None:
            self.fail("expected command name")
        entry = menu.entry(match[0])
        if entry is None:
            start, self.pos = self.pos, match.end()
            return self.unknown(menu, match[0], start)
        self.pos = match.end()
        return self._follow(entry, keep_menu=keep_menu)

    def unknown(self, menu: Menu, name: str, start: int) -> UnknownCommand:
        command = UnknownCommand(menu.path, name, *self.place(start))
        self._free_arguments(command, after_word=True)
        return command

    def call(self, callee: Node) -> Call:
        call = Call(callee)
        self._free_arguments(call, after_word=isinstance(callee, Variable))
        return call

    def _free_arguments(self, call: Call | UnknownCommand, *, after_word: bool) -> None:
        """Arguments of what has no specification: anything goes, and words stay as written."""
        while True:
            start = self.pos
            char = self.blanks()
            if char in _ENDS:
                return
            if after_word and self.pos == start:
                self.fail("syntax error")
            after_word = char not in _VALUE_STARTS
            match = _NAMED.match(self.text, self.pos)
            if match is not None:
                self.pos = match.end()
                after_word = self.peek() not in _VALUE_STARTS
                call.named[match[1]] = self._free_value(call, match[1])
            elif char in _VALUE_STARTS and char != "{":
                call.positional.append(self.primary(char))
            else:
                call.positional.append(self._free_word())

    def _free_value(self, call: Call | UnknownCommand, name: str) -> Node:
        at = self.pos - 1
        value = self.value(catalogue.FREE, name)
        # Seen in recorded answers: an unknown command takes constant strings and substitutions, nothing in between.
        if isinstance(call, UnknownCommand) and isinstance(value, Text) and value.constant() is None:
            self.fail("syntax error", at)
        return value

    def _free_word(self) -> Word:
        match = _POSITIONAL.match(self.text, self.pos)
        if match is None:
            self.fail("syntax error")
        self.pos = match.end()
        return Word(match[0], match[0])

    def arguments(self, spec: CommandSpec, *, keep_menu: bool) -> Command:
        """The arguments of a known command; commands in brackets inside them start in its menu.

        Not so behind a colon: `:log info [get 0]` looks for `get` where the script stands.
        """
        outer = self.menu
        if spec.menu is not self.root and not keep_menu:
            self.menu = spec.menu
        command = Command(spec.path)
        self._arguments(spec, command)
        self.menu = outer
        return command

    def _arguments(self, spec: CommandSpec, command: Command) -> None:
        given = command.arguments
        latest: Node = _TRUE
        prefix = ""
        after_word, first = True, True
        while True:
            start = self.pos
            char = self.blanks()
            if char in _ENDS:
                return
            if after_word and self.pos == start and not (first and char in _VALUE_STARTS):
                self.fail("expected end of command")
            first, after_word = False, char not in _VALUE_STARTS
            at = self.pos
            name, valued = self._argument_name(spec, prefix)
            if name is None:
                if self._nameless(spec, command, char):
                    name = next(reversed(given))
                    latest = given[name]
            elif not valued:
                given[name] = latest
            elif spec.arguments[name] == catalogue.WHERE:
                if self.text[self.pos - 1] == "=" and self.blanks() in _ENDS:
                    self.fail("missing value for where")
                given[name] = self.condition(spec)
            else:
                prefix = name.rpartition(".")[0]
                after_word = self.peek() not in _VALUE_STARTS
                latest = given[name] = self.value(spec.arguments[name], name)
            if name is not None:
                command.places.setdefault(name, at)

    def _argument_name(self, spec: CommandSpec, prefix: str) -> tuple[str | None, bool]:
        """The argument that is named here, and whether a value follows; a bare name is a flag.

        A name that starts with a dot continues the prefix before it: `channel.band=5ghz-ax .width=20mhz`.
        """
        match = _ARGUMENT.match(self.text, self.pos)
        if match is None:
            return None, False
        name = spec.argument(prefix + match[1] if match[1].startswith(".") and prefix else match[1])
        if name is None:
            return None, False
        kind = spec.arguments[name]
        if not match[2] and kind[0] not in _BARE:
            return None, False
        if kind == catalogue.FLAG:
            self.pos = match.end(1)
            return name, False
        self.pos = match.end()
        return name, bool(match[2]) or kind == catalogue.WHERE

    def _nameless(self, spec: CommandSpec, command: Command, char: str) -> bool:
        """What does not start with the name of a flag or `name=`: whether it gave an argument its value."""
        given = command.arguments
        name = next((name for name in spec.positional if name not in given), None) or self._loose_name(spec)
        if name is None:
            return self._unset(spec, given) or self._superfluous(command)
        given[name] = self._unnamed(spec, name)
        return True

    def _unnamed(self, spec: CommandSpec, name: str) -> Node:
        """A value without `name=`: for the next argument that may go unnamed, or for the one named before it."""
        char = self.peek()
        kind = spec.arguments.get(name, catalogue.FREE)
        if kind == catalogue.WHERE:
            return self.condition(spec)
        checked = spec.path == "/set"
        if char in _VALUE_STARTS:
            return self.value(kind, name, checked=checked)
        if kind == catalogue.NAME:
            return self._variable_names(checked=checked)
        match = _POSITIONAL.match(self.text, self.pos)
        if match is None:
            self.fail("expected end of command")
        self.pos = match.end()
        return Word(match[0], literals.of_kind(match[0], kind))

    def _loose_name(self, spec: CommandSpec) -> str | None:
        """The name in `else { ... }` or `in $list`, where a blank stands for `=`."""
        start = self.pos
        match = _ARGUMENT.match(self.text, start)
        name = spec.argument(match[1]) if match is not None else None
        if match is None or name is None or match[2] or self.text[start] == "!":
            return None
        self.pos = match.end()
        if self.blanks() in _ENDS:
            self.fail("expected end of command", start)
        return name

    def _unset(self, spec: CommandSpec, given: dict[str, Node]) -> bool:
        """`!comment` takes a value away. [unverified: its form]."""
        match = _ARGUMENT.match(self.text, self.pos)
        name = spec.argument(match[1]) if match is not None else None
        if match is None or name is None or match[2]:
            return False
        self.pos = match.end()
        given[name] = Unset()
        return True

    def _superfluous(self, command: Command) -> bool:
        """An argument that the command does not have: refused, or noted and passed over."""
        match = _SUPERFLUOUS.match(self.text, self.pos)
        if self.strict or match is None:
            self.fail("expected end of command")
        self.pos = match.end() - len(match[2])
        if command.fault is None:
            command.fault = Fault(match[1], *self.place(self.pos))
        if match[2]:
            self.pos += 1
            if self.peek() == "{":
                self.fail("syntax error")
            self.value(catalogue.FREE, match[1])
        return False

    def value(self, kind: str, name: str, *, checked: bool = False) -> Node:
        """The value of an argument of a kind; blanks may stand before it."""
        char = self.blanks()
        if kind == catalogue.NAME and char == '"':
            return self._quoted_name(checked=checked)
        if char == '"':
            return self.string(f"expected {name} value")
        # A script given as the value of a text (`source={...}`) is read as commands too. [unverified: its form]
        if char == "{" and kind in (catalogue.BLOCK, catalogue.TEXT):
            return self.block()
        if char in _VALUE_STARTS:
            return self.primary(char)
        if kind == catalogue.NAME:
            return self._variable_names(checked=checked)
        match = _VALUE.match(self.text, self.pos)
        if match is None:
            if char == "'":
                self.fail("syntax error")
            return Word("", "")
        self.pos = match.end()
        return Word(match[0], literals.of_kind(match[0], kind))

    def _variable_names(self, *, checked: bool) -> Node:
        match = _VARIABLE_NAMES.match(self.text, self.pos)
        if match is None:
            self.fail("syntax error")
        names = match[0].split(",")
        self._declare(names, checked=checked)
        self.pos = match.end()
        return Variable(match[0]) if len(names) == 1 else Operation(";", [Variable(name) for name in names])

    def _quoted_name(self, *, checked: bool) -> Node:
        start = self.pos
        text = self.string()
        name = text.constant()
        if name is None:
            return text
        end, self.pos = self.pos, start
        self._declare([name], checked=checked)
        self.pos = end
        return Variable(name)

    def _declare(self, names: list[str], *, checked: bool) -> None:
        if checked and not self.declared(names[0]):
            self.fail("syntax error")
        self.scopes[-1].update(names)

    def condition(self, spec: CommandSpec) -> Condition:
        """The expression behind `where`, or given to `find` without a name."""
        bound = spec.menu.properties
        outer, self.properties = self.properties, frozenset(bound)
        bare, self.bare_variables = self.bare_variables, False
        terms = self.terms(_ENDS, "expected end of command")
        self.properties, self.bare_variables = outer, bare
        return Condition(bound, juxtaposed(terms) if terms else None)
