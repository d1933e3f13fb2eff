"""What a router's console knows of a menu, by its own `/console/inspect`, kept for routers that are alike.

Menus, commands, and the form of an argument's value (`request=syntax`, as public captures of 7.9 to 7.24 hold it).
Never what stands inside an argument, nor the arguments at which consoles of old releases crash.
"""

import time
from collections import OrderedDict
from collections.abc import Iterator
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from tikfleet.domains.jobs.public import JobTarget, JobTargets, running_of
from tikfleet.domains.live.public import DeviceSilent, LiveHub
from tikfleet.domains.routeros.errors import RouterCannotDescribe, RouterMenuMissing
from tikfleet.domains.routeros.reading import RouterReads, device_of
from tikfleet.domains.routeros.translation import RestScripts
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.routeros.rest.call import RestRefused
from tikfleet.routeros.rest.plan import Plan, Reply
from tikfleet.routeros.rest.rows import Row
from tikfleet.routeros.script.builder import FLAG, Argument, Command

_MOST_KEPT: Final = 2_000
_MOST_VALUES: Final = 20_000
_PACKAGES_KEPT_S: Final = 600.0
# Arguments that hold scripts or conditions of their own; inspecting inside them crashed old consoles.
_DANGEROUS: Final = frozenset({"where", "do", "else", "rule", "command", "on-error"})
_LOWEST: Final = "D"

_Alike = tuple[OrganisationId, str, tuple[str, ...], str]


class CommandSchema(msgspec.Struct, frozen=True):
    """A command and the arguments that it takes."""

    name: Annotated[str, Meta(examples=["add"])]
    arguments: Annotated[list[str], Meta(examples=[["address", "interface"]])]
    values: Annotated[
        dict[str, str],
        Meta(
            description="What the console says of an argument's value, of a single command only. An argument of "
            "which it says nothing, or that is not inspected, is left out.",
            examples=[{"address": "A.B.C.D    (IP address)"}],
        ),
    ] = {}
    unasked: Annotated[
        list[str], Meta(description="Arguments whose values were not asked in time: the same request again goes on.")
    ] = []


class MenuSchema(msgspec.Struct, frozen=True):
    """A menu (`menu`) with those inside it and its commands, or one command (`command`), as the router has it.

    `packages` are those that are installed and not disabled. Of the root and of large menus only commands' names are
    told: ask for one of them to see what it takes, and in which form. `kept` says that a router that is alike was
    asked before.
    """

    version: Annotated[str, Meta(examples=["7.20.8"])]
    packages: Annotated[list[str], Meta(examples=[["routeros", "wifi-qcom"]])]
    path: Annotated[str, Meta(examples=["/ip/address"])]
    kind: Annotated[str, Meta(examples=["menu"])]
    menus: list[str]
    commands: list[CommandSchema]
    kept: bool = False


class RouterSchemas:
    """Asks routers in live mode, and remembers what those of a version with the same packages said."""

    def __init__(self, hub: LiveHub, targets: JobTargets, scripts: RestScripts) -> None:
        self._hub = hub
        self._targets = targets
        self._reads = RouterReads(hub, scripts)
        self._known: OrderedDict[_Alike, MenuSchema] = OrderedDict()
        self._values: OrderedDict[tuple[_Alike, str], str] = OrderedDict()
        self._packages: OrderedDict[tuple[DeviceId, str], tuple[float, tuple[str, ...]]] = OrderedDict()

    async def of(self, org: OrgScope, device_id: DeviceId, path: str, wait_s: float) -> MenuSchema:
        """Raises RouterCannotDescribe, RouterMenuMissing, and DeviceSilent when it is not in live mode in time."""
        words = tuple(word for word in path.split("/") if word)
        device = await device_of(self._targets, org, device_id)
        if device.tier == _LOWEST:
            raise RouterCannotDescribe("RouterOS 6 does not describe itself")
        if not _DANGEROUS.isdisjoint(words):
            raise RouterCannotDescribe("what stands inside an argument is not inspected")
        self._hub.want(device.id)
        ends_s = time.monotonic() + wait_s
        packages = await self._packages_of(device, ends_s)
        alike = (device.org_id, device.version, packages, "/".join(words))
        if (known := self._known.get(alike)) is not None:
            self._known.move_to_end(alike)
            return msgspec.structs.replace(known, kept=True)
        found = await self._asked(device, words, packages, ends_s)
        if found.kind == "command":
            found = msgspec.structs.replace(
                found, commands=[await self._with_values(device, words, alike, found.commands[0], ends_s)]
            )
        if not any(command.unasked for command in found.commands):
            self._known[alike] = found
            _bound(self._known)
        return found

    async def _asked(
        self, device: JobTarget, words: tuple[str, ...], packages: tuple[str, ...], ends_s: float
    ) -> MenuSchema:
        rows = await self._children(device, words, ends_s)
        if not rows:
            raise RouterMenuMissing(f"{device.name} knows no /{'/'.join(words)}")
        own = next((row.get("node-type", "") for row in rows if row.get("type") == "self"), "dir")
        path = "/" + "/".join(words)
        made = MenuSchema(running_of(device.version).version, list(packages), path, "menu", [], [])
        if own == "cmd":
            command = CommandSchema(words[-1], sorted(_names(rows, "arg")))
            return msgspec.structs.replace(made, kind="command", commands=[command])
        commands = []
        for name in sorted(_names(rows, "cmd")):
            inside = await self._children(device, (*words, name), ends_s) if words and name not in _DANGEROUS else []
            commands.append(CommandSchema(name, sorted(_names(inside, "arg"))))
        return msgspec.structs.replace(made, menus=sorted(_names(rows, "dir", "path")), commands=commands)

    async def _with_values(
        self, device: JobTarget, words: tuple[str, ...], alike: _Alike, command: CommandSchema, ends_s: float
    ) -> CommandSchema:
        """The command with what the console says of each argument: a question for each, as long as there is time."""
        values, unasked = {}, []
        for name in command.arguments:
            if name in _DANGEROUS:
                continue
            try:
                text = await self._value(device, (*words, name), alike, ends_s)
            except DeviceSilent:
                unasked.append(name)
                continue
            if text:
                values[name] = text
        return msgspec.structs.replace(command, values=values, unasked=unasked)

    async def _value(self, device: JobTarget, words: tuple[str, ...], alike: _Alike, ends_s: float) -> str:
        """The one sentence of an argument's syntax; nothing where the console has none, or more than one."""
        key = (alike, words[-1])
        if (known := self._values.get(key)) is not None:
            return known
        if time.monotonic() >= ends_s:
            raise DeviceSilent("there was no time to ask")
        given: dict[str, Argument] = {"request": "syntax", "path": ",".join(words), "as-value": FLAG}
        rows = await self._rows(device, "/console", Command("/console", "inspect", given), ends_s)
        self._values[key] = text = rows[0].get("text", "") if len(rows) == 1 else ""
        _bound(self._values, _MOST_VALUES)
        return text

    async def _children(self, device: JobTarget, words: tuple[str, ...], ends_s: float) -> list[Row]:
        """What the console names for a path, the path itself (`type=self`) among them; nothing for an unknown one."""
        given: dict[str, Argument] = {"request": "child", "path": ",".join(words), "as-value": FLAG}
        return await self._rows(device, "/console", Command("/console", "inspect", given), ends_s)

    async def _packages_of(self, device: JobTarget, ends_s: float) -> tuple[str, ...]:
        key, now_s = (device.id, device.version), time.monotonic()
        known = self._packages.get(key)
        if known is not None and now_s - known[0] < _PACKAGES_KEPT_S:
            return known[1]
        command = Command("/system/package", "print", {"as-value": FLAG})
        rows = await self._rows(device, "/system/package", command, ends_s)
        off = ("disabled", "available")
        names = tuple(sorted(row["name"] for row in rows if "name" in row and "true" not in map(row.get, off)))
        self._packages[key] = (now_s, names)
        _bound(self._packages)
        return names

    async def _rows(self, device: JobTarget, menu: str, command: Command, ends_s: float) -> list[Row]:
        plan = Plan(menu, command, lambda _: Reply(200))
        try:
            outcome, _ = await self._reads.whole(device, plan, ends_s)
        except RestRefused as refused:
            raise RouterCannotDescribe(f"{device.name} says: {refused.detail or refused.status}") from refused
        return list(outcome.rows)


def _bound(kept: OrderedDict[Any, Any], most: int = _MOST_KEPT) -> None:
    """Forget the oldest when there are too many."""
    if len(kept) > most:
        kept.popitem(last=False)


def _names(rows: list[Row], *kinds: str) -> Iterator[str]:
    return (
        row["name"] for row in rows if row.get("type") == "child" and row.get("node-type") in kinds and "name" in row
    )
