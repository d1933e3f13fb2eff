"""`make bench`: figures of this machine, printed, and written to build/bench.json. docs/performance.md tells them."""

import argparse
import asyncio
import json
import platform as machine
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import checkins, platform, warehouse

ROOT = Path(__file__).parents[1]
DASHBOARD = ROOT / "src" / "tikfleet" / "app" / "dashboard"
GOALS = {
    "P1.checkins_per_cpu_s": "≥ 7,000",
    "P1.share_of_bare_percent": "≥ 55",
    "P4.documents_per_cpu_s": "≥ 100,000",
    "platform.cold_start_s": "≤ 3",
    "platform.memory_at_rest_mb": "≤ 600",
    "platform.checkin_to_visible_ms.p99": "≤ 2,000",
    "dashboard.first_load_script_kb": "≤ 500",
    "warehouse.rows_per_s": "≥ 150,000 (P6)",
    "warehouse.bytes_per_row": "≤ 45 (P7)",
}


def main() -> None:
    """Run everything but the long one (`make bench-50m`)."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--short", action="store_true", help="seconds instead of minutes; the figures are rough")
    short = arguments.parse_args().short
    figures: dict[str, Any] = {"machine": {"cores": _cores(), "python": machine.python_version()}}
    console = Console()
    with console.status("check-ins: bare and durable, in turn …"):
        figures |= checkins.measure(2.0 if short else 6.0)
    with console.status("the whole platform, from its start …"):
        figures["platform"] = platform.measure(3.0 if short else 8.0)
    figures["dashboard"] = {"first_load_script_kb": first_load_kb()}
    if not short:
        with console.status("a million check-ins into the warehouse …"), tempfile.TemporaryDirectory() as directory:
            figures["warehouse"] = asyncio.run(warehouse.measured(Path(directory)))
    target = ROOT / "build" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    console.print(_table(figures))
    console.print(f"Written to {target.relative_to(ROOT)}")


def first_load_kb() -> float | None:
    """Compressed script that the first page loads: what index.html names, in the encoding that a browser takes."""
    index = DASHBOARD / "index.html"
    if not index.exists():
        return None
    text = index.read_text()
    total = 0
    for file in sorted((DASHBOARD / "_nuxt").glob("*.js")):
        if file.name in text:
            compressed = file.with_name(file.name + ".br")
            total += (compressed if compressed.exists() else file).stat().st_size
    return round(total / 1000, 1)


def _table(figures: dict[str, Any]) -> Table:
    table = Table("figure", "here", "goal", title="Tikfleet on this machine")
    for name, value in _flat(figures, ""):
        table.add_row(name, f"{value:,}" if isinstance(value, int | float) else str(value), GOALS.get(name, ""))
    return table


def _flat(values: dict[str, Any], prefix: str) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for key, value in values.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{prefix}{key}.")
        elif not isinstance(value, list):
            rows.append((prefix + key, value))
    return rows


def _cores() -> int:
    return len(Path("/proc/cpuinfo").read_text().split("processor\t")) - 1


if __name__ == "__main__":
    main()
