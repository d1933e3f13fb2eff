"""The words that facts of menus are declared with.

A word of a kind takes names of properties in one text: `name` alone, `name=default`, `name!` that is required, `name+`
that no two items share (`name!+=x` for all of it); a default with spaces stands in quotes. Defaults are spelled as the
API spells values. `words` of a kind other than `choice` and `listing` are taken besides values of that kind
(`mtu=auto`); those of a listing are its elements.
"""

import shlex
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, Protocol, TypeAlias

from tikfleet.virtual.menus.schema import Kind, MenuFacts, Property, Shape

Properties: TypeAlias = tuple[Property, ...]
ACCESS: Final = "pap chap mschap1 mschap2"
ARP: Final = "disabled enabled local-proxy-arp proxy-arp reply-only"
LOOP_PROTECT: Final = "default off on"


class _Word(Protocol):
    def __call__(self, names: str, *, words: str = "", refers: str = "") -> Properties: ...


def _word(kind: Kind) -> _Word:
    def declare(names: str, *, words: str = "", refers: str = "") -> Properties:
        choices, menus = tuple(words.split()), tuple(refers.split())
        return tuple(_property(text, kind, choices, menus) for text in _split(names))

    return declare


def _property(text: str, kind: Kind, choices: tuple[str, ...], refers: tuple[str, ...]) -> Property:
    left, equals, default = text.partition("=")
    name = left.rstrip("!+")
    marks = left[len(name) :]
    value = default if equals else None
    return Property(name, kind, value, "!" in marks, unique="+" in marks, choices=choices, refers=refers)


text = _word(Kind.TEXT)
boolean = _word(Kind.BOOLEAN)
duration = _word(Kind.DURATION)
address = _word(Kind.ADDRESS)
prefix = _word(Kind.PREFIX)
address6 = _word(Kind.ADDRESS6)
prefix6 = _word(Kind.PREFIX6)
mac = _word(Kind.MAC)
size = _word(Kind.SIZE)
rate = _word(Kind.RATE)
moment = _word(Kind.MOMENT)
listing = _word(Kind.LIST)
matcher = _word(Kind.MATCHER)


def number(names: str, *, words: str = "", bounds: tuple[int, int] | None = None) -> Properties:
    """A number; `bounds` are the least and the greatest."""
    return tuple(replace(fact, bounds=bounds) for fact in _word(Kind.NUMBER)(names, words=words))


def choice(names: str, words: str) -> Properties:
    """One of the words and nothing else."""
    return _word(Kind.CHOICE)(names, words=words)


def reference(names: str, menus: str, *, words: str = "") -> Properties:
    """The `name` of an item of one of the menus, or one of the words."""
    return _word(Kind.TEXT)(names, words=words, refers=menus)


def secret(*groups: Properties) -> Properties:
    """Shown only to callers with the policy `sensitive`."""
    return tuple(replace(fact, sensitive=True) for fact in _flat(groups))


def shown(*groups: Properties) -> Properties:
    """What `print` shows and no command sets."""
    return tuple(replace(fact, read_only=True) for fact in _flat(groups))


def since(release: str, *groups: Properties) -> Properties:
    """The first release that has them."""
    return tuple(replace(fact, since=release) for fact in _flat(groups))


def until(release: str, *groups: Properties) -> Properties:
    """The last release that has them."""
    return tuple(replace(fact, until=release) for fact in _flat(groups))


def table(
    path: str,
    *groups: Properties,
    items: tuple[str, ...] = (),
    together: tuple[str, ...] = (),
    refusal: str = "",
    since: str = "",
    until: str = "",
) -> MenuFacts:
    """A list of items that are added and removed.

    `items`: what a reset router holds, each as `name=value name=value`. `together`: names of properties that no two
    items share in this combination. `refusal`: the answer to an `add` without what is required.
    """
    return MenuFacts(
        path,
        properties=_flat(groups),
        unique_together=tuple(tuple(names.split()) for names in together),
        required_text=refusal,
        initial=tuple(_item(item) for item in items),
        since=since,
        until=until,
    )


def ordered(path: str, *groups: Properties, items: tuple[str, ...] = (), since: str = "", until: str = "") -> MenuFacts:
    """A list whose order counts."""
    return replace(table(path, *groups, items=items, since=since, until=until), ordered=True)


def fixed(path: str, *groups: Properties, items: tuple[str, ...] = (), since: str = "", until: str = "") -> MenuFacts:
    """A list whose items the system makes."""
    return replace(table(path, *groups, items=items, since=since, until=until), fixed=True)


def single(path: str, *groups: Properties, since: str = "", until: str = "") -> MenuFacts:
    """One set of values."""
    return replace(table(path, *groups, since=since, until=until), shape=Shape.SINGLE)


def _flat(groups: Iterable[Properties]) -> Properties:
    return tuple(fact for group in groups for fact in group)


def _item(declared: str) -> tuple[tuple[str, str], ...]:
    pairs = (word.partition("=") for word in _split(declared))
    return tuple((name, value) for name, _, value in pairs)


def _split(declared: str) -> list[str]:
    return shlex.split(declared) if '"' in declared else declared.split()
