"""R3: power cuts. What was acknowledged before the cut is there after it, whatever of the unsynced writes was kept."""

import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from tikfleet.adapters.sqlite.inbox import connect
from tikfleet.ports.inbox import InboxUnavailable

from .file_layer import FileLayer, file_layer
from .inboxes import Acknowledged, Connect, Entry, Forgetting, Session, contents
from .model_disk import Cut, ModelDisk, write_files
from .verdicts import Verdict


class Tally(msgspec.Struct):
    points: int = 0
    acknowledged: int = 0
    lost: int = 0
    points_with_loss: int = 0
    wrong: int = 0
    refused: int = 0
    writes: int = 0
    syncs: int = 0


class Moment:
    """A disk as it is between two entries of a record, and what had been acknowledged by then."""

    def __init__(self) -> None:
        self.disk = ModelDisk()
        self.acknowledged: set[int] = set()

    def feed(self, entry: Entry) -> None:
        if isinstance(entry, Acknowledged):
            self.acknowledged.add(entry.number)
        elif isinstance(entry, Forgetting):
            self.acknowledged -= entry.numbers
        else:
            self.disk.feed(entry)


def memory_directory() -> str | None:
    """Where files cost no disk, if there is such a place: what is written here is thrown away at once."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def moments(entries: list[Entry], points: int, chance: random.Random) -> Iterator[Moment]:
    """So many moments of a record, in their order; each is true until the next is asked for."""
    moment = Moment()
    at = 0
    for point in sorted(chance.randrange(len(entries) + 1) for _ in range(points)):
        while at < point:
            moment.feed(entries[at])
            at += 1
        yield moment


async def cut_at_points(layer: FileLayer, points: int, appends: int, opened_by: Connect, seed: int) -> Tally:
    """One session recorded, then cut; the three ways of forgetting take turns."""
    chance = random.Random(seed)
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="tikfleet-power-", dir=memory_directory()) as place:
        session = Session(layer, Path(place) / "made", seed, opened_by)
        entries = await session.run(appends)
        tally.writes = sum(type(entry).__name__ == "Write" for entry in entries)
        tally.syncs = sum(type(entry).__name__ == "Sync" for entry in entries)
        for moment in moments(entries, points, chance):
            directory = Path(place) / "found"
            cut = list(Cut)[tally.points % len(Cut)]
            write_files(moment.disk.after(cut, chance), directory)
            await _judge(tally, moment, directory, session)
            shutil.rmtree(directory)
    return tally


async def _judge(tally: Tally, moment: Moment, directory: Path, session: Session) -> None:
    tally.points += 1
    tally.acknowledged += len(moment.acknowledged)
    try:
        found, wrong = await contents(directory, session.sizes)
    except InboxUnavailable:
        tally.refused += 1
        return
    lost = len(moment.acknowledged - found)
    tally.lost += lost
    tally.points_with_loss += lost > 0
    tally.wrong += wrong


async def prove_power(points: int = 10_000, sessions: int = 20, opened_by: Connect = connect) -> Verdict:
    layer = file_layer()
    layer.install()
    total = Tally()
    try:
        for number in range(sessions):
            one = await cut_at_points(layer, points // sessions, 900, opened_by, number + 1)
            for field in Tally.__struct_fields__:
                setattr(total, field, getattr(total, field) + getattr(one, field))
    finally:
        layer.uninstall()
    figures: dict[str, Any] = msgspec.structs.asdict(total)
    good = total.points > 0 and not (total.lost or total.wrong or total.refused) and total.acknowledged > 0
    return Verdict("R3 power cut", good, figures)
