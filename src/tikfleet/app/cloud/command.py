"""The command `tikfleet deploy aws`: `--plan`, deploy, status, logs, rollback, destroy."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import msgspec
import typer

from tikfleet.adapters.aws.clients import AwsPlace, Clients, CloudUnavailable, DriverMissing
from tikfleet.app.cloud.assembly import Assembly, StackUnbuilt, read_assembly, synthesise
from tikfleet.app.cloud.changes import Changes, change_lines, changes_between
from tikfleet.app.cloud.chosen import ChoicesWrong, Chosen, read_chosen
from tikfleet.app.cloud.erasing import Eraser
from tikfleet.app.cloud.installation import Installation
from tikfleet.app.cloud.letters import Letters
from tikfleet.app.cloud.package import PYTHON, make_package, quiet_run
from tikfleet.app.cloud.plan import lines, plan_of
from tikfleet.app.cloud.prices import price_table
from tikfleet.app.cloud.stacks import Stack
from tikfleet.app.cloud.traffic import MEASURED, with_chain
from tikfleet.kernel.errors import TikfleetError

_STACK: Final = Path("deploy/aws")
_PYTHON: Final = Path(".venv-aws/bin/python")
_LOCK: Final = Path("deploy/container/requirements.lock")
_MINUTE_MS: Final = 60_000
_ENDPOINT: Final = "TIKFLEET_AWS_ENDPOINT"
T = TypeVar("T")

Choices = Annotated[Path, typer.Option("--choices", help="The file of choices (docs/guides/deploy-aws.md).")]
PlanOnly = Annotated[bool, typer.Option("--plan", help="Only say what would change, and what a month costs.")]
AsJson = Annotated[bool, typer.Option("--json", help="The plan as JSON, for programs.")]
Assembled = Annotated[Path | None, typer.Option(help="A directory that CDK wrote already; by default it is made.")]
Sure = Annotated[str, typer.Option("--yes", metavar="NAME", help="Do not ask: the installation's name says it all.")]
_HERE = Path("tikfleet-aws.toml")

app = typer.Typer(help="Put the platform somewhere else.", no_args_is_help=True)
aws = typer.Typer(invoke_without_command=True)
app.add_typer(aws, name="aws")


@aws.callback()
def aws_command(
    context: typer.Context,
    plan: PlanOnly = False,
    choices: Choices = _HERE,
    as_json: AsJson = False,
    assembled: Assembled = None,
) -> None:
    """The platform on AWS: make it or bring it to this release, with what the file of choices says.

    What was acknowledged stays acknowledged: routers' reports wait in the stream while functions change.
    """
    if context.invoked_subcommand is not None:
        return
    chosen = _answered(lambda: read_chosen(choices, needed=not plan))
    with tempfile.TemporaryDirectory(prefix="tikfleet-aws-") as made:
        if plan:
            _print_plan(chosen, lambda: _assembly(chosen, assembled, Path(made)), as_json=as_json)
            return
        assembly = _answered(lambda: _assembly(chosen, assembled, Path(made)))
        standing = _with(chosen, lambda installation: installation.deploy(assembly))
    print(f"{chosen.name} is {standing.status}.")
    for name, value in sorted(standing.outputs.items()):
        print(f"  {name}: {value}")


def _assembly(chosen: Chosen, assembled: Path | None, made: Path) -> Assembly:
    """What CDK wrote, or writes now. Raises ChoicesWrong and StackUnbuilt."""
    if assembled is None:
        synthesise(_STACK, _PYTHON.absolute(), made, chosen.context())
    return read_assembly(assembled or made, chosen.name)


@aws.command("status")
def status_command(choices: Choices = _HERE) -> None:
    """How the installation stands, and which templates it had."""
    chosen = _answered(lambda: read_chosen(choices, needed=True))
    found = _with(chosen, lambda installation: installation.status())
    print(f"{chosen.name}: {found.standing.status or 'not there'} {found.standing.reason}".rstrip())
    for name in found.templates:
        print(f"  {'*' if name == found.standing.template else ' '} {name}")
    for name, value in sorted(found.standing.outputs.items()):
        print(f"  {name}: {value}")


@aws.command("logs")
def logs_command(
    choices: Choices = _HERE,
    since_min: Annotated[int, typer.Option(min=1, max=10_080, help="How many minutes back.")] = 15,
) -> None:
    """The last lines of functions and container."""
    chosen = _answered(lambda: read_chosen(choices, needed=True))
    since_ms = int(time.time() * 1000) - since_min * _MINUTE_MS
    for line in _with(chosen, lambda installation: installation.logs(since_ms)):
        print(line)


@aws.command("letters")
def letters_command(
    choices: Choices = _HERE,
    replay: Annotated[bool, typer.Option("--replay", help="Have dead work done again.")] = False,
) -> None:
    """What was given up: work that failed five times, and calls of functions that AWS gave up."""
    chosen = _answered(lambda: read_chosen(choices, needed=True))
    if replay:
        count = _run(chosen, lambda clients: Letters(clients, chosen.name).replayed())
        print(f"{count} messages wait to be worked on again.")
        return
    letters = _run(chosen, lambda clients: Letters(clients, chosen.name).listed())
    for letter in letters:
        print(f"{letter.queue:<9} {letter.id}  {letter.text}")
    if not letters:
        print("There are no dead letters.")


@aws.command("rollback")
def rollback_command(choices: Choices = _HERE) -> None:
    """Back to the template before. Data, and the database's schema, stay as they are."""
    chosen = _answered(lambda: read_chosen(choices, needed=True))
    standing = _with(chosen, lambda installation: installation.rollback())
    print(f"{chosen.name} is {standing.status}, on {standing.template}.")


@aws.command("destroy")
def destroy_command(
    choices: Choices = _HERE,
    yes: Sure = "",
    data_too: Annotated[str, typer.Option(metavar="NAME", help="The name a second time: what is kept goes too.")] = "",
) -> None:
    """Take the installation away. Objects, database, keys and logs stay, unless the name is said twice."""
    chosen = _answered(lambda: read_chosen(choices, needed=True))
    said = yes or typer.prompt(f"Type {chosen.name} to take it away")
    if said != chosen.name or data_too not in ("", chosen.name):
        print("That is not its name: nothing was done.", file=sys.stderr)
        raise SystemExit(1)
    kept = _with(chosen, lambda installation: installation.destroy())
    if data_too:
        kept = _run(chosen, lambda clients: Eraser(clients, chosen.name, print).erase(kept))
    print(f"{chosen.name} is gone." + (" What stays:" if kept else ""))
    for kind, found in kept:
        print(f"  {kind} {found}")


@aws.command("package")
def package_command(
    out: Annotated[Path, typer.Option(help="A new directory.")] = Path("build/functions"),
    python: Annotated[
        str, typer.Option(help="An interpreter of the functions' version, with pip.")
    ] = f"python{PYTHON}",
) -> None:
    """Make the directory that functions run from (`code` in the file of choices). Needs the package index."""
    _answered(lambda: make_package(out, _LOCK.read_text(), Path(str(files("tikfleet"))), python, quiet_run))
    size_mb = sum(found.stat().st_size for found in out.rglob("*") if found.is_file()) / 1e6
    print(f"{out} has {size_mb:,.0f} MB; Lambda takes 250.")


def _print_plan(chosen: Chosen, assemble: Callable[[], Assembly], *, as_json: bool) -> None:
    shape = _answered(lambda: chosen.shape)
    plan = plan_of(shape, with_chain(MEASURED, chosen.certificate_kind), price_table())
    changes: Changes | None = None
    unknown = ""
    try:
        changes = changes_between(*_templates(chosen, assemble()))
    except (ChoicesWrong, StackUnbuilt) as error:
        unknown = f"Which resources would be made is not known: {error.detail}."
    if as_json:
        print(msgspec.json.encode({"changes": changes, **msgspec.structs.asdict(plan)}).decode())
        return
    print(*([unknown] if changes is None else change_lines(changes)), "", *lines(plan), sep="\n")


def _templates(chosen: Chosen, assembly: Assembly) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """What runs, as far as it can be asked, and what would run."""
    try:
        deployed = asyncio.run(_asked(chosen, lambda clients: Stack(clients, chosen.name, print).template()))
    except (CloudUnavailable, DriverMissing) as error:
        print(f"AWS was not asked: {error.detail}.", file=sys.stderr)
        deployed = None
    return deployed, assembly.template


def _with(chosen: Chosen, ask: Callable[[Installation], Awaitable[T]]) -> T:
    return _run(chosen, lambda clients: ask(Installation(clients, chosen.name, print, _look_again_s())))


def _run(chosen: Chosen, ask: Callable[[Clients], Awaitable[T]]) -> T:
    return _answered(lambda: asyncio.run(_asked(chosen, ask)))


async def _asked(chosen: Chosen, ask: Callable[[Clients], Awaitable[T]]) -> T:
    region = chosen.region or os.environ.get("AWS_REGION", "")
    clients = Clients(AwsPlace(region, os.environ.get(_ENDPOINT, "")))
    try:
        return await ask(clients)
    finally:
        await clients.close()


def _look_again_s() -> float:
    """CloudFormation takes minutes at AWS, and moments where something else answers in its place."""
    return 0.2 if os.environ.get(_ENDPOINT) else 5.0


def _answered(ask: Callable[[], T]) -> T:
    """What went wrong in words, without a traceback."""
    try:
        return ask()
    except TikfleetError as error:
        print(f"{error.title}: {error.detail}.\n{error.advice}", file=sys.stderr)
        raise SystemExit(1) from error
