"""What `tikfleet bench` does: it measures, and tells what it found."""

import json
import sys
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table

from tikfleet.app.measuring.estimate import BUSY, arithmetic
from tikfleet.app.measuring.measure import Measured, Plan, TooLittleSpace, measure

__all__ = ["Plan", "TooLittleSpace", "measure", "print_json", "report"]

_QUESTIONS: Final = {
    "device_day_raw": "one device's day, rows",
    "device_day": "one device's panels, a day",
    "fleet_day": "an organisation's panels, a day",
    "top_10": "the ten busiest of a day",
    "totals_day": "totals of a day",
    "breakdown": "devices by version",
}


def print_json(measured: Measured) -> None:
    """The figures for programs, on standard output."""
    sys.stdout.write(json.dumps(msgspec.to_builtins(measured), indent=2) + "\n")


def report(measured: Measured, console: Console) -> None:
    """The figures for people, and the sums that lead to how many routers."""
    console.print(_table(measured))
    for found in measured.carries:
        console.print(
            f"Reporting every {found.interval_s} s: [bold]{found.routers:,} routers[/bold] "
            f"at {BUSY:.0%} of the processor; first to run out: {found.bottleneck}."
        )
    console.print("\nThe sums, for 60 s:")
    for line in arithmetic(measured.costs, measured.carries[1]):
        console.print(f"  {line}", highlight=False)


def _table(measured: Measured) -> Table:
    table = Table("what", "figure", title=f"Tikfleet on this machine ({measured.costs.cores} cores)")
    checkins, tls, pipeline = measured.checkins, measured.tls, measured.pipeline
    for connections, rate in checkins["per_s_by_connections"].items():
        table.add_row(f"durable check-ins a second, {connections} connections", f"{rate:,}")
    table.add_row("durable check-ins per CPU-second", f"{checkins['per_cpu_s']:,}")
    table.add_row("the same over fresh TLS, a second and per CPU-second", f"{tls['per_s']:,} · {tls['per_cpu_s']:,}")
    table.add_row("everything (history, last state), per CPU-second", f"{pipeline['per_cpu_s']:,}")
    append, history = measured.append, measured.history
    table.add_row("rows into the warehouse, a second", f"{append['rows_per_s']:,}")
    table.add_row("bytes a row of check-ins with its rollups", f"{history['bytes_a_row']:,}")
    table.add_row(f"COUNT over {history['rows']:,} rows", f"{history['published_ms']['count_rows']:,} ms")
    table.add_row("SUM(cpu_count) over the same", f"{history['published_ms']['sum_cpu_count']:,} ms")
    for name, label in _QUESTIONS.items():
        table.add_row(label, f"{history['queries_ms'][name]:,} ms")
    return table
