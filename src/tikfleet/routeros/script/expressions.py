"""Expressions: operators, strings with interpolation, arrays and variables."""

import re
from abc import abstractmethod
from typing import Final

from tikfleet.routeros.script import literals
from tikfleet.routeros.script.errors import ScriptError
from tikfleet.routeros.script.scanner import Scanner
from tikfleet.routeros.script.tree import (
    Array,
    Block,
    Group,
    Node,
    Operation,
    Substitution,
    Text,
    Variable,
    Word,
)

_OPERATOR: Final = re.compile(r"->|<%%|<<|>>|<=|>=|!=|&&|\|\||[.,=<>~&|^*/%+-]|(?:and|or|in)(?![\w.-])")
# From loose to tight. The manual gives no table; this order follows from recorded forms.
_BINDING: Final = {
    ",": 1,
    "or": 2, "||": 2,
    "and": 3, "&&": 3,
    "=": 4, "!=": 4, "<": 4, ">": 4, "<=": 4, ">=": 4, "~": 4, "in": 4,
    "|": 5, "^": 6, "&": 7, "<<": 8, ">>": 8,
    ".": 9, "+": 10, "-": 10, "*": 11, "/": 11, "%": 11,
    "<%%": 12, "->": 13,
}  # fmt: skip
_NAMES: Final = {"&&": "and", "||": "or"}
_CALL: Final = "<%%"
_PREFIXES: Final = frozenset({"!", "~", ">", "-"})
_MEMBER: Final = "->"
_TERM_STARTS: Final = frozenset('"$[({!~>-._')
_GROUP_ENDS: Final = frozenset({"", ")"})

_NUMERIC: Final = re.compile(
    r"\d+(?:\.\d+)+(?:/\d+)?|[0-9a-fA-F]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*(?:/\d+)?|\d+(?:[.:]\d+|[A-Za-z])[\w.:]*|\d+"
)
_IDENTIFIER: Final = re.compile(r"\.?[A-Za-z_](?:\w|-(?!>))*|\*[0-9A-Fa-f]+")
_VARIABLE: Final = re.compile(r"\$([A-Za-z0-9]+)")
_CHUNK: Final = re.compile(r'[^"\\$]+')
_ESCAPE: Final = re.compile(r"\\(?:([0-9A-F]{2})|([\"\\nrtabfv_$?])|(\r?\n[ \t]*))")
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "_": " "}
_KEY: Final = re.compile(r"([A-Za-z0-9_.-]+)=(?!=)")


class Expressions(Scanner):
    """Reads one value or expression; commands in brackets are left to `statements`."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.scopes: list[set[str]] = [set()]
        self.properties: frozenset[str] = frozenset()
        self.bare_variables = False
        self._dead_end = -1

    @abstractmethod
    def statements(self, closing: str) -> list[Node]:
        """Commands up to and including the closing character."""

    def expression(self, floor: int = 0, first: Node | None = None) -> Node:
        """An expression of operators that bind at least as tightly as `floor`; its first operand may be read."""
        left = self.unary() if first is None else first
        while True:
            end = self.pos
            self.blanks()
            match = _OPERATOR.match(self.text, self.pos)
            if match is None or _BINDING[match[0]] < floor:
                return left
            operator = match[0]
            self.pos = match.end()
            right = self._operand(operator)
            if right is None:
                self.pos = end
                return left
            name = _NAMES.get(operator, operator)
            if isinstance(left, Operation) and left.operator == name and len(left.operands) > 1 and name != _CALL:
                left.operands.append(right)
            else:
                left = Operation(name, [left, right])

    def _operand(self, operator: str) -> Node | None:
        """What stands right of an operator; `None` if nothing sensible does, and the operator is then the fault."""
        binding = _BINDING[operator]
        if operator == _MEMBER:
            return self.expression(binding + 1)
        start = self.pos - len(operator)
        outer, depth = self.enter(multiline=None), self._depth
        try:
            return self.expression(binding if operator == _CALL else binding + 1)
        except ScriptError:
            # Not read again as the sign of another term: each level of nesting would double the work.
            self._dead_end = start
            self._depth = depth
            return None
        finally:
            self.leave(outer)

    def terms(self, ends: frozenset[str], reason: str) -> list[Node]:
        """Expressions that stand side by side up to one of the ends: conditions that must all hold."""
        found: list[Node] = []
        end = self.pos
        while (char := self.blanks()) not in ends:
            if self.pos == self._dead_end or (found and not (char.isalnum() or char in _TERM_STARTS)):
                self.fail(reason, end)
            found.append(self.expression())
            end = self.pos
        return found

    def unary(self) -> Node:
        char = self.blanks()
        if char in _PREFIXES:
            outer = self.enter(multiline=None)
            self.pos += 1
            operand = self.expression(_BINDING[_CALL]) if char != ">" else self.unary()
            self.leave(outer)
            return Operation(char, [operand])
        return self.primary(char)

    def primary(self, char: str) -> Node:
        if char == '"':
            return self.string()
        if char == "$":
            return self.variable()
        if char == "(":
            return self.group()
        if char == "[":
            return self.substitution()
        if char == "{":
            return self.array()
        return self.bare_word()

    def group(self) -> Group:
        """`(...)`; an empty pair is an empty value."""
        outer = self.enter(multiline=True)
        self.pos += 1
        bare, self.bare_variables = self.bare_variables, True
        terms = self.terms(_GROUP_ENDS, "syntax error")
        self.bare_variables = bare
        if not self.peek():
            self.fail("missing closing parenthesis")
        self.pos += 1
        self.leave(outer)
        return Group(juxtaposed(terms))

    def substitution(self) -> Substitution:
        outer = self.enter(multiline=False)
        self.pos += 1
        bare, self.bare_variables = self.bare_variables, False
        statements = self.statements("]")
        self.bare_variables = bare
        self.leave(outer)
        return Substitution(statements)

    def block(self) -> Block:
        outer = self.enter(multiline=False)
        self.pos += 1
        self.scopes.append(set())
        bare, self.bare_variables = self.bare_variables, False
        statements = self.statements("}")
        self.bare_variables = bare
        self.scopes.pop()
        self.leave(outer)
        return Block(statements)

    def variable(self) -> Variable:
        """`$name`, or `$"any name"`."""
        match = _VARIABLE.match(self.text, self.pos)
        if match is not None:
            self.pos = match.end()
            return Variable(match[1])
        self.pos += 1
        if self.peek() != '"':
            self.fail("syntax error", self.pos - 1)
        name = self.string().constant()
        if name is None:
            self.fail("syntax error")
        return Variable(name)

    def bare_word(self) -> Node:
        match = _NUMERIC.match(self.text, self.pos)
        if match is not None:
            raw = self.text[self.pos : match.end()]
            self.pos = match.end()
            return Word(raw, literals.normal(raw))
        match = _IDENTIFIER.match(self.text, self.pos)
        if match is None:
            self.fail("syntax error")
        self.pos = match.end()
        name = match[0]
        value = literals.normal(name)
        if name not in literals.BOOLEANS and name[0] != "*" and (self.bare_variables or name in self.properties):
            return Variable(name)
        return Word(name, value)

    def declared(self, name: str) -> bool:
        return any(name in scope for scope in reversed(self.scopes))

    def string(self, reason: str = "syntax error") -> Text:
        """A quoted string; each escape is a piece of its own, as in RouterOS's form."""
        parts: list[str | Node] = []
        self.pos += 1
        while True:
            match = _CHUNK.match(self.text, self.pos)
            if match is not None:
                parts.append(match[0])
                self.pos = match.end()
            char = self.peek()
            if char == '"':
                self.pos += 1
                return Text(parts)
            if char == "$":
                parts.append(self._interpolation())
            elif char == "\\":
                piece = self._escape(reason)
                if piece:
                    parts.append(piece)
            else:
                self.fail("missing closing quote")

    def _escape(self, reason: str) -> str:
        match = _ESCAPE.match(self.text, self.pos)
        if match is None:
            self.fail(reason, self.pos + 1)
        self.pos = match.end()
        code, letter, _ = match.groups()
        if code is not None:
            return chr(int(code, 16))
        return _ESCAPES.get(letter, letter) if letter is not None else ""

    def _interpolation(self) -> "str | Node":
        following = self.text[self.pos + 1 : self.pos + 2]
        if following == "(":
            self.pos += 1
            return self.group()
        if following == "[":
            self.pos += 1
            return self.substitution()
        match = _VARIABLE.match(self.text, self.pos)
        if match is not None:
            return self.variable()
        self.pos += 1
        return "$"

    def array(self) -> Array:
        """`{a; b; key=c}`; items end at `;` or a line break."""
        outer = self.enter(multiline=True)
        bare, self.bare_variables = self.bare_variables, False
        items = self._items()
        self.bare_variables = bare
        self.leave(outer)
        return Array(items)

    def _items(self) -> list[tuple[Node | None, Node]]:
        self.pos += 1
        items: list[tuple[Node | None, Node]] = []
        while True:
            char = self.blanks()
            if char == ";":
                self.pos += 1
                continue
            if char == "}":
                self.pos += 1
                return items
            if not char:
                self.fail("missing closing brace")
            items.append(self._item(char))

    def _item(self, char: str) -> tuple[Node | None, Node]:
        match = _KEY.match(self.text, self.pos)
        if match is not None:
            self.pos = match.end()
            return Word(match[1], match[1]), self.expression()
        if char in ('"', "$"):
            first = self.primary(char)
            if self.peek() == "=":
                self.pos += 1
                return first, self.expression()
            return None, self.expression(first=first)
        return None, self.expression()


def juxtaposed(terms: list[Node]) -> Node:
    """One value for terms that stand side by side; none at all is the empty value."""
    if not terms:
        return Word("", "")
    return terms[0] if len(terms) == 1 else Operation(" ", terms)
