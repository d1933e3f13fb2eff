"""Runs: a change for many devices in waves: make, look, start, hold, go on, report."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from tikfleet.cli import units
from tikfleet.cli.client import Api, Document
from tikfleet.cli.failures import FAILED, UNAVAILABLE, USAGE, Failure
from tikfleet.cli.jobs import Target
from tikfleet.cli.listing import show_collection
from tikfleet.cli.options import Listed, Shown, Words, command
from tikfleet.cli.terminal import Columns, Terminal, plain
from tikfleet.cli.wishes import Wish
from tikfleet.kernel.clock import utc_now

RunArgument = Annotated[str, typer.Argument(help="Id of a run.")]
ReasonOption = Annotated[str, typer.Option(help="Why, for those who read it later.")]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", help="A file instead of standard output.")]

_ENDED: Final = frozenset({"finished", "cancelled"})
_RESTING: Final = _ENDED | {"halted", "paused", "awaiting_approval", "draft", "planned"}
_POLL_S: Final = 1.0
_MOST_FAILURES: Final = 20
_STANDARD_INPUT: Final = "-"
_BARS: Final = 30
_COLUMNS: Final[Columns] = {
    "CREATED": plain("created_at"),
    "NAME": plain("name"),
    "STATE": plain("state"),
    "WAVE": lambda row: f"{row.get('wave')}/{len(row.get('waves') or [])}",
    "DEVICES": plain("total"),
    "SUCCEEDED": plain("counts.succeeded"),
    "FAILED": plain("counts.failed"),
    "SILENT": plain("counts.silent"),
    "BY": plain("created_by.name"),
    "ID": plain("id"),
}
_TARGETS: Final[Columns] = {
    "WAVE": plain("wave"),
    "DEVICE": plain("device_name"),
    "STATE": plain("state"),
    "ATTEMPT": plain("attempt"),
    "ERROR": plain("error"),
    "JOB": plain("job_id"),
}

app = typer.Typer(no_args_is_help=True, help="Changes for many devices, in waves.")


@app.command()
@command
def create(
    terminal: Terminal,
    target: Target,
    wish: Wish,
    shown: Shown,
    script: Annotated[str, typer.Argument(help="File with the RouterOS script; - is standard input.")] = "",
    start: Annotated[bool, typer.Option("--start", help="Start it at once.")] = False,
) -> None:
    """Plan a change over devices, a script or with --kind a typed one; nothing is sent before `start`."""
    if bool(script) == bool(wish.kind):
        raise Failure("say what to do", USAGE, remedy="Give the file of a script, or --kind.")
    with terminal.api() as api:
        text = read_script(script) if script else ""
        run = api.post("/runs", wish.body(api, text) | target.body(api))
        if start:
            run = api.post(f"/runs/{run['id']}/start")
    _tell(terminal, run, shown)


@app.command("list")
@command
def list_runs(
    terminal: Terminal,
    listed: Listed,
    state: Annotated[Words, typer.Option(help="Only runs in this state.")] = [],  # noqa: B006
) -> None:
    """Runs, newest first."""
    with terminal.api() as api:
        show_collection(terminal, api, "/runs", {"state": state}, listed, _COLUMNS, "No run has been made yet.")


@app.command()
@command
def show(terminal: Terminal, run: RunArgument, shown: Shown) -> None:
    """One run with its waves and its history."""
    with terminal.api() as api:
        found = api.get(f"/runs/{run}", {"fields": shown.fields})
    if shown.as_json or shown.fields:
        terminal.json(found)
        return
    _tell(terminal, found, shown)
    for entry in found.get("history") or []:
        terminal.say(f"{entry.get('at')}  {entry.get('state')}  {entry.get('note')}  ({entry['by'].get('name')})")


@app.command()
@command
def targets(
    terminal: Terminal,
    run: RunArgument,
    listed: Listed,
    state: Annotated[Words, typer.Option(help="Only devices in this state.")] = [],  # noqa: B006
) -> None:
    """The devices of a run and what came of it there."""
    with terminal.api() as api:
        items = list(api.pages(f"/runs/{run}/targets", {"state": state, "fields": listed.fields}, listed.limit))
    if listed.as_json:
        terminal.json({"items": items})
    else:
        terminal.table(items, _TARGETS, "No device is in such a state.")


@app.command()
@command
def preview(
    terminal: Terminal,
    run: RunArgument,
    shown: Shown,
    limit: Annotated[int, typer.Option(help="How many devices at most; 0 for all.", min=0)] = 10,
) -> None:
    """The exact script for each device, and what RouterOS would say of it there."""
    with terminal.api() as api:
        items = list(api.pages(f"/runs/{run}/preview", {"fields": shown.fields}, limit))
    if shown.as_json or shown.fields:
        terminal.json({"items": items})
        return
    for item in items:
        terminal.say(f"{item['device_name']} (RouterOS {item['version']}, wave {item['wave']})", "bold")
        terminal.say("\n".join(f"  {line}" for line in str(item.get("script") or "").splitlines()))
        if item.get("error"):
            terminal.say(f"  {item['error']}", "red")


@app.command()
@command
def watch(terminal: Terminal, run: RunArgument, shown: Shown) -> None:
    """Follow a run until it rests; exit code 1 unless it is finished and every device succeeded."""
    failures, last = 0, ""
    with terminal.api() as api:
        while True:
            try:
                found, failures = api.get(f"/runs/{run}"), 0
            except Failure as failure:
                # The run goes on without us: a server that restarts is waited for.
                failures += 1
                if failure.exit_code != UNAVAILABLE or failures > _MOST_FAILURES:
                    raise
                terminal.sleep(_POLL_S)
                continue
            if (line := _line(found)) != last and not shown.as_json:
                terminal.say(line)
            last = line
            if found["state"] in _RESTING:
                break
            terminal.sleep(_POLL_S)
    if shown.as_json:
        terminal.json(found)
    if found["state"] != "finished" or found["counts"]["succeeded"] != found["total"]:
        raise Failure(f"the run is {found['state']}: {found['reason'] or _line(found)}", FAILED)


@app.command()
@command
def report(
    terminal: Terminal,
    run: RunArgument,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV instead of JSON.")] = False,
    output: OutputOption = None,
) -> None:
    """The run with every device, as JSON or CSV."""
    with terminal.api() as api:
        if not as_csv and output is None:
            terminal.json(api.get(f"/runs/{run}/report"))
            return
        text = api.text(f"/runs/{run}/report{'.csv' if as_csv else ''}")
    if output is None:
        terminal.raw(text)
        return
    try:
        output.write_text(text, "utf-8")
    except OSError as cause:
        raise Failure(f"{output} cannot be written: {cause}") from cause


@app.command()
@command
def plan(terminal: Terminal, run: RunArgument, shown: Shown) -> None:
    """Choose the devices of a draft, or those of a plan anew, as the inventory is now."""
    _decide(terminal, run, "plan", shown)


@app.command()
@command
def start(terminal: Terminal, run: RunArgument, shown: Shown) -> None:
    """Let a planned run begin, or ask for its approval."""
    _decide(terminal, run, "start", shown)


@app.command()
@command
def approve(terminal: Terminal, run: RunArgument, shown: Shown) -> None:
    """Agree to a run that somebody else made."""
    _decide(terminal, run, "approve", shown)


@app.command()
@command
def pause(terminal: Terminal, run: RunArgument, shown: Shown, reason: ReasonOption = "") -> None:
    """Ask nobody else for now."""
    _decide(terminal, run, "pause", shown, {"reason": reason})


@app.command()
@command
def resume(terminal: Terminal, run: RunArgument, shown: Shown, reason: ReasonOption = "") -> None:
    """Go on after a pause, through a gate, or in spite of a halt."""
    _decide(terminal, run, "resume", shown, {"reason": reason})


@app.command()
@command
def cancel(terminal: Terminal, run: RunArgument, shown: Shown, reason: ReasonOption = "") -> None:
    """End a run; what devices have begun they finish."""
    _decide(terminal, run, "cancel", shown, {"reason": reason})


@app.command()
@command
def retry(
    terminal: Terminal,
    run: RunArgument,
    shown: Shown,
    unknown: Annotated[bool, typer.Option("--unknown", help="Also where it may have taken effect.")] = False,
    cancelled: Annotated[bool, typer.Option("--cancelled", help="Also those that were called back for good.")] = False,
) -> None:
    """Ask the devices again that failed."""
    _decide(terminal, run, "retry", shown, {"unknown": unknown, "cancelled": cancelled})


def _decide(terminal: Terminal, run: str, decision: str, shown: Shown, body: Document | None = None) -> None:
    with terminal.api() as api:
        _tell(terminal, _asked(api, run, decision, body), shown)


def _asked(api: Api, run: str, decision: str, body: Document | None) -> Document:
    return api.post(f"/runs/{run}/{decision}", body)


def _tell(terminal: Terminal, run: Document, shown: Shown) -> None:
    if shown.as_json:
        terminal.json(run)
        return
    terminal.say(_line(run))
    if run.get("reason"):
        terminal.say(f"  {run['reason']}")
    for wave in run.get("waves") or []:
        terminal.say(f"  {_picture(wave)}")


def _line(run: Document) -> str:
    counts = run.get("counts") or {}
    said = ", ".join(f"{number} {state}" for state, number in counts.items() if number)
    age = units.ago(run.get("started_at"), utc_now())
    since = f", for {age}" if age and run.get("state") == "running" else ""
    waves = len(run.get("waves") or [])
    return f"{run.get('name')} ({run.get('id')}) is {run.get('state')}{since}: wave {run.get('wave')}/{waves}; {said}"


def _picture(wave: Document) -> str:
    """A bar of a wave: done, failed, open."""
    counts, size = wave["counts"], max(1, int(wave["size"]))
    failed = counts["failed"] + counts["expired"] + counts["unknown"] + counts["silent"]
    good = _BARS * counts["succeeded"] // size
    bad = -(-_BARS * failed // size)
    bar = ("█" * good + "✗" * bad).ljust(_BARS, "·")[:_BARS]
    gate = " (waits for resume)" if wave.get("gate") and wave.get("state") == "waiting" else ""
    return f"wave {wave['number']}: {bar} {counts['succeeded']}/{wave['size']} {wave['state']}{gate}"


def read_script(name: str) -> str:
    """The text of a file, or of standard input for a minus. Raises Failure."""
    try:
        return sys.stdin.read() if name == _STANDARD_INPUT else Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise Failure(f"{name} cannot be read: {cause}", USAGE) from cause
