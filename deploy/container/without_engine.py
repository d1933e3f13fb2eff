"""Take the embedded telemetry engine out of a lock file: `python without_engine.py requirements.lock`."""

import re
import sys
from pathlib import Path

_ENGINE = re.compile(r"^chdb(?:-core)?==.*\\\n(?:    .*\\\n)*    .*\n", re.MULTILINE)


def without_engine(lock: str) -> str:
    """The lock without chDB and its hashes. Raises ValueError when it has none."""
    text, count = _ENGINE.subn("", lock)
    if not count:
        raise ValueError("the lock file names no chdb package")
    return text


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(without_engine(file.read_text()))
