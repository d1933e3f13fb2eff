"""Typed jobs on the command line: what kinds there are, and asking one with `--set NAME=VALUE`."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Final

import typer

from tikfleet.cli import names
from tikfleet.cli.client import Api, Document
from tikfleet.cli.conditions import Conditions
from tikfleet.cli.failures import USAGE, Failure
from tikfleet.cli.jobs import Following, Target, follow
from tikfleet.cli.options import Shown, Words, command
from tikfleet.cli.terminal import Columns, Terminal, plain

_COLUMNS: Final[Columns] = {
    "KIND": plain("kind"),
    "TITLE": plain("title"),
    "CLASS": lambda row: str((row.get("classes") or [""])[0]),
    "PARAMETERS": lambda row: " ".join(_parameters(row)),
}
Devices = Annotated[Words, typer.Argument(metavar="[DEVICE]...", help="Id, name, identity or serial.")]
_ASKED_FOR: Final = "-"
_WORDS: Final = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True, slots=True)
class Order(Conditions):
    """What a typed job is told, and how long it waits."""

    set_: Annotated[
        Words,
        typer.Option("--set", "-s", help="NAME=VALUE; lists with commas; NAME=- asks for it without showing it."),
    ] = field(default_factory=list)
    job_class: Annotated[str, typer.Option("--class", help="once, query or desired-state; each kind has its own.")] = ""
    description: Annotated[str, typer.Option(help="Why, for those who read it later.")] = ""
    timeout_s: Annotated[int, typer.Option(help="How long it may run on a device.")] = 60
    expires_in_s: Annotated[int, typer.Option(help="How long it waits for a device that is away.")] = 86_400

    def body(self) -> Document:
        """The request without kind, values and devices."""
        body: Document = {"timeout_s": self.timeout_s, "expires_in_s": self.expires_in_s}
        body |= {"job_class": self.job_class} if self.job_class else {}
        return body | Conditions.body(self) | ({"description": self.description} if self.description else {})


@command
def kinds(terminal: Terminal, shown: Shown) -> None:
    """What can be asked of devices; parameters that must be given come without brackets."""
    with terminal.api() as api:
        items = api.get("/job-kinds")["items"]
    if shown.as_json:
        terminal.json({"items": items})
    else:
        terminal.table(items, _COLUMNS, "There are no kinds.")


@command
def run_kind(
    terminal: Terminal,
    kind: Annotated[str, typer.Argument(help="Kind of job: `tikfleet jobs kinds` lists them.")],
    target: Target,
    order: Order,
    following: Following,
    shown: Shown,
    devices: Devices = [],  # noqa: B006
) -> None:
    """Ask a typed job of devices, such as `jobs run ping branch-1 --set host=192.0.2.1`."""
    with terminal.api() as api:
        found = kind_of(api, kind)
        parameters = dict(value_of(found, text) for text in order.set_)
        body = order.body() | {"kind": kind} | ({"parameters": parameters} if parameters else {})
        body |= named(api, devices, target) if devices else target.body(api)
        if kind == "reboot" and not following.yes:
            typer.confirm("Reboot these devices?", abort=True, err=True)
        follow(terminal, api, api.post("/jobs", body), following, shown)


def named(api: Api, devices: Words, target: Target) -> Document:
    """Devices that stand as arguments. Raises Failure when others are named by options, too."""
    if target.device or target.everything:
        raise Failure("name the devices once", USAGE, remedy="Leave out --device and --all.")
    return {"device_ids": list(dict.fromkeys(names.device_id(api, text) for text in devices))}


def kind_of(api: Api, kind: str) -> Document:
    """A typed kind of the catalogue. Raises Failure."""
    found: list[Document] = [one for one in api.get("/job-kinds")["items"] if one["kind"] == kind]
    if not found or kind == "script":
        raise Failure(f"there is no typed kind {kind}", USAGE, remedy="Look at `tikfleet jobs kinds`.")
    return found[0]


def value_of(kind: Document, text: str) -> tuple[str, Any]:
    """A parameter as its schema has it."""
    name, equals, value = text.partition("=")
    schema = kind["parameters"]["properties"].get(name)
    if not equals or schema is None:
        known = " ".join(kind["parameters"]["properties"])
        raise Failure(f"{text} sets no parameter of {kind['kind']}", USAGE, remedy=f"It takes: {known or 'none'}.")
    if value == _ASKED_FOR:
        value = typer.prompt(name, hide_input=True, err=True)
    return name, typed(name, _type(schema), value)


def typed(name: str, type_: str, value: str) -> bool | int | str | list[str]:
    """A value in the form of its type. Raises Failure."""
    try:
        match type_:
            case "integer":
                return int(value)
            case "boolean":
                return _WORDS[value.lower()]
            case "array" | "list":
                return [word.strip() for word in value.split(",") if word.strip()]
            case _:
                return value
    except (ValueError, KeyError) as cause:
        raise Failure(f"{name} is {'a number' if type_ == 'integer' else 'yes or no'}", USAGE) from cause


def _type(schema: Document) -> str:
    options = [schema, *schema.get("anyOf", [])]
    return next((str(one["type"]) for one in options if one.get("type") not in (None, "null")), "string")


def _parameters(kind: Document) -> list[str]:
    required = kind["parameters"].get("required", [])
    return [name if name in required else f"[{name}]" for name in kind["parameters"]["properties"]]
