"""Query words of `print`, as the binary API and REST's `.query` take them, made into one predicate over rows.

The words and their stack are those of the manual's page on the API: every item starts with an endless stack of
truths, each word pushes one or works on it, and an item passes that leaves no falsehood behind.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address
from typing import Final, TypeAlias

from tikfleet.routeros.values import parse_duration_s
from tikfleet.virtual.menus.request import ARGUMENT, Refused, Row

Predicate: TypeAlias = Callable[[Row], bool]
Stack: TypeAlias = list[bool]

_OPERATION: Final = re.compile(r"(\d+)(\.?)|([!&|.])")
_SPELLED: Final = {"yes": "true", "no": "false"}
_MOST_WORDS: Final = 1_000


def compiled(words: Sequence[str]) -> Predicate | None:
    """One predicate for query words, given without their question mark; `None` for no words at all.

    Raises `Refused` for operations that there are not. [unverified: the words of that refusal]
    """
    if not words:
        return None
    if len(words) > _MOST_WORDS:
        raise Refused("too many query words", ARGUMENT)
    if not any(word.startswith("#") for word in words):
        return _all([_test(word) for word in words])
    return _machine([_step(word) for word in words])


def _all(tests: list[Predicate]) -> Predicate:
    if len(tests) == 1:
        return tests[0]
    return lambda row: all(test(row) for test in tests)


def _machine(steps: list[Callable[[Row, Stack], None]]) -> Predicate:
    def passes(row: Row) -> bool:
        stack: Stack = []
        for step in steps:
            step(row, stack)
        return all(stack)

    return passes


def _step(word: str) -> Callable[[Row, Stack], None]:
    if word.startswith("#"):
        operations = _operations(word[1:])

        def operate(row: Row, stack: Stack) -> None:
            for operation in operations:
                operation(stack)

        return operate
    test = _test(word)

    def push(row: Row, stack: Stack) -> None:
        stack.append(test(row))

    return push


def _test(word: str) -> Predicate:
    """`name`, `-name`, `name=value` (also as `=name=value`), `<name=value`, `>name=value`."""
    sign, rest = (word[0], word[1:]) if word[:1] in ("-", "<", ">", "=") else ("", word)
    name, equals, value = rest.partition("=")
    if sign == "-":
        return lambda row: rest not in row
    if sign == "<":
        return lambda row: name in row and _rank(row[name]) < _rank(value)
    if sign == ">":
        return lambda row: name in row and _rank(row[name]) > _rank(value)
    if not equals:
        return lambda row: name in row
    wanted = _SPELLED.get(value, value)
    return lambda row: (held := row.get(name)) is not None and (held in (value, wanted))


def _rank(text: str) -> tuple[int, float | int, str]:
    """Numbers below durations below addresses below other text, each kind in its own order."""
    try:
        return (0, int(text), "")
    except ValueError:
        pass
    try:
        duration_s = parse_duration_s(text)
        if duration_s is not None:
            return (1, duration_s, "")
    except ValueError:
        pass
    try:
        return (2, int(ip_address(text.partition("/")[0])), text)
    except ValueError:
        return (3, 0, text)


def _operations(text: str) -> list[Callable[[Stack], None]]:
    found: list[Callable[[Stack], None]] = []
    at = 0
    while at < len(text):
        match = _OPERATION.match(text, at)
        if match is None:
            raise Refused(f"unknown query operation {text[at]}", ARGUMENT)
        at = match.end()
        if match[1]:
            found.append(_replace(int(match[1])) if at == len(text) and not match[2] else _copy(int(match[1])))
        else:
            found.append(_SIGNS[match[3]])
    return found


def _value(stack: Stack, index: int) -> bool:
    return stack[-1 - index] if index < len(stack) else True


def _pop(stack: Stack) -> bool:
    return stack.pop() if stack else True


def _copy(index: int) -> Callable[[Stack], None]:
    return lambda stack: stack.append(_value(stack, index))


def _replace(index: int) -> Callable[[Stack], None]:
    def replace(stack: Stack) -> None:
        stack[:] = [_value(stack, index)]

    return replace


def _not(stack: Stack) -> None:
    stack.append(not _pop(stack))


def _and(stack: Stack) -> None:
    first, second = _pop(stack), _pop(stack)
    stack.append(first and second)


def _or(stack: Stack) -> None:
    first, second = _pop(stack), _pop(stack)
    stack.append(first or second)


_SIGNS: Final[dict[str, Callable[[Stack], None]]] = {"!": _not, "&": _and, "|": _or, ".": _copy(0)}


def projected(row: Row, names: Iterable[str]) -> Row:
    """The properties of a row that a `.proplist` names, in the order of the list; absent ones are left out."""
    return {name: row[name] for name in names if name in row}
