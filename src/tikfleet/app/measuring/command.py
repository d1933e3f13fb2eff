"""`tikfleet bench`: what this machine can do, and how many routers it will carry."""

import json
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from tikfleet.app.measuring.measure import Measured

_INTERRUPTED: Final = 130
_QUESTIONS: Final = {
    "device_day_raw": "one device's day, rows",
    "device_day": "one device's panels, a day",
    "fleet_day": "an organisation's panels, a day",
    "top_10": "the ten busiest of a day",
    "totals_day": "totals of a day",
    "breakdown": "devices by version",
}


def bench(
    rows: Annotated[int, typer.Option(min=1_000, help="Check-ins in the history that is asked.")] = 1_000_000,
    seconds: Annotated[float, typer.Option(min=0.5, help="How long each load of check-ins lasts.")] = 10.0,
    data: Annotated[Path | None, typer.Option(help="Where the temporary data lies: on the disk to measure.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures for programs.")] = False,
) -> None:
    """Measure this machine with a temporary platform, and say how many routers it will carry.

    Everything is on loopback and in a temporary directory, which is removed in the end and when you interrupt it.
    """
    # The platform takes a second to import, and the other commands need none of it.
    from tikfleet.app.measuring.measure import Plan, TooLittleSpace, measure

    screen = Console(stderr=True)
    try:
        with (
            _interruptible(),
            tempfile.TemporaryDirectory(prefix="tikfleet-bench-", dir=data) as path,
            _progress(screen) as step,
        ):
            measured = measure(Path(path), Plan(rows, seconds), step)
    except (TooLittleSpace, OSError, RuntimeError) as error:
        screen.print(str(error), markup=False, highlight=False)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        screen.print("Interrupted; everything was removed.")
        raise typer.Exit(_INTERRUPTED) from None
    if as_json:
        _print_json(measured)
    else:
        _report(measured, Console())


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM ends the measurement as Ctrl-C does, and Ctrl-C does so where a shell ignores it: nothing is left."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _progress(screen: Console) -> Iterator[Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, disable=not screen.is_terminal) as progress:
        tasks: dict[str, Any] = {}

        def step(text: str, done: float) -> None:
            if text not in tasks:
                for task in tasks.values():
                    progress.update(task, completed=1.0)
                tasks[text] = progress.add_task(text, total=1.0)
            progress.update(tasks[text], completed=done)

        yield step
        for task in tasks.values():
            progress.update(task, completed=1.0)


def _print_json(measured: "Measured") -> None:
    import msgspec

    sys.stdout.write(json.dumps(msgspec.to_builtins(measured), indent=2) + "\n")


def _report(measured: "Measured", console: Console) -> None:
    from tikfleet.app.measuring.estimate import BUSY, arithmetic

    console.print(_table(measured))
    for found in measured.carries:
        console.print(
            f"Reporting every {found.interval_s} s: [bold]{found.routers:,} routers[/bold] "
            f"at {BUSY:.0%} of the processor; first to run out: {found.bottleneck}."
        )
    console.print("\nThe sums, for 60 s:")
    for line in arithmetic(measured.costs, measured.carries[1]):
        console.print(f"  {line}", highlight=False)


def _table(measured: "Measured") -> Table:
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
