"""What a crash leaves undecided in a directory, decided before the engine opens it.

ClickHouse notes an insert's token in `deduplication_logs/deduplication_log_N.txt` (`1<tab>part<tab>token`; 2 for a
dropped part), then renames the part into place, and does not sync the note. So a crash may leave

- a note without its part: a replay would be taken for a copy and lost. The note is struck out;
- a part without its note (after a power cut): a replay would count twice. The part was not acknowledged, because
  `sync_notes` comes before every acknowledgement: it is moved to `detached/`.
"""

import os
import re
from collections.abc import Iterable, Iterator
from itertools import chain, count
from pathlib import Path
from typing import Final

_CLOSED: Final = "closed-cleanly"
_NOTES: Final = "deduplication_logs"
_NOTE_FILE: Final = re.compile(r"deduplication_log_(\d+)\.txt")
# Last comes the number of a change such as a DELETE, by which the part was written anew.
_PART: Final = re.compile(r"([^_]+)_(\d+)_(\d+)_(\d+)(?:_\d+)?")
_ADDED: Final = "1"
_FIELDS: Final = 3

Part = tuple[str, int, int]


def recover(directory: Path) -> None:
    """Make the notes of every table agree with its parts, unless `closed_cleanly` said that they do.

    The engine must not be running.
    """
    marker = directory / _CLOSED
    if marker.exists():
        marker.unlink()
        _sync(directory)
        return
    for notes in sorted((directory / "store").glob(f"*/*/{_NOTES}")):
        files = _note_files(notes)
        if files:
            _recover_table(notes.parent, files)


def closed_cleanly(directory: Path) -> None:
    """Say that the engine ended in order: what somebody puts into the directory until it starts again stays there."""
    (directory / _CLOSED).touch()


def sync_notes(tables: Iterable[Path]) -> None:
    """Make the newest notes of these tables (their directories) survive a power cut."""
    for table in tables:
        notes = table / _NOTES
        files = _note_files(notes)
        # The engine syncs a file of notes when it begins the next one.
        for path in (*files[-1:], notes):
            _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _recover_table(table: Path, files: list[Path]) -> None:
    parts = {path: part for path in table.iterdir() if path.is_dir() and (part := _part(path.name))}
    last = 0
    for path in files:
        lines = path.read_text(errors="replace").splitlines(keepends=True)
        kept = [line for line in lines if _holds(line, parts.values())]
        last = max(last, *(part[2] for line in kept if (part := _part(line.split("\t")[1]))), 0)
        if kept != lines:
            _rewrite(path, "".join(kept))
    for path, part in parts.items():
        if part[1] > last:
            path.rename(_free(table / "detached", f"unacknowledged_{path.name}"))


def _free(directory: Path, name: str) -> Path:
    """A path there that nothing has: numbers of blocks are given again after a part was set aside."""
    names = chain([name], (f"{name}_try{number}" for number in count(2)))
    return next(path for each in names if not (path := directory / each).exists())


def _holds(line: str, parts: Iterable[Part]) -> bool:
    """Whether a note is whole, and its part (or one that it was merged into) is there."""
    fields = line.split("\t")
    if len(fields) != _FIELDS or not line.endswith("\n"):
        return False
    noted = _part(fields[1])
    if noted is None:
        return False
    return fields[0] != _ADDED or any(
        there[0] == noted[0] and there[1] <= noted[1] and noted[2] <= there[2] for there in parts
    )


def _part(name: str) -> Part | None:
    """Partition and range of block numbers of a part's name such as `20261123_17_42_3`."""
    found = _PART.fullmatch(name)
    return (found[1], int(found[2]), int(found[3])) if found else None


def _note_files(notes: Path) -> list[Path]:
    return [path for _, path in sorted(_numbered(notes))]


def _numbered(notes: Path) -> Iterator[tuple[int, Path]]:
    for path in notes.iterdir():
        if found := _NOTE_FILE.fullmatch(path.name):
            yield int(found[1]), path


def _rewrite(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    with fresh.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
