"""Which rows a request means: `?name=value` of a GET, and query words of `.query` (manual's page on the API)."""

import operator
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from tikfleet.routeros.rest.call import RestRefused
from tikfleet.routeros.rest.rows import Row
from tikfleet.routeros.values import parse_duration_s

Predicate = Callable[[Row], bool]
_SPELLED: Final = {"yes": "true", "no": "false"}
_OPERATION: Final = re.compile(r"(\d+)(\.?)|([!&|.])")
_MOST_WORDS: Final = 1_000


def selected(row: Row, names: Sequence[str]) -> Row:
    """The properties of `.proplist`, or all."""
    return {name: row[name] for name in names if name in row} if names else row


def every(words: Sequence[str]) -> Predicate:
    """The rows for which no query word leaves a falsehood. Words come without their question mark.

    Raises RestRefused for what is no query. [unverified: its words]
    """
    if len(words) > _MOST_WORDS:
        raise RestRefused(400, "too many query words")
    steps = [_step(word) for word in words]

    def passes(row: Row) -> bool:
        stack: list[bool] = []
        for step in steps:
            step(row, stack)
        return all(stack)

    return passes


def _step(word: str) -> Callable[[Row, list[bool]], None]:
    if word.startswith("#"):
        return _operations(word[1:])
    test = _test(word)
    return lambda row, stack: stack.append(test(row))


def _test(word: str) -> Predicate:
    if word.startswith("-"):
        return lambda row: word[1:] not in row
    compare: Callable[[Any, Any], bool] = operator.eq
    if word[:1] in "<>=" and "=" in word[1:]:
        compare = {"<": operator.lt, ">": operator.gt, "=": operator.eq}[word[0]]
        word = word[1:]
    name, equals, value = word.partition("=")
    if not equals:
        return lambda row: name in row
    return lambda row: name in row and _holds(compare, row[name], value)


def _holds(compare: Callable[[Any, Any], bool], left: str, right: str) -> bool:
    if compare is operator.eq:
        return left == right or left == _SPELLED.get(right)
    first, second = _number(left), _number(right)
    return compare(left, right) if first is None or second is None else compare(first, second)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        try:
            return parse_duration_s(text)
        except ValueError:
            return None


def _operations(text: str) -> Callable[[Row, list[bool]], None]:
    found = list(_OPERATION.finditer(text))
    if "".join(match[0] for match in found) != text:
        raise RestRefused(400, "invalid query")

    def work(row: Row, stack: list[bool]) -> None:
        for match in found:
            _apply(match, stack)

    return work


def _apply(match: re.Match[str], stack: list[bool]) -> None:
    """One operation; below the stack lies an endless heap of truths."""
    if match[1]:
        value = stack[-1 - int(match[1])] if int(match[1]) < len(stack) else True
        last = match.end() == len(match.string) and not match[2]
        stack[:] = [value] if last else [*stack, value]
        return
    top = stack.pop() if stack else True
    match match[3]:
        case "!":
            stack.append(not top)
        case ".":
            stack.extend((top, top))
        case "&":
            stack.append((stack.pop() if stack else True) and top)
        case _:
            stack.append((stack.pop() if stack else True) or top)
