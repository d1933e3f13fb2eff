"""What a platform remembers of its last complete backup: it warns where that is long ago."""

from pathlib import Path
from typing import Final

import msgspec

from tikfleet.app.backups.copying import write_file

CONTROL: Final = "control"
_FILE: Final = "last-backup.json"


class LastBackup(msgspec.Struct, frozen=True):
    """Its name, when it was complete (seconds since 1970), and its size."""

    name: str
    finished_s: float
    size_bytes: int


def last_backup(data: Path) -> LastBackup | None:
    """The last complete backup of a data directory, as far as it knows of one."""
    try:
        return msgspec.json.decode((data / CONTROL / _FILE).read_bytes(), type=LastBackup)
    except (OSError, msgspec.DecodeError):
        return None


def remember(data: Path, last: LastBackup) -> None:
    """Note that a backup is complete."""
    fresh = data / CONTROL / f"{_FILE}.new"
    fresh.unlink(missing_ok=True)
    write_file(fresh, msgspec.json.encode(last))
    fresh.replace(data / CONTROL / _FILE)
