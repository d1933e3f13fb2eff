"""The wire types of the script library."""

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from tikfleet.domains.jobs.public import ScriptText, VersionText
from tikfleet.domains.library.model import (
    LibraryParameter,
    LibraryScript,
    LibraryVersion,
    ReleaseCheck,
    Sample,
    Visibility,
)
from tikfleet.domains.runs.public import ParameterType
from tikfleet.kernel.scopes import Actor, ActorKind
from tikfleet.routeros.check.checker import DEFAULT_VERSION

_LINE: Final = r"^[^\x00-\x20\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$(?!\n)"

NameText = Annotated[str, Meta(min_length=1, max_length=200, pattern=_LINE, examples=["Set the time zone"])]
NoteText = Annotated[str, Meta(max_length=2_000, pattern=r"^[^\x00]*$", examples=["For the branches"])]
TagText = Annotated[str, Meta(min_length=1, max_length=64, pattern=_LINE, examples=["branch"])]
Tags = Annotated[list[TagText], Meta(max_length=20)]
ParameterName = Annotated[str, Meta(max_length=32, pattern=r"^[a-z][a-z0-9_]*$(?!\n)", examples=["server"])]
ValueText = Annotated[str, Meta(max_length=4_096, pattern=r"^[^\x00]*$", examples=["192.0.2.53"])]
ValueGiven = (
    bool | Annotated[int, Meta(ge=-(2**53), le=2**53)] | ValueText | Annotated[list[ValueText], Meta(max_length=100)]
)
Values = Annotated[dict[ParameterName, ValueGiven], Meta(max_length=50, examples=[{"server": "192.0.2.53"}])]


class LibraryParameterText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value that the script names as `${name}`, with the types of runs. One without a default is required."""

    name: ParameterName
    type: ParameterType = "string"
    description: NoteText = ""
    default: ValueGiven | None = None


class LibrarySample(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A test: with these values every release must take the script."""

    name: NameText
    values: Values = {}


class LibraryVersionCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A version: the script, its parameters, samples that it is tested with, and the releases that it is meant for."""

    source: ScriptText
    parameters: Annotated[list[LibraryParameterText], Meta(max_length=50)] = []
    samples: Annotated[list[LibrarySample], Meta(max_length=20)] = []
    releases: Annotated[list[VersionText], Meta(min_length=1, max_length=5)] = msgspec.field(
        default_factory=lambda: [DEFAULT_VERSION]
    )
    note: NoteText = ""


class LibraryCreate(LibraryVersionCreate, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A script with its first version."""

    name: NameText
    description: NoteText = ""
    visibility: Annotated[Visibility, Meta(description="`private`: for who made it alone.")] = "private"
    tags: Tags = []


class LibraryPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to change; what is left out stays. A version never changes."""

    name: NameText | UnsetType = UNSET
    description: NoteText | UnsetType = UNSET
    visibility: Visibility | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET


class LibraryPerson(msgspec.Struct, frozen=True):
    """Who did something."""

    kind: ActorKind
    id: Annotated[str, Meta(examples=["per_01m3k5x0v7q2a9bc"])]
    name: str


class LibraryView(msgspec.Struct, frozen=True, kw_only=True):
    """A script of the library. `latest` is the number of its newest version."""

    id: Annotated[str, Meta(examples=["lib_01m3k5x0v7q2a9bc"])]
    name: str
    description: str
    visibility: Visibility
    tags: list[str]
    latest: int
    created_at: str
    created_by: LibraryPerson
    updated_at: str


class LibraryVersionView(msgspec.Struct, frozen=True, kw_only=True):
    """One version, with what the check said of it when it was stored: one entry for each release."""

    number: int
    source: str
    parameters: list[LibraryParameter]
    samples: list[Sample]
    checks: list[ReleaseCheck]
    note: str
    created_at: str
    created_by: LibraryPerson


class LibraryVersions(msgspec.Struct, frozen=True):
    """The versions of a script, newest first, 500 at most."""

    items: list[LibraryVersionView]


def script_view(script: LibraryScript) -> LibraryView:
    """The wire form of a script."""
    return LibraryView(
        id=script.id,
        name=script.name,
        description=script.description,
        visibility=script.visibility,
        tags=list(script.tags),
        latest=script.latest,
        created_at=script.created_at,
        created_by=_person(script.created_by),
        updated_at=script.updated_at,
    )


def version_view(version: LibraryVersion) -> LibraryVersionView:
    """The wire form of a version."""
    return LibraryVersionView(
        number=version.number,
        source=version.source,
        parameters=list(version.parameters),
        samples=list(version.samples),
        checks=list(version.checks),
        note=version.note,
        created_at=version.created_at,
        created_by=_person(version.created_by),
    )


def _person(actor: Actor) -> LibraryPerson:
    return LibraryPerson(actor.kind, actor.id, actor.name)
