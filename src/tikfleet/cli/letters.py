"""Dead letters: work of the installation that was given up."""

from typing import Annotated, Final

import typer

from tikfleet.cli.options import Shown, command
from tikfleet.cli.terminal import Columns, Terminal, plain

LetterArgument = Annotated[str, typer.Argument(help="Id of a letter.")]
_COLUMNS: Final[Columns] = {
    "ID": plain("id"),
    "BYTES": plain("size_bytes"),
    "CONTENT": plain("text"),
}

app = typer.Typer(no_args_is_help=True, help="Work that was given up; for the organisation that runs the platform.")


@app.command("list")
@command
def list_letters(
    terminal: Terminal,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")] = False,
) -> None:
    """What failed five times, up to a hundred letters of each queue."""
    with terminal.api() as api:
        found = api.get("/server/letters")
    if as_json:
        terminal.json(found)
    else:
        terminal.table(found["items"], _COLUMNS, "There are no dead letters.")


@app.command()
@command
def show(terminal: Terminal, letter: LetterArgument, shown: Shown) -> None:
    """One letter with all of its content."""
    with terminal.api() as api:
        found = api.get(f"/server/letters/{letter}")
    if shown.as_json:
        terminal.json(found)
        return
    terminal.facts([(name, found.get(name)) for name in ("queue", "id", "size_bytes", "replayable")])
    terminal.say(str(found["content"]))


@app.command()
@command
def replay(
    terminal: Terminal,
    letter: Annotated[str, typer.Argument(help="Id of a letter; without it all are replayed.")] = "",
) -> None:
    """Have one letter, or all, worked on again; what fails again comes back after five times."""
    with terminal.api() as api:
        if letter:
            api.post(f"/server/letters/{letter}/replay")
            terminal.say(f"{letter} waits to be worked on again.")
        else:
            terminal.say(f"{api.post('/server/letters/replay')['replayed']} letters wait to be worked on again.")


@app.command()
@command
def discard(terminal: Terminal, letter: LetterArgument) -> None:
    """Remove one for ever."""
    with terminal.api() as api:
        api.delete(f"/server/letters/{letter}")
    terminal.say(f"{letter} is gone.")
