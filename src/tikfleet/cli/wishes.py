"""What a run is asked to be, as options of the command line."""

from dataclasses import dataclass, field
from typing import Annotated

import typer

from tikfleet.cli.client import Api, Document
from tikfleet.cli.conditions import Notify
from tikfleet.cli.failures import USAGE, Failure
from tikfleet.cli.jobs import Confirm
from tikfleet.cli.kinds import kind_of, value_of
from tikfleet.cli.options import Words


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be rolled out, and how carefully."""

    name: Annotated[str, typer.Option(help="What people call the run.")]
    kind: Annotated[str, typer.Option(help="A typed kind instead of a script: `tikfleet jobs kinds`.")] = ""
    set_: Annotated[
        Words, typer.Option("--set", "-s", help="NAME=VALUE of a typed kind; texts may hold ${device.name}.")
    ] = field(default_factory=list)
    parameter: Annotated[Words, typer.Option("--parameter", help="NAME=TEXT, for ${NAME} in the script.")] = field(
        default_factory=list
    )
    waves: Annotated[str, typer.Option(help="Devices or shares reached by each wave, such as 1,5%,25%,100%.")] = ""
    pause_s: Annotated[int, typer.Option(help="Seconds to wait after each wave.")] = 0
    gate: Annotated[bool, typer.Option("--gate", help="Wait for `resume` after the first wave.")] = False
    max_failures: Annotated[int, typer.Option(help="Halt when more devices fail; -1 for no limit.")] = -1
    max_failed_percent: Annotated[int, typer.Option(help="Halt when a larger share of the run fails.")] = 10
    max_wave_failures: Annotated[int, typer.Option(help="The same of one wave; -1 for no limit.")] = -1
    max_wave_percent: Annotated[int, typer.Option(help="Halt when a larger share of a wave fails.")] = 20
    silence_s: Annotated[int, typer.Option(help="After so long without an outcome a device counts as failed.")] = 3_600
    timeout_s: Annotated[int, typer.Option(help="How long it may run on a device.")] = 60
    expires_in_s: Annotated[int, typer.Option(help="How long it waits for a device that is away.")] = 604_800
    job_class: Annotated[str, typer.Option("--class", help="once, query or desired-state.")] = ""
    starts_at: Annotated[str, typer.Option(help="Not before, such as 2026-11-23T22:00:00Z.")] = ""
    joins_until: Annotated[str, typer.Option(help="Devices that come to match before then join the last wave.")] = ""
    window: Annotated[str, typer.Option(help="Maintenance window, such as 22:00-05:00.")] = ""
    timezone: Annotated[str, typer.Option(help="Of the window.")] = "UTC"
    description: Annotated[str, typer.Option(help="Why, for those who read it later.")] = ""
    confirm: Confirm = 0
    attempts: Annotated[int, typer.Option(help="Do it again where it fails, so often in all; not of class once.")] = 1
    retry_pause_s: Annotated[int, typer.Option(help="Seconds before it is done again.")] = 60
    backup_first: Annotated[
        bool, typer.Option("--backup-first", help="Export each configuration first; without that it is not done.")
    ] = False
    notify: Notify = ""
    notify_like: Annotated[str, typer.Option(help="Tell the address that this run tells.")] = ""
    approval: Annotated[bool, typer.Option("--approval", help="A second person has to approve it.")] = False
    draft: Annotated[bool, typer.Option("--draft", help="Keep it, to be planned later with `runs plan`.")] = False
    unchecked: Annotated[bool, typer.Option("--unchecked", help="Even where RouterOS would refuse it.")] = False

    def body(self, api: Api, script: str) -> Document:
        """The request without its devices; `script` is empty with a typed kind. Raises Failure."""
        limits: Document = {"percent": self.max_failed_percent, "wave_percent": self.max_wave_percent}
        limits |= {"failures": self.max_failures} if self.max_failures >= 0 else {}
        limits |= {"wave_failures": self.max_wave_failures} if self.max_wave_failures >= 0 else {}
        body: Document = {"name": self.name, "silence_s": self.silence_s, "limits": limits}
        body |= {"timeout_s": self.timeout_s, "expires_in_s": self.expires_in_s} | self._change(api, script)
        body |= {"waves": self._waves()} if self.waves else {}
        for key, value in (
            ("job_class", self.job_class), ("starts_at", self.starts_at), ("draft", self.draft),
            ("joins_until", self.joins_until), ("description", self.description),
            ("needs_approval", self.approval), ("unchecked", self.unchecked), ("notify_url", self.notify),
            ("notify_like", self.notify_like),
            ("confirm", {"within_s": self.confirm} if self.confirm else None), ("backup_first", self.backup_first),
            ("retry", {"attempts": self.attempts, "pause_s": self.retry_pause_s} if self.attempts > 1 else None),
        ):  # fmt: skip
            body |= {key: value} if value else {}
        if self.window:
            start, _, end = self.window.partition("-")
            body["window"] = {"start": start.strip(), "end": end.strip(), "timezone": self.timezone}
        return body

    def _change(self, api: Api, script: str) -> Document:
        if not self.kind:
            return {"script": script, "parameters": [_parameter(text) for text in self.parameter]}
        kind = kind_of(api, self.kind)
        values = [dict(zip(("name", "value"), value_of(kind, text), strict=True)) for text in self.set_]
        return {"kind": self.kind, "parameters": values}

    def _waves(self) -> list[Document]:
        waves = [_wave(word.strip()) | {"pause_s": self.pause_s} for word in self.waves.split(",")]
        if self.gate and len(waves) > 1:
            waves[1]["gate"] = True
        return waves


def _parameter(text: str) -> Document:
    name, equals, value = text.partition("=")
    if not equals:
        raise Failure(f"{text!r} is not NAME=TEXT", USAGE)
    return {"name": name, "value": value}


def _wave(word: str) -> Document:
    number = word.removesuffix("%")
    if not number.isdecimal():
        raise Failure(f"{word!r} is no wave", USAGE, remedy="Give numbers or shares, such as 1,5%,25%,100%.")
    return {"percent" if word.endswith("%") else "count": int(number)}
