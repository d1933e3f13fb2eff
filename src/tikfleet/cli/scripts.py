"""Scripts and exports on this machine: `check` and `diff`. Both need no server and no sign-in.

What is known of RouterOS is given: this package only asks and prints.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from tikfleet.cli.failures import FAILED, USAGE, Failure
from tikfleet.cli.options import command
from tikfleet.cli.terminal import Terminal

_STANDARD_INPUT: Final = "-"
_MAX_BYTES: Final = 32 << 20
_STYLES: Final = {"error": "red", "warning": "yellow"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark about a script: `severity` is `error` or `warning`."""

    severity: str
    line: int
    column: int
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two exports: lines for people, a document for programs, and the script that goes there."""

    lines: Sequence[str]
    document: Mapping[str, Any]
    script: str
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Offline:
    """What the commands ask. The first two take a version of RouterOS, and raise `ValueError` if it is none."""

    check: Callable[[bytes, str], Sequence[Finding]]
    form: Callable[[bytes, str], tuple[bool, str]]
    compare: Callable[[bytes, bytes], Comparison]
    version: str


@dataclass(frozen=True, slots=True)
class CheckArguments:
    """What `tikfleet check` takes."""

    file: Annotated[str, typer.Argument(help="The script; - is standard input.")]
    version: Annotated[str, typer.Option(help="RouterOS version that is to run it, such as 7.16.2.")] = ""
    il: Annotated[bool, typer.Option("--il", help="Print RouterOS's intermediate form, as `:put [:parse …]`.")] = False
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of text for people.")] = False


@dataclass(frozen=True, slots=True)
class DiffArguments:
    """What `tikfleet diff` takes."""

    old: Annotated[str, typer.Argument(help="The export before; - is standard input.")]
    new: Annotated[str, typer.Argument(help="The export after; - is standard input.")]
    script: Annotated[bool, typer.Option("--script", help="Print the script that turns one into the other.")] = False
    reverse: Annotated[bool, typer.Option("--reverse", help="From the second to the first.")] = False
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of text for people.")] = False


def check_command(known: Callable[[], Offline]) -> Callable[..., None]:
    """The command `check`. What is known of RouterOS is asked for once it is needed."""

    @command
    def check(terminal: Terminal, arguments: CheckArguments) -> None:
        """Check a script before it is sent: what RouterOS would refuse, and what might be regretted.

        Exits with 1 when RouterOS would refuse the script. Warnings change no exit code.
        """
        offline = known()
        source, version = _read(arguments.file), arguments.version or offline.version
        try:
            if arguments.il:
                passed = _print_form(terminal, offline.form(source, version), as_json=arguments.as_json)
            else:
                passed = _print_findings(terminal, offline.check(source, version), arguments, version)
        except ValueError as cause:
            raise Failure(f"{cause}.", USAGE, remedy="Give a version such as 7.16.2.") from cause
        if not passed:
            raise typer.Exit(FAILED)

    return check


def diff_command(known: Callable[[], Offline]) -> Callable[..., None]:
    """The command `diff`. What is known of RouterOS is asked for once it is needed."""

    @command
    def diff(terminal: Terminal, arguments: DiffArguments) -> None:
        """Say what changed between two exports in RouterOS's terms: a rule moved, an address added."""
        if arguments.old == arguments.new == _STANDARD_INPUT:
            raise Failure("Only one of the two can be standard input.", USAGE)
        old, new = _read(arguments.old), _read(arguments.new)
        found = known().compare(new, old) if arguments.reverse else known().compare(old, new)
        if arguments.as_json:
            extra = {"script": found.script, "script_notes": list(found.notes)} if arguments.script else {}
            terminal.json({**found.document, **extra})
        elif arguments.script:
            for note in found.notes:
                terminal.say(f"# {note}")
            terminal.say(found.script.rstrip("\n"))
        else:
            for line in found.lines or ["Nothing differs."]:
                terminal.say(line)

    return diff


def _print_form(terminal: Terminal, form: tuple[bool, str], *, as_json: bool) -> bool:
    accepted, text = form
    if as_json:
        terminal.json({"accepted": accepted, "il" if accepted else "error": text})
    else:
        terminal.say(text)
    return accepted


def _print_findings(terminal: Terminal, findings: Sequence[Finding], arguments: CheckArguments, version: str) -> bool:
    errors = sum(finding.severity == "error" for finding in findings)
    if arguments.as_json:
        remarks = [asdict(finding) for finding in findings]
        terminal.json({"version": version, "ok": not errors, "remarks": remarks})
        return not errors
    for finding in findings:
        place = f"{arguments.file}:{finding.line}:{finding.column}"
        sentence = f"{place}: {finding.severity}: {finding.sentence} [{finding.code}]"
        terminal.say(sentence, _STYLES.get(finding.severity, ""))
    warnings = len(findings) - errors
    terminal.say(f"RouterOS {version}: {_counted(errors, 'error')}, {_counted(warnings, 'warning')}.")
    return not errors


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _read(name: str) -> bytes:
    try:
        if name == _STANDARD_INPUT:
            data = sys.stdin.buffer.read(_MAX_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
    except OSError as cause:
        raise Failure(f"{name} cannot be read: {cause.strerror or cause}.", USAGE) from cause
    if len(data) > _MAX_BYTES:
        raise Failure(f"{name} has more than {_MAX_BYTES >> 20} MiB.", USAGE)
    return data
