"""The wire types of configurations."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

MAX_TEXT: Final = 400_000
MAX_CHANGES: Final = 1_000
MAX_PROBLEMS: Final = 100

ExportText = Annotated[
    str,
    Meta(
        max_length=MAX_TEXT,
        description="What `/export` prints, of any release and form. Empty for a router that nobody configured.",
        examples=["/ip address\nadd address=192.0.2.1/24 interface=ether1"],
    ),
]
Side = Literal["old", "new"]


class ConfigDiff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two exports that are to be compared."""

    old: ExportText
    new: ExportText
    script: Annotated[bool, Meta(description="Also write the script that turns `old` into `new`.")] = False
    version: (
        Annotated[
            str,
            Meta(
                max_length=20,
                pattern=r"^[1-9][0-9]?\.[0-9]{1,3}(\.[0-9]{1,3})?((alpha|beta|rc)[0-9]{1,3})?$",
                description="RouterOS that the script is for; by default the one that wrote `new`.",
                examples=["7.16.2"],
            ),
        ]
        | None
    ) = None


class PropertyChange(msgspec.Struct, frozen=True):
    """A property before and after; null where the export does not name it, so that it has its default."""

    name: Annotated[str, Meta(examples=["comment"])]
    old: str | None
    new: str | None


class ConfigChange(msgspec.Struct, frozen=True):
    """What happened to one item. `fields` are what changed, `values` all of an item that was added or removed.

    Places count from 1 among the items of a menu, and are null for settings. Secrets are named and never shown.
    """

    kind: Literal["added", "removed", "changed", "moved"]
    menu: Annotated[str, Meta(examples=["/ip/address"])]
    item: Annotated[str, Meta(description="What people call the item.", examples=["address=192.0.2.1/24"])]
    old_place: int | None
    new_place: int | None
    fields: list[PropertyChange]
    values: dict[str, str | None]
    sentence: Annotated[str, Meta(examples=["added address=192.0.2.1/24 interface=ether1"])]


class ConfigProblem(msgspec.Struct, frozen=True):
    """A line that is nothing an export has: it was passed over."""

    side: Side
    line: int


class ConfigDifference(msgspec.Struct, frozen=True):
    """The first 1,000 of `change_count` changes, in the order of `new`, and the first 100 lines that were not read.

    `notes` say what could not be compared: menus that a router could not export, secrets that one side hides.
    `script` is null when it was not asked for; `script_notes` say what it leaves undone.
    """

    change_count: int
    changes: list[ConfigChange]
    problem_count: int
    problems: list[ConfigProblem]
    notes: list[str]
    script: str | None
    script_notes: list[str]
