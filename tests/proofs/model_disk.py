"""A disk that forgets: what it holds after a power cut is what was synced, and some of the rest."""

import random
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Final

import msgspec

SECTOR: Final = 512


class Cut(Enum):
    """What of the writes since the last sync is on the disk: nothing, the first ones, or sectors in any order."""

    NONE = "none"
    PREFIX = "prefix"
    REORDERED = "reordered"


class Write(msgspec.Struct, frozen=True):
    name: str
    offset: int
    data: bytes


class Truncate(msgspec.Struct, frozen=True):
    name: str
    size: int


class Create(msgspec.Struct, frozen=True):
    name: str


class Delete(msgspec.Struct, frozen=True):
    name: str


class Sync(msgspec.Struct, frozen=True):
    name: str


class FailedSync(msgspec.Struct, frozen=True):
    """The kernel gave up on what was written: it is not on the disk, stays readable, and counts as clean."""

    name: str


class SyncDirectory(msgspec.Struct, frozen=True):
    """Names of files are durable with this, and only with this."""


Event = Write | Truncate | Create | Delete | Sync | FailedSync | SyncDirectory
Change = Write | Truncate
Naming = Create | Delete


class ModelDisk:
    """Fed with events in their order. `after` says what a cut leaves; `seen` what programs read meanwhile."""

    def __init__(self) -> None:
        # A file that is made anew under an old name is another one: `name#number`.
        self._numbers: dict[str, int] = {}
        self._durable: dict[str, bytearray] = {}
        self._names: dict[str, str] = {}
        self._pending: list[Change] = []
        self._naming: list[tuple[Naming, str]] = []
        self.seen: dict[str, bytearray] = {}

    def feed(self, event: Event) -> None:
        if isinstance(event, SyncDirectory):
            for naming, key in self._naming:
                _rename(self._names, naming, key)
            self._naming.clear()
            return
        if isinstance(event, Create):
            self._numbers[event.name] = self._numbers.get(event.name, 0) + 1
        key = f"{event.name}#{self._numbers[event.name]}"
        if isinstance(event, Create | Delete):
            self._naming.append((event, key))
            self.seen.pop(event.name, None)
        elif isinstance(event, Sync):
            self._settle(key)
        elif isinstance(event, FailedSync):
            self._pending = [change for change in self._pending if change.name != key]
        else:
            change = msgspec.structs.replace(event, name=key)
            # A file is written in sectors: each of them may reach the disk or not.
            self._pending += _pieces(change) if isinstance(change, Write) else [change]
            _apply(self.seen.setdefault(event.name, bytearray()), event)

    def after(self, cut: Cut, chance: random.Random) -> dict[str, bytes]:
        """The files that are found when the power is back."""
        names = dict(self._names)
        for naming, key in self._naming[: _how_many(cut, len(self._naming), chance)]:
            _rename(names, naming, key)
        files = {key: bytearray(self._durable.get(key, b"")) for key in names.values()}
        for change in self._kept(cut, chance):
            if change.name in files:
                _apply(files[change.name], change, chance.choice((0, 0xA5)))
        return {name: bytes(files[key]) for name, key in names.items()}

    def _kept(self, cut: Cut, chance: random.Random) -> Iterable[Change]:
        if cut is not Cut.REORDERED:
            return self._pending[: _how_many(cut, len(self._pending), chance)]
        # Each sector stands as it was after some of its writes, whatever its neighbours are.
        written: dict[tuple[str, int], int] = {}
        for change in self._pending:
            key = _sector(change)
            written[key] = written.get(key, 0) + 1
        left = {key: chance.randint(0, count) for key, count in written.items()}
        kept = []
        for change in self._pending:
            key = _sector(change)
            left[key] -= 1
            if left[key] >= 0:
                kept.append(change)
        return kept

    def _settle(self, key: str) -> None:
        content = self._durable.setdefault(key, bytearray())
        for change in self._pending:
            if change.name == key:
                _apply(content, change)
        self._pending = [change for change in self._pending if change.name != key]


def write_files(files: dict[str, bytes], directory: Path) -> None:
    """As they are after a cut, for a program to find."""
    directory.mkdir(parents=True)
    for name, content in files.items():
        (directory / name).write_bytes(content)


def _rename(names: dict[str, str], naming: Naming, key: str) -> None:
    if isinstance(naming, Create):
        names[naming.name] = key
    elif names.get(naming.name) == key:
        del names[naming.name]


def _how_many(cut: Cut, count: int, chance: random.Random) -> int:
    return 0 if cut is Cut.NONE else chance.randint(0, count)


def _sector(change: Change) -> tuple[str, int]:
    return change.name, change.offset // SECTOR if isinstance(change, Write) else -1


def _pieces(write: Write) -> list[Change]:
    pieces: list[Change] = []
    at = 0
    while at < len(write.data):
        size = min(len(write.data) - at, SECTOR - (write.offset + at) % SECTOR)
        pieces.append(Write(write.name, write.offset + at, write.data[at : at + size]))
        at += size
    return pieces


def _apply(content: bytearray, change: Change, filling: int = 0) -> None:
    if isinstance(change, Truncate):
        del content[change.size :]
        content.extend(bytes(change.size - len(content)))
        return
    end = change.offset + len(change.data)
    if len(content) < end:
        # What lies between may be zeros, or whatever stood on the disk before.
        content.extend(bytes([filling]) * (end - len(content)))
    content[change.offset : end] = change.data
