"""What a process holds beyond what it uses: arenas of the C library, and code that was only read once.

Both are of Linux with glibc; elsewhere nothing happens.
"""

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

# As mallopt(3) numbers them.
_ARENA_MAX: Final = -8
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
# Each thread would get an arena of its own, which keeps what it held at its fullest.
_ARENAS: Final = 2
_GIVEN_BACK_BYTES: Final = 1 << 20
_OWN_MAPPING_BYTES: Final = 256 << 10
_MADV_DONTNEED: Final = 4
_LARGE_KIB: Final = 8 << 10
_HEAD: Final = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+ *(.*)$", re.MULTILINE)
_SAID: Final = re.compile(r"^(\w+): +(\d+) kB$", re.MULTILINE)


def bounded_arenas() -> None:
    """Call before threads are started: what they free goes back to the system, and not to a shelf for each of them."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return
    for option, value in (
        (_ARENA_MAX, _ARENAS),
        (_TRIM_THRESHOLD, _GIVEN_BACK_BYTES),
        (_MMAP_THRESHOLD, _OWN_MAPPING_BYTES),
    ):
        mallopt(option, value)


def let_go_of_code() -> int:
    """Unmap the pages of large libraries that starting them has touched; what is used comes back from the page cache.

    Loading the telemetry engine reads a quarter of a gigabyte to place it. Gives how many bytes were let go.
    """
    try:
        found = list(clean_code(Path("/proc/self/smaps").read_text()))
        madvise = ctypes.CDLL(None).madvise
    except (AttributeError, OSError):
        return 0
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for first, size_bytes, _ in found:
        madvise(first, size_bytes, _MADV_DONTNEED)
    return sum(resident_bytes for _, _, resident_bytes in found)


def clean_code(smaps: str) -> Iterator[tuple[int, int, int]]:
    """(address, size, resident), in bytes, of the large mappings of files that nothing was ever written to.

    What was written, such as places of symbols, has pages of its own ("Anonymous") and would be lost. `smaps` is the
    text that proc(5) describes.
    """
    heads = list(_HEAD.finditer(smaps))
    ends = [*(head.start() for head in heads[1:]), len(smaps)]
    for head, end in zip(heads, ends, strict=True):
        first, last, rights, path = int(head[1], 16), int(head[2], 16), head[3], head[4]
        said = {name: int(kib) for name, kib in _SAID.findall(smaps, head.end(), end)}
        untouched = path.startswith("/") and "w" not in rights and said.get("Anonymous") == 0
        if untouched and said["Rss"] >= _LARGE_KIB:
            yield first, last - first, said["Rss"] << 10
