"""What a typed kind of job is: its parameters with their bounds, its classes, and the script that it becomes.

RouterOS text is made by the typed builder only. A script is written for a tier of the agent (`A` and `B` are 7.13 and
later, `C` 7.1 to 7.12, `D` 6.45 to 6.49), since that is what decides which menus a router has.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from tikfleet.domains.jobs.model import JobClass
from tikfleet.routeros.script.builder import Argument, Block, Command, Comparison, Dialect, Expression, Result

_TEXT: Final = r"^[^\x00-\x1f\x7f]*$(?!\n)"

Text = Annotated[str, Meta(min_length=1, max_length=64, pattern=_TEXT)]
InterfaceName = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=_TEXT, description="An interface's name.", examples=["ether1"])
]
Host = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=253,
        pattern=r"^[A-Za-z0-9:][A-Za-z0-9.:_-]*$(?!\n)",
        description="An address or a name.",
        examples=["192.0.2.1"],
    ),
]


def secret(least: int, most: int, description: str) -> Meta:
    """Marks a value that is sealed at rest and never shown again."""
    return Meta(
        min_length=least,
        max_length=most,
        pattern=_TEXT,
        description=description,
        extra_json_schema={"writeOnly": True, "format": "password"},
    )


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What a kind is told. Values are texts, numbers, booleans and lists of texts: a form or a shell can give them."""

    def script(self, tier: str) -> Sequence[Expression]:
        """The commands for a tier. Raises ValueError, with the reason, when that tier has none."""
        raise ValueError("the agent has the commands of this kind itself")

    def lasts_s(self) -> int:
        """How long the script takes by its own doing."""
        return 0


class Kind(msgspec.Struct, frozen=True):
    """One entry of the catalogue. `classes`: the default first. `elsewhere`: the agent writes its script itself."""

    name: str
    title: str
    parameters: type[Parameters]
    classes: tuple[JobClass, ...]
    elsewhere: bool = False
    permission: str = "jobs:write"


class Fixed:
    """Text of ours. Values come into it through `quoting.quote` alone."""

    def __init__(self, text: str) -> None:
        self._text = text

    def render(self, dialect: Dialect = Dialect.V7) -> str:
        return self._text


def put(value: Argument) -> Command:
    """`:put`: what the job's output shows."""
    return Command("", "put", {"message": value})


def require(found: Result, sentence: str) -> Command:
    """An error with that sentence when nothing was found."""
    error = Command("", "error", {"message": sentence})
    return Command("", "if", {"condition": Comparison(found, "=", ""), "do": Block([error])})


def given(**values: Any) -> dict[str, Any]:
    """Arguments without those that were not given; `_` in names is `-`."""
    return {name.replace("_", "-"): value for name, value in values.items() if value is not None}
