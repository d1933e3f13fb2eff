"""A collection of garbage that looks at everything is rare in a process that serves."""

import subprocess
import sys

_SHOWN = """
import gc
from tikfleet.app.processes.garbage import hold, settle
hold()
held = not gc.isenabled()
kept = [[] for _ in range(1000)]
settle()
print(gc.get_freeze_count() > 1000, gc.get_threshold()[0] > 700, held, gc.isenabled())
"""


def test_what_is_there_when_a_process_begins_to_serve_is_not_looked_at_again() -> None:
    # A process of its own: what a test freezes would stay so for all tests after it.
    done = subprocess.run([sys.executable, "-c", _SHOWN], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["True"] * 4
