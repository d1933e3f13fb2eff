"""`tikfleet bench`: what this machine can do, and how many routers it will carry."""

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tikfleet.app.later import later

_INTERRUPTED: Final = 130


def bench(
    rows: Annotated[int, typer.Option(min=1_000, help="Check-ins in the history that is asked.")] = 1_000_000,
    seconds: Annotated[float, typer.Option(min=0.5, help="How long each load of check-ins lasts.")] = 10.0,
    data: Annotated[Path | None, typer.Option(help="Where the temporary data lies: on the disk to measure.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures for programs.")] = False,
) -> None:
    """Measure this machine with a temporary platform, and say how many routers it will carry.

    Everything is on loopback and in a temporary directory, which is removed in the end and when you interrupt it.
    """
    work = later("measuring.work")
    screen = Console(stderr=True)
    try:
        with (
            _interruptible(),
            tempfile.TemporaryDirectory(prefix="tikfleet-bench-", dir=data) as path,
            _progress(screen) as step,
        ):
            measured = work.measure(Path(path), work.Plan(rows, seconds), step)
    except (work.TooLittleSpace, OSError, RuntimeError) as error:
        screen.print(str(error), markup=False, highlight=False)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        screen.print("Interrupted; everything was removed.")
        raise typer.Exit(_INTERRUPTED) from None
    if as_json:
        work.print_json(measured)
    else:
        work.report(measured, Console())


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
