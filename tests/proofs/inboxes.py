"""The product's inbox on a disk that is listened to: what it wrote, and when it had acknowledged what."""

import asyncio
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from tikfleet.adapters.sqlite.inbox import SqliteInbox, connect
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.ports.inbox import Envelope, InboxUnavailable

from .file_layer import IO_SYNC, OK, FileLayer, Listener
from .model_disk import Create, Delete, Event, FailedSync, Sync, SyncDirectory, Truncate, Write

FILE: Final = "inbox.sqlite"
Connect = Callable[[Path], sqlite3.Connection]


class Acknowledged(msgspec.Struct, frozen=True):
    number: int


class Forgetting(msgspec.Struct, frozen=True):
    """From here on these may be gone."""

    numbers: frozenset[int]


Entry = Event | Acknowledged | Forgetting


class Recorder(Listener):
    """Everything that happens to the files of one directory, in its order."""

    def __init__(self, directory: Path) -> None:
        self.entries: list[Entry] = []
        self.syncs_fail = False
        self.directory = directory

    def created(self, path: Path) -> None:
        self._note(path, Create(path.name))

    def wrote(self, path: Path, offset: int, data: bytes) -> int:
        return self._note(path, Write(path.name, offset, data))

    def cut(self, path: Path, size: int) -> int:
        return self._note(path, Truncate(path.name, size))

    def syncing(self, path: Path) -> int:
        if not self.syncs_fail:
            return OK
        self._note(path, FailedSync(path.name))
        return IO_SYNC

    def synced(self, path: Path) -> None:
        self._note(path, Sync(path.name))

    def deleted(self, path: Path) -> None:
        self._note(path, Delete(path.name))

    def directory_synced(self, path: Path) -> None:
        self._note(path, SyncDirectory())

    def _note(self, path: Path, event: Event) -> int:
        if self.directory in (path, path.parent):
            self.entries.append(event)
        return OK


def envelope(number: int, size_bytes: int = 200) -> Envelope:
    """The number is the whole of it: the same number, the same bytes."""
    body = random.Random(number).randbytes(size_bytes) + number.to_bytes(8, "big")
    device = DeviceId(f"dev_{number}")
    return Envelope(OrganisationId("org_acme"), device, number, "checkin", "application/json", "::1", body)


def unsynced(path: Path) -> sqlite3.Connection:
    """The negative control: the product's connection with its sync taken away."""
    connection = connect(path)
    connection.execute("pragma synchronous = off")
    return connection


class Session:
    """Appends in groups of any size, reads and forgets, closes and opens again, as a seed says."""

    def __init__(self, layer: FileLayer, directory: Path, seed: int, opened_by: Connect = connect) -> None:
        self.recorder = Recorder(directory)
        self.sizes: dict[int, int] = {}
        self._layer = layer
        self.directory = directory
        self._chance = random.Random(seed)
        self._opened_by = opened_by
        self._number = seed * 1_000_000

    async def run(self, appends: int) -> list[Entry]:
        """The record of it. What is still in the inbox at the end stays there."""
        self.directory.mkdir(parents=True)
        self._layer.listener = self.recorder
        inbox = self.opened()
        while len(self.sizes) < appends:
            await asyncio.gather(*(self.append(inbox) for _ in range(self._chance.choice((1, 1, 1, 2, 5, 20)))))
            if self._chance.random() < 0.03:
                await self._forget_some(inbox)
            if self._chance.random() < 0.005:
                await inbox.close()
                inbox = self.opened()
        entries = list(self.recorder.entries)
        await inbox.close()
        self._layer.listener = Listener()
        return entries

    def move(self, directory: Path) -> None:
        """Go on in another directory, as if it were the same."""
        self.directory = self.recorder.directory = directory

    def opened(self) -> SqliteInbox:
        return SqliteInbox(self.directory / FILE, connect=self._opened_by)

    async def append(self, inbox: SqliteInbox) -> bool:
        """One more; gives whether it was acknowledged."""
        self._number += 1
        number = self._number
        self.sizes[number] = self._chance.choice((50, 300, 300, 2_500, 9_000))
        try:
            await inbox.append(envelope(number, self.sizes[number]))
        except InboxUnavailable:
            return False
        self.recorder.entries.append(Acknowledged(number))
        return True

    async def _forget_some(self, inbox: SqliteInbox) -> None:
        batch = await inbox.read(0, self._chance.choice((5, 50, 500)))
        if batch is not None:
            self.recorder.entries.append(Forgetting(frozenset(item.received_at_ms for item in batch.envelopes)))
            await inbox.forget(batch.last)


async def contents(directory: Path, sizes: dict[int, int]) -> tuple[set[int], int]:
    """What an inbox gives back, and how many of its envelopes were never sent or are known to be damaged.

    It must also take one more: a store that can't go on is no recovery. Raises InboxUnavailable.
    """
    inbox = SqliteInbox(directory / FILE)
    found: set[int] = set()
    wrong = after = 0
    try:
        while (batch := await inbox.read(after, 100_000)) is not None:
            for item in batch.envelopes:
                number = item.received_at_ms
                if number in sizes and number not in found and item == envelope(number, sizes[number]):
                    found.add(number)
                else:
                    wrong += 1
            wrong += batch.damaged
            after = batch.last
        await inbox.append(envelope(1))
    finally:
        await inbox.close()
    return found, wrong
