"""Places that were booked for routers, where several processes answer them: a router may come to another one next."""

import mmap
import os
import struct
import zlib
from pathlib import Path
from typing import Final, Protocol

from tikfleet.kernel.ids import DeviceId

# A router's mark, when its booked place is, and from when it is welcome at all (seconds of the system's own clock,
# which all processes share and which begins anew at a reboot, as this file's use does).
_ENTRY: Final = struct.Struct("<Qdd")
_ENTRIES: Final = 1 << 18


class Places(Protocol):
    """What one process booked, the others find."""

    def read(self, device_id: DeviceId) -> tuple[float, float]:
        """The booked place and the moment of welcome; 0 where nothing is known."""
        ...

    def write(self, device_id: DeviceId, slot_s: float, due_s: float) -> None:
        """Remember both. Of two routers that share an entry the first is forgotten."""
        ...


class SharedPlaces:
    """A file of 6 MiB in memory that processes share; what a crash leaves is at worst an odd time to wait."""

    def __init__(self, path: Path) -> None:
        """Raises OSError."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(descriptor, _ENTRY.size * _ENTRIES)
            self._memory = mmap.mmap(descriptor, _ENTRY.size * _ENTRIES)
        finally:
            os.close(descriptor)

    def read(self, device_id: DeviceId) -> tuple[float, float]:
        mark, at = _entry(device_id)
        kept, slot_s, due_s = _ENTRY.unpack_from(self._memory, at)
        return (slot_s, due_s) if kept == mark else (0.0, 0.0)

    def write(self, device_id: DeviceId, slot_s: float, due_s: float) -> None:
        mark, at = _entry(device_id)
        _ENTRY.pack_into(self._memory, at, mark, slot_s, due_s)

    def close(self) -> None:
        """Let the memory go."""
        self._memory.close()


def _entry(device_id: DeviceId) -> tuple[int, int]:
    name = device_id.encode()
    at = zlib.crc32(name)
    # Never 0, which is what an empty entry has.
    return (zlib.adler32(name) << 32 | at) or 1, at % _ENTRIES * _ENTRY.size
