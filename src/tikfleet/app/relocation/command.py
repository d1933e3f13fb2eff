"""`tikfleet warehouse move`: from the embedded engine to a server, while the platform is stopped."""

import asyncio
import os
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from tikfleet.app.later import later
from tikfleet.app.relocation.move import Move, Moved
from tikfleet.app.relocation.notes import NotesFile
from tikfleet.app.settings import Settings, SettingsWrong, load_settings
from tikfleet.kernel.errors import TikfleetError
from tikfleet.ports.relocation import Slice

app = typer.Typer(no_args_is_help=True, help="Where telemetry is kept.")


@app.callback()
def warehouse() -> None:
    """Where telemetry is kept."""


@app.command("move")
def move_command(
    to: Annotated[str | None, typer.Option(help="Address of the server; by default TIKFLEET_WAREHOUSE_URL.")] = None,
    data: Annotated[str | None, typer.Option(help="Data directory of the platform.")] = None,
) -> None:
    """Move telemetry from the data directory to a server, while the platform is stopped.

    Each day, month or year of a table is copied, and compared by rows and checksum. A move that was cut goes on when
    the command is run again. What is moved stays where it was.
    """
    screen = Console(stderr=True)
    try:
        settings = load_settings(os.environ, warehouse_url=to, data=data)
        moved = asyncio.run(_moved(settings, screen))
    except TikfleetError as error:
        screen.print(f"{error.title}: {error.detail}.\n{error.advice}", markup=False, highlight=False)
        raise typer.Exit(1) from error
    _report(settings, moved)


async def _moved(settings: Settings, screen: Console) -> Moved:
    work = later("relocation.platform")
    server = settings.warehouse_server
    if server is None:
        raise SettingsWrong("--to or warehouse_url says where telemetry moves to")
    embedded = msgspec.structs.replace(settings, warehouse_url="", warehouse_cluster="", warehouse_sharded=False)
    with _progress(screen) as progress:
        bar = _Bar(progress)
        async with work.drained(embedded) as (source, tables), work.opened_target(settings, server) as target:
            move = Move(source, target, NotesFile(settings.directory), str(server))
            return await move.run(tables, bar)


class _Bar:
    """A move's progress in rows."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID = progress.add_task("reading what there is", total=None)

    def planned(self, slices_n: int, rows_n: int) -> None:
        self._progress.update(self._task, total=rows_n)

    def began(self, part: Slice) -> None:
        self._progress.update(self._task, description=part.name)

    def copied(self, rows_n: int) -> None:
        self._progress.advance(self._task, rows_n)


def _progress(screen: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=screen
    )


def _report(settings: Settings, moved: Moved) -> None:
    print(f"{moved.rows_n} rows in {moved.slices_n} parts are on {settings.warehouse_server}, compared part by part.")
    if moved.copied_slices_n < moved.slices_n:
        print(f"{moved.slices_n - moved.copied_slices_n} parts were there from an earlier run.")
    print(f"Start the platform with TIKFLEET_WAREHOUSE_URL={settings.warehouse_url}")
