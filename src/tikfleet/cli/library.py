"""The script library: keep scripts with their versions and tests, and run them."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from tikfleet.cli.client import Api, Document
from tikfleet.cli.failures import USAGE, Failure
from tikfleet.cli.jobs import Following, Target, follow
from tikfleet.cli.kinds import Devices, Order, named, typed
from tikfleet.cli.listing import show_collection
from tikfleet.cli.options import Listed, Shown, Words, command
from tikfleet.cli.runs import read_script
from tikfleet.cli.terminal import Columns, Terminal, plain

ScriptArgument = Annotated[str, typer.Argument(help="Id of a script of the library.")]
FileArgument = Annotated[str, typer.Argument(help="File with the RouterOS script; - is standard input.")]
NumberOption = Annotated[int, typer.Option("--version", help="Number of a version; 0 is the newest.", min=0)]

_COLUMNS: Final[Columns] = {
    "NAME": plain("name"),
    "VERSION": plain("latest"),
    "VISIBILITY": plain("visibility"),
    "TAGS": lambda row: " ".join(row.get("tags") or []),
    "BY": plain("created_by.name"),
    "CHANGED": plain("updated_at"),
    "ID": plain("id"),
}

app = typer.Typer(no_args_is_help=True, help="Scripts that are kept, with versions, parameters and tests.")


@dataclass(frozen=True, slots=True)
class Wording:
    """What a version holds beside its text."""

    tests: Annotated[
        str, typer.Option(help="JSON file with `parameters` and `samples`, as `tikfleet library show --json` has them.")
    ] = ""
    release: Annotated[Words, typer.Option(help="RouterOS that it is meant for, such as 6.49; repeated for more.")] = (
        field(default_factory=list)
    )
    note: Annotated[str, typer.Option(help="What is new, for those who read it later.")] = ""

    def body(self, source: str) -> Document:
        """The request of a version. Raises Failure for a file that is no JSON object."""
        body: Document = {"source": source, "note": self.note}
        body |= {"releases": self.release} if self.release else {}
        return body | (self._tests() if self.tests else {})

    def _tests(self) -> Document:
        try:
            found = json.loads(Path(self.tests).read_text("utf-8"))
            return {name: found[name] for name in ("parameters", "samples") if name in found}
        except (OSError, ValueError, TypeError) as cause:
            raise Failure(f"{self.tests} cannot be read: {cause}", USAGE) from cause


@app.command("list")
@command
def list_scripts(
    terminal: Terminal,
    listed: Listed,
    search: Annotated[str, typer.Option("--search", "-q", help="Text in the name.")] = "",
    tag: Annotated[Words, typer.Option(help="With this tag.")] = [],  # noqa: B006
) -> None:
    """Shared scripts, and one's own."""
    with terminal.api() as api:
        show_collection(terminal, api, "/library", {"q": search, "tag": tag}, listed, _COLUMNS, "The library is empty.")


@app.command()
@command
def show(terminal: Terminal, script: ScriptArgument, shown: Shown, number: NumberOption = 0) -> None:
    """A version of a script with its text and what the check said of it."""
    with terminal.api() as api:
        found = api.get(f"/library/{script}")
        version = _version(api, script, number or found["latest"])
    if shown.as_json or shown.fields:
        terminal.json(found | {"version": version})
        return
    terminal.facts([(name, found.get(name)) for name in ("id", "name", "description", "visibility", "tags", "latest")])
    terminal.say(f"Version {version['number']}: {version['note']}")
    for one in version["parameters"]:
        default = "required" if one.get("default") is None else f"default {one['default']}"
        terminal.say(f"  {one['name']} ({one['type']}, {default}) {one['description']}")
    for one in version["checks"]:
        terminal.say(f"  RouterOS {one['release']}: {one['warning_count']} warnings")
    terminal.say(str(version["source"]).rstrip("\n"))


@dataclass(frozen=True, slots=True)
class LibraryOrder(Order):
    """Values for the script's parameters, and which version."""

    number: NumberOption = 0


@dataclass(frozen=True, slots=True)
class Naming:
    """What a script is called, and who sees it."""

    name: Annotated[str, typer.Option(help="What people call it.")]
    description: Annotated[str, typer.Option(help="What it is for.")] = ""
    tag: Annotated[Words, typer.Option(help="A tag; repeated for more.")] = field(default_factory=list)
    shared: Annotated[bool, typer.Option("--shared", help="For the whole organisation.")] = False

    def body(self) -> Document:
        """The request without its version."""
        visibility = "shared" if self.shared else "private"
        return {"name": self.name, "description": self.description, "tags": self.tag, "visibility": visibility}


@app.command()
@command
def add(terminal: Terminal, file: FileArgument, naming: Naming, wording: Wording, shown: Shown) -> None:
    """Keep a script; what RouterOS would refuse is not kept."""
    with terminal.api() as api:
        made = api.post("/library", wording.body(read_script(file)) | naming.body())
    _tell(terminal, made, shown, f"Kept as {made['id']}, version 1.")


@app.command()
@command
def update(terminal: Terminal, script: ScriptArgument, file: FileArgument, wording: Wording, shown: Shown) -> None:
    """Keep the next version of a script."""
    with terminal.api() as api:
        made = api.post(f"/library/{script}/versions", wording.body(read_script(file)))
    _tell(terminal, made, shown, f"Kept as version {made['number']}.")


@app.command()
@command
def change(
    terminal: Terminal,
    script: ScriptArgument,
    name: Annotated[str, typer.Option(help="A new name.")] = "",
    description: Annotated[str, typer.Option(help="A new description.")] = "",
    tag: Annotated[Words, typer.Option(help="Its tags from now on; repeated for more.")] = [],  # noqa: B006
    visibility: Annotated[str, typer.Option(help="private or shared.")] = "",
) -> None:
    """Change what a script is called and who sees it."""
    given = {"name": name, "description": description, "tags": tag, "visibility": visibility}
    with terminal.api() as api:
        found = api.patch(f"/library/{script}", {key: value for key, value in given.items() if value})
    terminal.say(f"{found['name']} is {found['visibility']}.")


@app.command()
@command
def delete(terminal: Terminal, script: ScriptArgument) -> None:
    """Delete a script with its versions."""
    with terminal.api() as api:
        api.delete(f"/library/{script}")
    terminal.say(f"{script} is deleted.")


@app.command()
@command
def run(
    terminal: Terminal,
    script: ScriptArgument,
    target: Target,
    order: LibraryOrder,
    following: Following,
    shown: Shown,
    devices: Devices = [],  # noqa: B006
) -> None:
    """Run a script of the library on devices, with a value for each parameter that has no default."""
    with terminal.api() as api:
        chosen = order.number or api.get(f"/library/{script}")["latest"]
        version = _version(api, script, chosen)
        values = dict(_value(version, text) for text in order.set_)
        body = order.body() | {"kind": "script", "library_id": script, "version": chosen, "values": values}
        body |= named(api, devices, target) if devices else target.body(api)
        follow(terminal, api, api.post("/jobs", body), following, shown)


def _version(api: Api, script: str, number: int) -> Document:
    found: Document = api.get(f"/library/{script}/versions", {"number": str(number)})["items"][0]
    return found


def _value(version: Document, text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    known = {one["name"]: one["type"] for one in version["parameters"]}
    if not equals or name not in known:
        raise Failure(
            f"{text} sets no parameter of the script", USAGE, remedy=f"It takes: {' '.join(known) or 'none'}."
        )
    return name, typed(name, known[name], value)


def _tell(terminal: Terminal, made: Document, shown: Shown, sentence: str) -> None:
    if shown.as_json:
        terminal.json(made)
    else:
        terminal.say(sentence)
