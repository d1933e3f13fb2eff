"""What a move has done, in a file beside what is moved: a move that was cut goes on where it was."""

import os
from pathlib import Path
from typing import Final

import msgspec

from tikfleet.ports.relocation import Tally

FILE: Final = "warehouse-move.json"


class Notes(msgspec.Struct):
    """The target of a move, the slices that are there and equal, and whether it is over."""

    target: str
    done: dict[str, Tally] = {}
    finished: bool = False


class NotesFile:
    """Keeps notes through kill -9 and power cuts."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / FILE

    def read(self, target: str) -> Notes | None:
        """The notes of a move to this target; None where none was begun, or it went elsewhere."""
        try:
            notes = msgspec.json.decode(self.path.read_bytes(), type=Notes)
        except FileNotFoundError:
            return None
        return notes if notes.target == target else None

    def write(self, notes: Notes) -> None:
        """Replace the notes; they are synced when this returns."""
        fresh = self.path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(notes), indent=1))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
        directory = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
