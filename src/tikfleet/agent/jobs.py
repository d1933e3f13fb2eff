"""The scripts of the typed jobs: built from values, but for the one kind whose value is a script."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from tikfleet.agent.tiers import Tier
from tikfleet.routeros.script.builder import FLAG, Argument, Command, Dialect, Expression, script
from tikfleet.routeros.values import TRUE_WORDS

Parameters: TypeAlias = Mapping[str, str | int | bool]

# Long enough for the agent to report the outcome first.
_REBOOT_AFTER_S, _REBOOT_BEFORE_S = 15, 3_600
_IDENTITY_LIMIT: Final = 64


class JobKind(StrEnum):
    """A job that we know how to write. Its parameters stand beside its builder."""

    REBOOT = "reboot"
    IDENTITY = "identity"
    EXPORT = "export"
    SCRIPT = "script"


def render_job(kind: JobKind, parameters: Parameters, tier: Tier) -> str:
    """The text of `GET /agent/v1/jobs/{id}/script`; a parameter may come as text.

    Raises `ValueError` for parameters that the kind does not take.
    """
    build, names = _KINDS[kind]
    if not names >= parameters.keys():
        unknown = ", ".join(sorted(parameters.keys() - names))
        raise ValueError(f"a job of kind {kind} has no parameter {unknown}")
    dialect = Dialect.V6 if tier is Tier.D else Dialect.V7
    heading = f"# Tikfleet job: {kind}\n"
    return heading + script([build(parameters, tier)], dialect)


def _reboot(parameters: Parameters, tier: Tier) -> Command:
    """`delay_s`: how long the router waits, so that it can report first."""
    text = str(parameters.get("delay_s", _REBOOT_AFTER_S))
    if not text.isdecimal() or not _REBOOT_AFTER_S <= int(text) <= _REBOOT_BEFORE_S:
        raise ValueError(f"delay_s is {text!r}: it must be {_REBOOT_AFTER_S} to {_REBOOT_BEFORE_S}")
    reboot = "/system reboot" if tier is Tier.D else "/system/reboot"
    return Command("", "execute", script=f":delay {int(text)}s; {reboot}")


def _identity(parameters: Parameters, tier: Tier) -> Command:
    """`name`: the router's new name, at most 64 characters."""
    name = parameters.get("name")
    if not isinstance(name, str) or not 0 < len(name.encode()) <= _IDENTITY_LIMIT:
        raise ValueError(f"name is {name!r}: it must be text of 1 to {_IDENTITY_LIMIT} bytes")
    return Command("/system/identity", "set", name=name)


def _export(parameters: Parameters, tier: Tier) -> Command:
    """`sensitive`: with passwords and keys. RouterOS 6 shows them unless told not to, 7 hides them unless told to.

    Where the agent can read a file in parts the text goes to one, since it may be longer than a variable holds. Tier C
    prints it to a variable. Tier D can hand over 4,095 bytes, and its own script is more: the server tells what came
    as a failure.
    """
    sensitive = parameters.get("sensitive", False) in {True, *TRUE_WORDS}
    arguments: dict[str, Argument] = {}
    if tier in {Tier.A, Tier.B}:
        arguments["file"] = "tikfleet-output"
    if tier is Tier.D and not sensitive:
        arguments["hide-sensitive"] = FLAG
    if tier is not Tier.D and sensitive:
        arguments["show-sensitive"] = FLAG
    return Command("", "export", arguments)


@dataclass(frozen=True, slots=True)
class _Braced:
    """An operator's script in braces: `/import` gives each line outside of them its own local variables."""

    source: str

    def render(self, dialect: Dialect = Dialect.V7) -> str:
        return "{\n" + self.source.rstrip("\n") + "\n}"


def _source(parameters: Parameters, tier: Tier) -> _Braced:
    """`source`: RouterOS script of an operator, run as it is.

    It is not parsed here: our catalogue of menus comes from virtual machines, so that a script for a board's own
    menus would be refused.
    """
    source = parameters.get("source")
    if not isinstance(source, str) or not source.strip():
        raise ValueError("a job of kind script needs its source")
    return _Braced(source)


_KINDS: Final[Mapping[JobKind, tuple[Callable[[Parameters, Tier], Expression], frozenset[str]]]] = {
    JobKind.REBOOT: (_reboot, frozenset({"delay_s"})),
    JobKind.IDENTITY: (_identity, frozenset({"name"})),
    JobKind.EXPORT: (_export, frozenset({"sensitive"})),
    JobKind.SCRIPT: (_source, frozenset({"source"})),
}
