"""R2: kill -9 of the process group at random moments under load, many times."""

import statistics
import tempfile
from pathlib import Path

from tests.faults.load import verdict
from tests.faults.test_kill import BROKEN, outcome

from .houses import Platform
from .verdicts import Verdict


async def prove_kill(rounds: int = 100, without: str = "") -> Verdict:
    """`without` takes a promise away: `durable` or `once` (tests/faults/broken.py)."""
    with tempfile.TemporaryDirectory(prefix="tikfleet-kill-") as name:
        program = {"program": [str(BROKEN), without]} if without else {}
        platform = Platform(Path(name) / "data", **program)
        try:
            devices, rows, starts = await outcome(platform, rounds)
        finally:
            platform.end()
    lost, doubled = verdict(devices, rows)
    ready_s = statistics.median(starts)
    return Verdict(
        f"R2 {rounds} kills",
        not lost and not doubled and len(rows) > 20 * rounds and ready_s <= 5,
        {
            "reports": len(rows),
            "acknowledged": sum(len(device.acknowledged) for device in devices),
            "lost": len(lost),
            "doubled": len(doubled),
            "cpu_to_be_ready_median_s": round(ready_s, 2),
            "cpu_to_be_ready_most_s": round(max(starts), 2),
        },
    )
