"""`tikfleet backup` and `tikfleet restore`: both work on this machine, on the data directory itself."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from tikfleet.app.later import later
from tikfleet.app.settings import load_settings
from tikfleet.cli.failures import FAILED, USAGE, Failure
from tikfleet.cli.options import command
from tikfleet.cli.terminal import Terminal, plain
from tikfleet.kernel.errors import TikfleetError

_VARIABLE: Final = "TIKFLEET_BACKUP_PASSPHRASE"
PassphraseFile = Annotated[Path | None, typer.Option(help="File whose first line is the passphrase.")]


@dataclass(frozen=True, slots=True)
class BackupArguments:
    """What `tikfleet backup` takes."""

    to: Annotated[
        str, typer.Argument(help="Directory of backups, or s3://bucket/prefix; each becomes a directory in it.")
    ]
    data: Annotated[str | None, typer.Option(help="Data directory of the platform.")] = None
    keep: Annotated[int, typer.Option(min=0, help="Remove all but so many of the newest backups; 0 for none.")] = 0
    passphrase_file: PassphraseFile = None
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of text for people.")] = False


@dataclass(frozen=True, slots=True)
class RestoreArguments:
    """What `tikfleet restore` takes."""

    backup: Annotated[str, typer.Argument(help="Directory of one backup, or s3://bucket/prefix/name.")]
    data: Annotated[str | None, typer.Option(help="Data directory to make: empty, or not there yet.")] = None
    passphrase_file: PassphraseFile = None
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of text for people.")] = False


@command
def backup(terminal: Terminal, arguments: BackupArguments) -> None:
    """Write a backup of the whole platform, which may be running: database, history, inbox, objects, sealed keys.

    The passphrase that seals the keys is asked for, or read from --passphrase-file or TIKFLEET_BACKUP_PASSPHRASE.
    Without it nothing can be restored: keep it where neither the platform nor the backups are.
    """
    passphrase = _passphrase(arguments.passphrase_file, again=True)
    with _told(), _bar() as progress:
        settings = load_settings(os.environ, data=arguments.data)
        taken = later("backups.work").backup(settings, arguments.to, passphrase, arguments.keep, progress)
    _show(terminal, taken, as_json=arguments.as_json, sentence=f"Backup {taken['path']} is complete.")


@command
def restore(terminal: Terminal, arguments: RestoreArguments) -> None:
    """Bring a backup into an empty data directory. Every byte is checked first; what is damaged is refused."""
    passphrase = _passphrase(arguments.passphrase_file, again=False)
    with _told(), _bar() as progress:
        settings = load_settings(os.environ, data=arguments.data)
        done = later("backups.work").restore(settings, arguments.backup, passphrase, progress)
    sentence = f"Restored into {done['data']}. Start it with: tikfleet serve --data {done['data']}"
    _show(terminal, done, as_json=arguments.as_json, sentence=sentence)


@dataclass(frozen=True, slots=True)
class ListArguments:
    """What `tikfleet backups` takes."""

    of: Annotated[str, typer.Argument(help="Directory of backups, or s3://bucket/prefix.")]
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")] = False


@command
def backups(terminal: Terminal, arguments: ListArguments) -> None:
    """List the complete backups of a place, oldest first. What `tikfleet restore` says of one is its check."""
    with _told():
        found = later("backups.work").backups(load_settings(os.environ), arguments.of)
    if arguments.as_json:
        terminal.json(found)
        return
    columns = {name.replace("_", " "): plain(name) for name in ("path", "made_at", "version", "size_mib", "devices")}
    terminal.table(found, columns, "There is no complete backup.")


def _show(terminal: Terminal, document: dict[str, Any], *, as_json: bool, sentence: str) -> None:
    if as_json:
        terminal.json(document)
    else:
        terminal.facts([(name.replace("_", " "), value) for name, value in document.items()])
        terminal.say(sentence, "green")


@contextmanager
def _told() -> Iterator[None]:
    """Our errors as a sentence with its remedy, and exit code 1."""
    try:
        yield
    except TikfleetError as error:
        raise Failure(f"{error.title}: {error.detail}.", FAILED, remedy=error.advice, code=error.code) from error


def _passphrase(file: Path | None, *, again: bool) -> str:
    if file is not None:
        try:
            return (file.read_text().splitlines() or [""])[0]
        except (OSError, UnicodeDecodeError) as cause:
            raise Failure(f"The file {file} cannot be read.", USAGE) from cause
    if found := os.environ.get(_VARIABLE):
        return found
    if not sys.stdin.isatty():
        raise Failure("There is no passphrase.", USAGE, remedy=f"Give --passphrase-file, or set {_VARIABLE}.")
    return str(typer.prompt("Passphrase of the backup", hide_input=True, confirmation_prompt=again, err=True))


class _Bar:
    """Progress on a terminal."""

    def __init__(self, shown: Progress) -> None:
        self._shown = shown
        self._task = shown.add_task("Asking the platform", total=None)

    def begin(self, what: str, size_bytes: int) -> None:
        self._shown.update(self._task, description=what, total=size_bytes)

    def advance(self, size_bytes: int) -> None:
        self._shown.advance(self._task, size_bytes)


@contextmanager
def _bar() -> Iterator[_Bar]:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        yield _Bar(shown)
