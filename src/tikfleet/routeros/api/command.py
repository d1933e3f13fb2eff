"""A command as its words: path, attributes, wanted properties, conditions. Nothing here knows a connection."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

Scalar: TypeAlias = str | int | float | bool
# `None` is a flag (`=count-only=`) or no text at all (`=comment=`); a sequence is joined by commas.
Value: TypeAlias = Scalar | None | Sequence[Scalar]
Attributes: TypeAlias = Mapping[str, Value]
READING: Final = frozenset({"print", "getall"})
# Arguments with which a `print` goes on for ever or leaves a file behind.
_LASTING: Final = frozenset({"follow", "follow-only", "interval", "file"})


@dataclass(frozen=True, slots=True)
class Command:
    """`words` follow the path as text; they are not shown, since they can carry a password."""

    path: str
    words: tuple[str, ...] = field(default=(), repr=False)

    @property
    def only_reads(self) -> bool:
        """Whether running it twice is the same as once."""
        return self.path.rpartition("/")[2] in READING and not any(
            word[1:].partition("=")[0] in _LASTING for word in self.words if word[0] == "="
        )


def command(
    path: str, attributes: Attributes | None = None, proplist: Iterable[str] | None = None, query: Iterable[str] = ()
) -> Command:
    """Build a command. `query` are query words. Raises `ValueError` for a path or name that would not stay one."""
    if not path.startswith("/") or path.endswith("/"):
        raise ValueError(f"a command is written from the root, such as /ip/address/print: {path!r}")
    words = [attribute(name, value) for name, value in attributes.items()] if attributes else []
    if proplist is not None:
        words.append(f"=.proplist={','.join(proplist)}")
    words += query
    return Command(path, tuple(words))


def adding(path: str, values: Attributes) -> Command:
    """`add` in a menu; its `ret` is the new item's id."""
    return command(f"{path}/add", values)


def setting(path: str, values: Attributes, items: Sequence[str]) -> Command:
    """`set` of items by id or name, or of the one set of values that a menu holds."""
    named: Attributes = {".id": items} if items else {}
    return command(f"{path}/set", {**named, **values})


def removing(path: str, items: Sequence[str]) -> Command:
    """`remove` of items by id or name. Raises `ValueError` without any."""
    if not items:
        raise ValueError("nothing was named to remove")
    return command(f"{path}/remove", {".id": items})


def attribute(name: str, value: Value) -> str:
    """`=name=value`."""
    if not name or "=" in name:
        raise ValueError("an attribute's name is not empty and has no =")
    return f"={name}={value if type(value) is str else as_word_text(value)}"


def as_word_text(value: Value) -> str:
    """How RouterOS reads a value: `yes` and `no`, lists by commas, nothing for `None`."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value}"
    return ",".join(map(as_word_text, value))
