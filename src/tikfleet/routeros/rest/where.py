"""`/ip/firewall/nat where chain=dstnat`: a question about the records of a menu, read into values.

The condition is RouterOS's of `print where`: properties on the left, values on the right, `= != < > <= >= ~ in`,
`!`, `and`, `or`, `&&`, `||`, parentheses, and conditions side by side, which all must hold. A bare word on the right is
its text, also where the console would take it for another property. Variables, commands, arithmetic and arrays are
refused. Prefixes are quoted for `=` and `!=`, as RouterOS needs them.
[unverified: that every release compares texts with `<` and `>` as numbers where both are]
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_interface
from typing import Any, Final, NoReturn

from tikfleet.routeros.rest.call import RestRefused
from tikfleet.routeros.rest.menus import ITEM_ID, Menus, is_single
from tikfleet.routeros.rest.plan import Outcome, Plan, Reply
from tikfleet.routeros.script.builder import FLAG, Argument, Command, ItemId
from tikfleet.routeros.script.catalogue import WHERE, CommandSpec, Menu
from tikfleet.routeros.script.commands import Commands
from tikfleet.routeros.script.conditions import Compared, Condition, Either, Every, Not, Said, Selected, names_of
from tikfleet.routeros.script.errors import ScriptError
from tikfleet.routeros.script.quoting import Scalar
from tikfleet.routeros.script.tree import Array, Block, Group, Node, Operation, Substitution, Text, Variable, Word
from tikfleet.routeros.values import FALSE_WORDS, TRUE_WORDS, parse_duration_s

LONGEST: Final = 2_000
_QUESTION: Final = re.compile(
    r"\s*/?([a-z0-9][a-z0-9 /-]*?)(?:(?<=[a-z0-9])[\s/]+print)?(?:\s+where\s(.*))?\s*", re.DOTALL
)
_INTEGER: Final = re.compile(r"-?[0-9]{1,18}")
_DURATION: Final = re.compile(r"(?:[0-9]+(?:ms|us|ns|[wdhms]))+|(?:[0-9]+[wd])*[0-9]{1,2}:[0-9]{2}:[0-9]{2}")
_COMPARING: Final = frozenset({"=", "!=", "<", ">", "<=", ">=", "~", "in"})
_NO_LITERAL: Final = "is not understood here: put texts in quotes"


class QuestionRefused(ValueError):
    """The question can't be read: one sentence says why."""


@dataclass(frozen=True, slots=True)
class Question:
    """The words of a menu, and what is asked of its records; None for all of them."""

    words: tuple[str, ...]
    condition: Condition | None = None

    @property
    def menu(self) -> str:
        """Such as `/ip/address`."""
        return "/" + "/".join(self.words)

    @property
    def names(self) -> tuple[str, ...]:
        """The properties that the condition looks at."""
        return () if self.condition is None else tuple(dict.fromkeys(names_of(self.condition)))


def read_where(text: str) -> Question:
    """Raises QuestionRefused."""
    if len(text) > LONGEST:
        raise QuestionRefused(f"a question has at most {LONGEST} characters")
    match = _QUESTION.fullmatch(text)
    if match is None:
        raise QuestionRefused("a question is a menu, such as /ip/address, perhaps with `where` and a condition")
    words = tuple(match[1].replace("/", " ").split())
    if "where" in words:
        raise QuestionRefused("there is no condition behind `where`")
    return Question(words, None if match[2] is None else _condition_of(match[2]))


def plan_of(question: Question, menus: Menus, fields: tuple[str, ...]) -> Plan:
    """The question for one release; without `fields` every property is wanted. Raises RestRefused.

    What the release lacks is refused here: RouterOS would take an unknown property for a text, and find nothing.
    """
    menu = menus.menu(question.words)
    if menu is None:
        raise menus.refusal(question.words)
    spec = menu.entries.get("print")
    if not isinstance(spec, CommandSpec):
        raise RestRefused(400, "no such command")
    if question.condition is not None and is_single(menu):
        raise RestRefused(400, "the menu is one set of values, which takes no `where`")
    unknown = [name for name in question.names if menu.properties and name not in menu.properties]
    if unknown:
        raise RestRefused(400, f"this version has no property {unknown[0]} there")
    flags: dict[str, Argument] = {"detail": FLAG} if dict.__contains__(spec.arguments, "detail") else {}
    command = Command(menu.path, "print", {**flags, "as-value": FLAG})
    shown = command if question.condition is None else Selected(command, question.condition)
    wanted = tuple(dict.fromkeys((*fields, *question.names))) if fields else ()
    return Plan(menu.path, shown, _rows, wanted=wanted)


def _rows(outcome: Outcome) -> Reply:
    return Reply(200, list(outcome.rows))


class _Conditions(Commands):
    """The parser of scripts, for one condition without anything that could do something."""

    def variable(self) -> NoReturn:
        self.fail("there are no variables here")

    def substitution(self) -> Substitution:
        self.fail("there are no commands here")

    def block(self) -> Block:
        self.fail("there are no commands here")

    def array(self) -> Array:
        self.fail("there are no arrays here")


def _condition_of(text: str) -> Condition:
    menu = Menu("")
    parser = _Conditions(text.encode("utf-8", "surrogatepass").decode("latin-1"), strict=True, root=menu)
    try:
        found = parser.condition(CommandSpec("/print", {"where": WHERE}, (), menu)).expression
        if found is None:
            raise QuestionRefused("there is no condition behind `where`")
        if parser.blanks():
            parser.fail("expected end of the condition")
    except ScriptError as cause:
        raise QuestionRefused(f"the condition can't be read: {cause.reason} at character {cause.column}") from cause
    return _translated(found)


def _translated(node: Node) -> Condition:
    match node:
        case Group():
            return _translated(node.inner)
        case Operation(operator=operator, operands=operands) if operator in {"and", " "}:
            return Every([_translated(one) for one in operands])
        case Operation(operator="or", operands=operands):
            return Either([_translated(one) for one in operands])
        case Operation(operator="!", operands=[one]):
            return Not(_translated(one))
        case Operation(operator=operator, operands=[left, right]) if operator in _COMPARING:
            return _compared(operator, left, right)
        case Word() | Variable():
            return Said(_property(node))
        case _:
            raise QuestionRefused(f"the condition {_NO_LITERAL}")


def _compared(operator: Any, left: Node, right: Node) -> Compared:
    name = _property(left)
    if isinstance(right, Text):
        constant = right.constant()
        if constant is None:
            raise QuestionRefused(f"the value of {name} {_NO_LITERAL}")
        return Compared(name, operator, constant.encode("latin-1"))
    raw = right.raw if isinstance(right, Word) else right.name if isinstance(right, Variable) else None
    if raw is None:
        raise QuestionRefused(f"the value of {name} {_NO_LITERAL}")
    # The parser holds a character for each byte.
    return Compared(name, operator, _literal(raw, operator) if raw.isascii() else raw.encode("latin-1"))


def _property(node: Node) -> str:
    raw = node.raw if isinstance(node, Word) else node.name if isinstance(node, Variable) else ""
    try:
        return Said(raw).name
    except ValueError as cause:
        raise QuestionRefused("on the left of a comparison stands the name of a property") from cause


def _literal(raw: str, operator: str) -> "Scalar | ItemId":
    """A bare word as the value that RouterOS reads in it."""
    if operator == "~":
        return raw
    if ITEM_ID.fullmatch(raw.upper()):
        return ItemId(raw.upper())
    if raw in TRUE_WORDS | FALSE_WORDS:
        return raw in TRUE_WORDS
    if _INTEGER.fullmatch(raw):
        return int(raw)
    if _DURATION.fullmatch(raw):
        return timedelta(seconds=parse_duration_s(raw) or 0)
    try:
        if "/" not in raw:
            return ip_address(raw)
        # RouterOS finds no prefix that is equal to one without quotes.
        return ip_interface(raw) if operator not in {"=", "!="} else raw
    except ValueError:
        return raw
