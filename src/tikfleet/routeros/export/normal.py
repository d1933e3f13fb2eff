"""One text for all exports of the same configuration, whichever release, form or moment they come from."""

import re
from typing import Final

from tikfleet.routeros.export.menus import ORDERED
from tikfleet.routeros.export.model import Configuration, Item, Selector, Unexported, Value, Verb
from tikfleet.routeros.script.quoting import quote

_PLAIN: Final = re.compile(r"[A-Za-z0-9!+*-][A-Za-z0-9._:/,*+@!-]*")
_NAME: Final = re.compile(r"[A-Za-z0-9*][A-Za-z0-9._:-]*")


def normal(configuration: Configuration) -> str:
    """The text, without what changes from one export to the next: header, wraps, volatile comments.

    Menus come by name, arguments by name, and the items of menus without an order sorted, so two configurations have
    the same text exactly when nothing differs. Reading it gives the configuration in that order.
    """
    lines = [f'#error exporting "{entry.menu}" ({entry.reason})' for entry in sorted_errors(configuration)]
    for menu in sorted(configuration.menus):
        items = configuration.menus[menu]
        added = [line(item) for item in items if item.verb is Verb.ADD]
        lines.append(spaced(menu))
        lines += sorted(line(item) for item in items if item.verb is Verb.SET)
        lines += added if menu in ORDERED else sorted(added)
    if configuration.interrupted:
        lines.append("#interrupted")
    return "".join(f"{text}\n" for text in lines)


def sorted_errors(configuration: Configuration) -> list[Unexported]:
    return sorted(set(configuration.unexported), key=lambda entry: (entry.menu, entry.reason))


def spaced(menu: str) -> str:
    """A menu as exports of every release write it: `/ip firewall filter`."""
    return "/" + menu[1:].replace("/", " ")


def line(item: Item) -> str:
    """One command of an export, without its menu."""
    words: list[str] = [item.verb.value]
    if item.verb is Verb.SET and item.selector:
        words.append(_selector(item.selector))
    words += [_argument(name, item.values[name]) for name in sorted(item.values)]
    return " ".join(words)


def _selector(selector: Selector) -> str:
    if not selector[0][0] and selector[0] != ("", ""):
        word = selector[0][1]
        return word if _NAME.fullmatch(word) else quote(word.encode("utf-8", "surrogateescape"))
    return " ".join(["[ find", *(_argument(name, value) for name, value in selector if name), "]"])


def _argument(name: str, value: Value) -> str:
    return name if value is None else f"{name}={_word(value)}"


def _word(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    return quote(text.encode("utf-8", "surrogateescape"))
