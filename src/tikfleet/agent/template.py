"""The scripts' one source: fragments of RouterOS script with four marks, rendered for a tier.

`#<AB` begins lines for the tiers A and B (until the next such mark or `#>`), `#+ name` takes in the fragment
`name.rsc`, and `@name@` stands for a value. Everything else is RouterOS script as written.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from tikfleet.agent.tiers import Tier

WIDTH: Final = 100
_VALUE: Final = re.compile(r"@([a-z]+)@")
_INDENT: Final = "    "
_SEGMENT: Final = re.compile(r"\\(?:[0-9A-F]{2}|.)|[^\\]", re.DOTALL)


def render(name: str, tier: Tier, values: Mapping[str, str]) -> str:
    """The fragment `name` for `tier`, each `@value@` replaced by text that is RouterOS source already.

    Raises `KeyError` for a value that is not given.
    """
    lines = [_VALUE.sub(lambda mark: values[mark[1]], line) for line in _lines(name, tier)]
    return "".join(f"{line}\n" for line in lines if line.strip() or not line)


def folded(literal: str, column: int = 40) -> str:
    r"""A string literal broken over lines of at most `WIDTH`, as RouterOS breaks them in an export.

    `column` is how much of its first line is taken.
    A backslash at the end of a line continues the string, and RouterOS skips the spaces that begin the next one;
    a space that belongs to the string is written `\_` there.
    """
    lines = [""]
    room = WIDTH - 1 - column
    for segment in _SEGMENT.findall(literal):
        if len(lines[-1]) + len(segment) > room:
            lines.append("\\_" if segment == " " else segment)
            room = WIDTH - 1 - len(_INDENT)
        else:
            lines[-1] += segment
    return f"\\\n{_INDENT}".join(lines)


def _lines(name: str, tier: Tier) -> Iterator[str]:
    wanted = True
    for line in _fragment(name).splitlines():
        if line.startswith("#<"):
            wanted = tier.value in line[2:]
        elif line == "#>":
            wanted = True
        elif wanted and line.startswith("#+ "):
            yield from _lines(line[3:], tier)
        elif wanted:
            yield line


@cache
def _fragment(name: str) -> str:
    return files("tikfleet.agent").joinpath("rsc", f"{name}.rsc").read_text(encoding="utf-8")
