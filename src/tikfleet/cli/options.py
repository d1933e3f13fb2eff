"""Options that several commands share, as values: a command takes `filters: Filters` and Typer sees each option."""

import dataclasses
import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, get_type_hints

import typer

from tikfleet.cli.failures import Failure
from tikfleet.cli.terminal import Terminal

Words = list[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """How a result is printed."""

    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of text for people.")] = False
    fields: Annotated[str, typer.Option(help="Only these fields, separated by commas.")] = ""


@dataclass(frozen=True, slots=True)
class Listed(Shown):
    """How a collection is printed."""

    limit: Annotated[int, typer.Option(help="How many rows at most; 0 for all.", min=0)] = 100
    sort: Annotated[str, typer.Option(help="A field to sort by, with a minus in front for the other way.")] = ""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which devices. A repeated option means any of its values; different options must all hold."""

    search: Annotated[str, typer.Option("--search", "-q", help="Text in name, serial, address and the like.")] = ""
    status: Annotated[Words, typer.Option(help="online, offline, pending, never or removing.")] = field(
        default_factory=list
    )
    site: Annotated[Words, typer.Option(help="Name or id of a site.")] = field(default_factory=list)
    site_group: Annotated[Words, typer.Option(help="Name or id of a group of sites.")] = field(default_factory=list)
    model: Annotated[Words, typer.Option(help="Model, such as RB5009UG+S+.")] = field(default_factory=list)
    version: Annotated[Words, typer.Option(help="RouterOS version.")] = field(default_factory=list)
    architecture: Annotated[Words, typer.Option(help="Architecture, such as arm64.")] = field(default_factory=list)
    tag: Annotated[Words, typer.Option(help="Tag.")] = field(default_factory=list)
    seen_within_s: Annotated[
        int, typer.Option("--seen-within", help="Checked in during the last so many seconds.", min=0)
    ] = 0
    unseen_for_s: Annotated[
        int, typer.Option("--unseen-for", help="Has not checked in for so many seconds, or never.", min=0)
    ] = 0

    @property
    def is_empty(self) -> bool:
        return not any(dataclasses.astuple(self))


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Make a Typer command of a function whose first parameter is the Terminal and that takes option groups.

    A parameter whose type is a dataclass becomes one option for each of its fields. A `Failure` becomes a message
    on stderr and an exit code.
    """
    signature = inspect.signature(function, eval_str=True)
    _, *rest = signature.parameters.values()
    groups: dict[str, type[Any]] = {}
    contexts: list[str] = []
    spread = [inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)]
    for parameter in rest:
        if dataclasses.is_dataclass(parameter.annotation) and isinstance(parameter.annotation, type):
            groups[parameter.name] = parameter.annotation
            spread += _spread(parameter.annotation)
        elif parameter.annotation is typer.Context:
            contexts.append(parameter.name)
        else:
            spread.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))

    @functools.wraps(function)
    def run(**given: Any) -> None:
        context: typer.Context = given.pop("ctx")
        terminal: Terminal = context.ensure_object(Terminal)
        given |= dict.fromkeys(contexts, context)
        for name, group in groups.items():
            given[name] = group(**{item.name: given.pop(item.name) for item in dataclasses.fields(group)})
        try:
            function(terminal, **given)
        except Failure as failure:
            terminal.fail(failure)
            raise typer.Exit(failure.exit_code) from failure

    run.__signature__ = inspect.Signature(spread)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in spread}
    return run


def _spread(group: type[Any]) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    made = []
    for item in dataclasses.fields(group):
        default: Any = inspect.Parameter.empty
        if item.default is not dataclasses.MISSING:
            default = item.default
        elif item.default_factory is not dataclasses.MISSING:
            default = item.default_factory()
        made.append(
            inspect.Parameter(item.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hints[item.name])
        )
    return made
