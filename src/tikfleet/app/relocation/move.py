"""Moving a warehouse: slice by slice, each compared before it counts as moved."""

from collections.abc import Sequence
from contextlib import aclosing
from typing import Protocol

import msgspec

from tikfleet.app.relocation.notes import Notes, NotesFile
from tikfleet.ports.relocation import CopyDiffers, RelocationSource, RelocationTarget, Slice, Tally
from tikfleet.ports.warehouse import FactTable


class Watcher(Protocol):
    """Who is told how far a move is."""

    def planned(self, slices_n: int, rows_n: int) -> None:
        """All there is to move."""
        ...

    def copied(self, rows_n: int) -> None:
        """Some more rows are on the other side, or were there already."""
        ...

    def began(self, part: Slice) -> None: ...


class Moved(msgspec.Struct, frozen=True):
    """What a run of a move did."""

    slices_n: int
    rows_n: int
    copied_slices_n: int
    copied_rows_n: int


class Move:
    """One run. Cut anywhere, the next run skips what is on the other side and equal, and goes on."""

    def __init__(self, source: RelocationSource, target: RelocationTarget, notes: NotesFile, name: str) -> None:
        """`name` is that of the target, by which its notes are known again."""
        self._source = source
        self._target = target
        self._file = notes
        self._name = name

    async def run(self, tables: Sequence[FactTable], watcher: Watcher) -> Moved:
        """Move everything. Raises `TargetInUse`, `CopyDiffers`, `WarehouseUnavailable`."""
        notes = self._file.read(self._name)
        await self._target.begin(tables, fresh=notes is None)
        notes = notes or Notes(self._name)
        self._file.write(notes)
        tallies = [(part, await self._source.tally(part)) for part in await self._source.slices()]
        tallies = [(part, tally) for part, tally in tallies if tally.rows]
        rows_n = sum(tally.rows for _, tally in tallies)
        watcher.planned(len(tallies), rows_n)
        missing = [(part, tally) for part, tally in tallies if notes.done.get(part.name) != tally]
        watcher.copied(rows_n - sum(tally.rows for _, tally in missing))
        for part, tally in missing:
            watcher.began(part)
            await self._copy(part, tally, watcher)
            notes.done[part.name] = tally
            self._file.write(notes)
        await self._target.finish(tables)
        notes.finished = True
        self._file.write(notes)
        return Moved(len(tallies), rows_n, len(missing), sum(tally.rows for _, tally in missing))

    async def _copy(self, part: Slice, wanted: Tally, watcher: Watcher) -> None:
        await self._target.clear(part)
        async with aclosing(self._source.blocks(part, self._target.form)) as blocks:
            async for block in blocks:
                await self._target.put(part, block)
                watcher.copied(block.rows_n)
        found = await self._target.tally(part)
        if found != wanted:
            raise CopyDiffers(
                f"{part.name} has {wanted.rows} rows with the sum {wanted.checksum:x}, "
                f"and its copy {found.rows} with {found.checksum:x}"
            )
