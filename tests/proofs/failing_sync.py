"""R9, below: a sync that failed is never taken for good, neither at once nor by the process that comes after.

After a failed sync the kernel counts what it could not write as clean: the bytes can be read, the next sync succeeds,
and they are not on the disk. Whoever builds on them loses what comes after at the next power cut.
"""

import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from tikfleet.adapters.sqlite import log
from tikfleet.ports.inbox import InboxUnavailable

from .file_layer import FileLayer, Listener, file_layer
from .inboxes import Acknowledged, Connect, Recorder, Session, connect, contents
from .model_disk import Create, Cut, ModelDisk, write_files
from .power import memory_directory
from .verdicts import Verdict


class Tally(msgspec.Struct):
    rounds: int = 0
    acknowledged: int = 0
    acknowledged_on_a_failed_sync: int = 0
    lost: int = 0
    refused: int = 0


async def one_round(layer: FileLayer, seed: int, opened_by: Connect, place: Path, tally: Tally) -> None:
    """Good, failing, killed or not, good again, then the power goes."""
    chance = random.Random(seed)
    session = Session(layer, place / "made", seed, opened_by)
    disk = ModelDisk()
    fed = 0
    session.directory.mkdir()
    layer.listener = session.recorder
    inbox = session.opened()
    for _ in range(chance.randint(1, 20)):
        await session.append(inbox)
    session.recorder.syncs_fail = True
    tally.acknowledged_on_a_failed_sync += sum([await session.append(inbox) for _ in range(chance.randint(1, 4))])
    session.recorder.syncs_fail = False
    if chance.random() < 0.7:
        # Killed: a new process finds the files as the kernel shows them.
        fed = feed(disk, session, fed)
        session.move(place / "again")
        write_files({name: bytes(content) for name, content in disk.seen.items()}, session.directory)
        layer.listener = session.recorder
        with heard(session):
            killed, inbox = inbox, session.opened()
        layer.listener, listener = Listener(), layer.listener
        await killed.close()
        layer.listener = listener
    for _ in range(chance.randint(1, 20)):
        await session.append(inbox)
    feed(disk, session, fed)
    layer.listener = Listener()
    await inbox.close()
    write_files(disk.after(Cut.NONE, chance), place / "found")
    acknowledged = {entry.number for entry in session.recorder.entries if isinstance(entry, Acknowledged)}
    tally.rounds += 1
    tally.acknowledged += len(acknowledged)
    try:
        found, wrong = await contents(place / "found", session.sizes)
    except InboxUnavailable:
        tally.refused += 1
    else:
        tally.lost += len(acknowledged - found) + wrong


class Heard:
    """The system's calls, and what the product writes by them without SQLite is recorded too."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def pwrite(self, number: int, data: bytes, at: int) -> int:
        self._recorder.wrote(Path(f"/proc/self/fd/{number}").readlink(), at, bytes(data))
        return os.pwrite(number, data, at)

    def fsync(self, number: int) -> None:
        os.fsync(number)
        self._recorder.synced(Path(f"/proc/self/fd/{number}").readlink())


@contextmanager
def heard(session: Session) -> Iterator[None]:
    real, log.os = log.os, Heard(session.recorder)
    try:
        yield
    finally:
        log.os = real


def feed(disk: ModelDisk, session: Session, fed: int) -> int:
    """Tell the disk what happened since; gives how far that goes."""
    entries = session.recorder.entries
    for entry in entries[fed:]:
        if not isinstance(entry, Acknowledged) and not (isinstance(entry, Create) and entry.name in disk.seen):
            disk.feed(entry)
    return len(entries)


async def prove_failed_syncs(rounds: int = 300, opened_by: Connect = connect) -> Verdict:
    layer = file_layer()
    layer.install()
    tally = Tally()
    try:
        for seed in range(rounds):
            with tempfile.TemporaryDirectory(prefix="tikfleet-sync-", dir=memory_directory()) as place:
                await one_round(layer, seed + 1, opened_by, Path(place), tally)
    finally:
        layer.uninstall()
    good = tally.acknowledged > 0 and not (tally.acknowledged_on_a_failed_sync or tally.lost or tally.refused)
    return Verdict("R9 failed sync, then power cut", good, msgspec.structs.asdict(tally))
