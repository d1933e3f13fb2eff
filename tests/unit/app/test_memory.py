"""A process that serves holds no arena for each thread and no code that was read only to place it."""

import subprocess
import sys

from tikfleet.app.processes.memory import clean_code

_MAPPING = """{at:x}-{end:x} {rights} 00000000 fe:00 7 {path}
Size:            {size} kB
Rss:             {rss} kB
Private_Dirty:     0 kB
Anonymous:       {anonymous} kB
VmFlags: rd mr mw me
"""


def mapping(at: int, *, rights: str = "r-xp", path: str = "/lib/engine.so", rss: int = 20_000, written: int = 0) -> str:
    end = at + (40_000 << 10)
    return _MAPPING.format(at=at, end=end, rights=rights, path=path, size=40_000, rss=rss, anonymous=written)


def test_only_large_code_that_was_never_written_to_is_let_go() -> None:
    first, second = 0x7F0000000000, 0x7F1000000000
    smaps = "".join(
        [
            mapping(first),
            mapping(0x7F2000000000, rights="rw-p"),
            mapping(0x7F3000000000, rights="r--p", written=4),
            mapping(0x7F4000000000, rss=400),
            mapping(0x7F5000000000, path=""),
            mapping(0x7F6000000000, path="[heap]"),
            mapping(second, rights="r--p"),
        ]
    )
    assert list(clean_code(smaps)) == [(first, 40_000 << 10, 20_000 << 10), (second, 40_000 << 10, 20_000 << 10)]


_SHOWN = """
import chdb.state.sqlitelike as engine
from tikfleet.app.processes.memory import bounded_arenas, let_go_of_code
bounded_arenas()
ask = lambda: engine.Connection(":memory:").query("select 6 * 7", "TSV").bytes().decode().strip()
print(ask())
print(let_go_of_code())
print(ask())
"""


def test_the_engine_answers_after_its_code_was_let_go() -> None:
    # A process of its own: other tests count on the library as it is.
    done = subprocess.run([sys.executable, "-c", _SHOWN], capture_output=True, text=True, check=True)

    before, let_go, after = done.stdout.split()
    assert (before, after) == ("42", "42")
    assert int(let_go) > 50 << 20 or not sys.platform.startswith("linux")
