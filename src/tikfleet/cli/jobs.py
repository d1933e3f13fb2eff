"""Jobs: ask something of devices, follow what comes of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Final

import typer

from tikfleet.cli import names
from tikfleet.cli.client import Api, Document
from tikfleet.cli.conditions import Conditions
from tikfleet.cli.failures import FAILED, UNAVAILABLE, USAGE, Failure
from tikfleet.cli.listing import show_collection
from tikfleet.cli.options import Filters, Listed, Shown, Words, command
from tikfleet.cli.remarks import explained, warn_of
from tikfleet.cli.terminal import Columns, Terminal, plain

ScriptArgument = Annotated[str, typer.Argument(help="RouterOS script, such as '/system identity print'.")]
JobArgument = Annotated[str, typer.Argument(help="Id of a job.")]
Confirm = Annotated[
    int, typer.Option(help="Seconds, 60 to 3600: a device undoes it unless it reaches Tikfleet again so soon.")
]
JobArguments = Annotated[Words, typer.Argument(help="Ids of jobs.")]

ENDED: Final = frozenset(
    {"succeeded", "failed", "timed_out", "rejected", "cancelled", "expired", "unknown", "rolled_back"}
)
_POLL_S: Final = 1.0
_SLOWEST_POLL_S: Final = 5.0
_MOST_FAILURES: Final = 20
_COLUMNS: Final[Columns] = {
    "CREATED": plain("created_at"),
    "DEVICE": plain("device_name"),
    "KIND": plain("kind"),
    "STATUS": plain("status"),
    "BY": plain("created_by.name"),
    "DESCRIPTION": plain("description"),
    "ERROR": plain("error"),
    "ID": plain("id"),
}

app = typer.Typer(no_args_is_help=True, help="What has been asked of devices.")


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked, and how."""

    kind: Annotated[str, typer.Option(help="script, reboot, identity or export.")] = "script"
    name: Annotated[str, typer.Option(help="The new name, for --kind identity.")] = ""
    job_class: Annotated[str, typer.Option("--class", help="once, query or desired-state; each kind has its own.")] = ""
    description: Annotated[str, typer.Option(help="Why, for those who read it later.")] = ""
    timeout_s: Annotated[int, typer.Option(help="How long it may run on a device.")] = 60
    expires_in_s: Annotated[int, typer.Option(help="How long it waits for a device that is away.")] = 86_400
    confirm: Confirm = 0
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Send the script even if RouterOS would refuse it by our check.")
    ] = False

    def body(self, script: str) -> Document:
        """The request without its devices."""
        body: Document = {"kind": self.kind, "timeout_s": self.timeout_s, "expires_in_s": self.expires_in_s}
        body |= {"script": script} if self.kind == "script" else {}
        body |= {"confirm": {"within_s": self.confirm}} if self.confirm else {}
        body |= {"unchecked": True} if self.unchecked else {}
        body |= {"parameters": {"name": self.name}} if self.name else {}
        body |= {"job_class": self.job_class} if self.job_class else {}
        return body | ({"description": self.description} if self.description else {})


@dataclass(frozen=True, slots=True)
class Target(Filters):
    """Which devices: named ones, those that match filters, or all."""

    device: Annotated[Words, typer.Option("--device", "-d", help="Id, name, identity or serial.")] = field(
        default_factory=list
    )
    everything: Annotated[bool, typer.Option("--all", help="Every device of the organisation.")] = False

    def body(self, api: Api) -> Document:
        """`device_ids` or `selection`. Raises Failure when nothing, or both, was named."""
        filters = Filters(**{name: getattr(self, name) for name in Filters.__slots__})
        if bool(self.device) + (not filters.is_empty) + self.everything != 1:
            raise Failure(
                "say which devices",
                USAGE,
                remedy="Give --device, or filters such as --tag, or --all: one of the three.",
            )
        if self.device:
            return {"device_ids": list(dict.fromkeys(names.device_id(api, text) for text in self.device))}
        return {"selection": names.selection(api, filters)}


@dataclass(frozen=True, slots=True)
class Following:
    """Whether to stay until the end."""

    wait: Annotated[bool, typer.Option("--wait", help="Follow to the end; exit code 1 unless all succeeded.")] = False
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before a reboot.")] = False


@command
def run(
    terminal: Terminal,
    target: Target,
    ask: Ask,
    conditions: Conditions,
    following: Following,
    shown: Shown,
    script: ScriptArgument = "",
) -> None:
    """Run a script on devices, or ask one of the typed kinds of them."""
    if (ask.kind == "script") != bool(script):
        raise Failure("a script is given for the kind script, and only for it", USAGE)
    with terminal.api() as api:
        body = ask.body(script) | conditions.body() | target.body(api)
        if ask.kind == "reboot" and not following.yes:
            typer.confirm("Reboot these devices?", abort=True, err=True)
        try:
            batch = api.post("/jobs", body)
        except Failure as failure:
            raise explained(failure, script) from failure
        follow(terminal, api, batch, following, shown)


def follow(terminal: Terminal, api: Api, batch: Document, following: Following, shown: Shown) -> None:
    """Say what was made, and stay until the end where that was asked for. Raises Failure unless all succeeded."""
    warn_of(terminal, batch)
    if not following.wait:
        _tell(terminal, batch, shown)
        return
    ended = _to_the_end(terminal, api, batch, quiet=shown.as_json)
    if shown.as_json:
        terminal.json({"batch_id": batch["batch_id"], "count": batch["count"], "items": ended})
    bad = sum(job["status"] != "succeeded" for job in ended)
    if bad:
        raise Failure(f"{bad} of {len(ended)} jobs did not succeed", FAILED)


@app.command("list")
@command
def list_jobs(
    terminal: Terminal,
    listed: Listed,
    device: Annotated[str, typer.Option(help="Only jobs of this device.")] = "",
    status: Annotated[Words, typer.Option(help="Only jobs in this state.")] = [],  # noqa: B006
    batch: Annotated[str, typer.Option(help="Only jobs of this batch.")] = "",
) -> None:
    """Jobs, newest first."""
    with terminal.api() as api:
        query = {"device_id": names.device_id(api, device) if device else None, "status": status, "batch_id": batch}
        show_collection(terminal, api, "/jobs", query, listed, _COLUMNS, "Nothing has been asked yet.")


@app.command()
@command
def show(terminal: Terminal, job: JobArgument, shown: Shown) -> None:
    """One job with its history."""
    with terminal.api() as api:
        found = api.get(f"/jobs/{job}", {"fields": shown.fields})
    if shown.as_json or shown.fields:
        terminal.json(found)
        return
    known = ("id", "device_name", "kind", "job_class", "status", "error", "description", "script", "expires_at")
    terminal.facts([(name, found.get(name)) for name in known])
    if confirm := found.get("confirm"):
        terminal.facts([("confirm", f"{confirm.get('state')}, within {confirm.get('within_s')} s")])
    for entry in found.get("history") or []:
        terminal.say(f"{entry.get('at')}  {entry.get('status')}  {entry.get('note') or ''}")
    _print_output(terminal, found)


@app.command()
@command
def output(
    terminal: Terminal,
    job: JobArgument,
    raw: Annotated[bool, typer.Option("--raw", help="As it came, control characters and all.")] = False,
) -> None:
    """What a device sent back."""
    with terminal.api() as api:
        text = api.text(f"/jobs/{job}/output")
    if raw:
        terminal.raw(text)
    else:
        terminal.say(text.replace("\r\n", "\n").rstrip("\n"))


@app.command()
@command
def cancel(terminal: Terminal, jobs: JobArguments) -> None:
    """Call jobs back that no device has begun."""
    with terminal.api() as api:
        for job in jobs:
            found = api.post(f"/jobs/{job}/cancel")
            terminal.say(f"{job} is {found.get('status')}.")


def _tell(terminal: Terminal, batch: Document, shown: Shown) -> None:
    if shown.as_json:
        terminal.json(batch)
        return
    terminal.say(f"Batch {batch['batch_id']}: {batch['count']} jobs.")
    terminal.say(f"Follow it with `tikfleet jobs list --batch {batch['batch_id']}`.")


def _to_the_end(terminal: Terminal, api: Api, batch: Document, *, quiet: bool) -> list[Document]:
    """Wait until every job has ended; each is printed as it ends."""
    ended: dict[str, Document] = {}
    wait_s, failures = _POLL_S, 0
    while True:
        try:
            fresh = [job for job in _ended_jobs(api, str(batch["batch_id"])) if job["id"] not in ended]
            failures = 0
        except Failure as failure:
            # The jobs go on without us: a server that restarts is waited for.
            failures += 1
            if failure.exit_code != UNAVAILABLE or failures > _MOST_FAILURES:
                raise
            fresh = []
        for job in fresh:
            ended[str(job["id"])] = job
            if not quiet:
                terminal.say(f"{job.get('device_name')}: {job['status']}", _style(job))
                _print_output(terminal, job)
        if len(ended) >= int(batch["count"]):
            return list(ended.values())
        wait_s = _POLL_S if fresh else min(_SLOWEST_POLL_S, wait_s * 1.3)
        terminal.sleep(wait_s)


def _ended_jobs(api: Api, batch_id: str) -> Iterator[Document]:
    return api.pages("/jobs", {"batch_id": batch_id, "status": sorted(ENDED)}, 0)


def _print_output(terminal: Terminal, job: Document) -> None:
    if job.get("error"):
        terminal.say(f"  {job['error']}", "red")
    text = str(job.get("output") or "").replace("\r\n", "\n").rstrip("\n")
    if text:
        terminal.say("\n".join(f"  {line}" for line in text.split("\n")))
    if int(job.get("output_bytes") or 0) > len(text.encode()) + 1024:
        terminal.warn(f"  There is more: `tikfleet jobs output {job['id']}`.")


def _style(job: Document) -> str:
    return "green" if job["status"] == "succeeded" else "red"
