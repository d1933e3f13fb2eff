"""How cost grows with a fleet and with its history: `python -m bench.growth routers` and `python -m bench.growth rows`.

Prints a table, writes build/growth-….json, and draws docs/images/growth-….svg (`--draw` draws from the figures kept).
"""

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench.growth import fleet, history
from bench.growth.plot import svg

_ROOT: Final = Path(__file__).parents[2]
_KINDS: Final[dict[str, Any]] = {"routers": fleet, "rows": history}


def main() -> None:
    """Measure, or take what was measured, then show and draw it."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("kind", choices=list(_KINDS))
    arguments.add_argument("--sizes", type=int, nargs="*")
    arguments.add_argument("--directory", type=Path, help="keep the data here; it must be empty")
    arguments.add_argument("--draw", action="store_true", help="measure nothing")
    chosen = arguments.parse_args()
    kind, result = _KINDS[chosen.kind], _ROOT / "build" / f"growth-{chosen.kind}.json"
    if not chosen.draw:
        result.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="tikfleet-growth-") as path:
            measured: list[dict[str, Any]] = []
            for one in kind.grown(chosen.directory or Path(path), chosen.sizes or kind.SIZES):
                measured.append({**one, "load_average": os.getloadavg()[0]})
                # Kept on the way: the last size may take a quarter of an hour.
                result.write_text(json.dumps({"found": measured}, indent=2) + "\n")
    found = json.loads(result.read_text())["found"]
    heads, rows = kind.table(found)
    shown = Table(*heads, title=f"Growth with {chosen.kind}")
    for row in rows:
        shown.add_row(*row)
    Console().print(shown)
    (_ROOT / "docs" / "images" / f"growth-{chosen.kind}.svg").write_text(svg(kind.charts(found)))


if __name__ == "__main__":
    main()
